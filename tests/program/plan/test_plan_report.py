from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from small_programs import Passthrough, Vault, run
from small_project import write_project

from plan import PlanError, plan_stack
from plan.report import report, to_json
from plan.values import values_yaml


def test_the_report_has_the_agreed_form(project: Path) -> None:
    """Who reads the JSON finds these keys, and no secret, in every resource."""
    told = json.loads(to_json(plan_stack("dev", project_dir=project)))
    database = next(each for each in told["resources"] if each["type"] == "aws:rds/instance:Instance")

    assert set(told) == {"stack", "resources", "outputs", "monitoring"}
    assert database == {
        "urn": "urn:pulumi:dev::small::small:aws:DataStore$aws:rds/instance:Instance::store-database",
        "type": "aws:rds/instance:Instance",
        "name": "store-database",
        "parent": "urn:pulumi:dev::small::small:aws:DataStore::store",
        "custom": True,
        "protect": True,
        "dependencies": [
            "urn:pulumi:dev::small::small:aws:DataStore$random:index/randomPassword:RandomPassword::store-password"
        ],
        "inputs": {
            "engine": "postgres",
            "engineVersion": "17",
            "instanceClass": "db.t4g.micro",
            "multiAz": True,
            "password": "[secret]",
        },
        "secretInputs": ["password"],
    }
    assert told["outputs"] == {"cwd": "checkout", "password": "[secret]", "url": "https://example.com"}
    assert told["monitoring"] == ""


def test_the_same_program_gives_the_same_bytes_wherever_it_lies(tmp_path: Path) -> None:
    """Two checkouts of one commit have one plan: it can be compared between machines."""
    texts: list[str] = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        texts.append(to_json(plan_stack("dev", project_dir=write_project(tmp_path / folder / "checkout"))))
        sys.modules.pop("small_part", None)

    assert texts[0] == texts[1]
    assert str(tmp_path) not in texts[0]


def test_files_are_told_by_path_and_content(project: Path) -> None:
    """A changed file is a changed plan."""

    def page() -> dict[str, Any]:
        resources = report(plan_stack("dev", project_dir=project))["resources"]
        return next(each["inputs"]["source"] for each in resources if each["name"] == "web-page")

    before = page()
    (project / "page.html").write_text("other")

    assert before == {"asset": "file", "path": "page.html", "sha256": hashlib.sha256(b"<p>hello</p>").hexdigest()}
    assert page()["sha256"] == hashlib.sha256(b"other").hexdigest()


def test_every_kind_of_value_can_be_told() -> None:
    """Texts, URLs, bundles, references, unknowns and secrets are all plain JSON."""

    def program() -> None:
        vault = Vault("v")
        Passthrough(
            "p",
            {
                "text": pulumi.StringAsset("hello"),
                "url": pulumi.RemoteAsset("https://example.com/a"),
                "bundle": pulumi.AssetArchive({"a": pulumi.StringAsset("x")}),
                "gone": pulumi.FileArchive("gone"),
                "resource": vault,
                "secret": vault.password,
                "unknown": vault.inner.id,
            },
        )

    told = report(run(program, preview=True))["resources"][-1]["inputs"]

    assert told == {
        "bundle": {"archive": "assets", "assets": {"a": {"asset": "text", "text": "x"}}},
        "gone": {"archive": "file", "path": "gone"},
        "resource": {"resource": "urn:pulumi:dev::small::test:index:Vault::v"},
        "secret": "[secret]",
        "text": {"asset": "text", "text": "hello"},
        "unknown": "[unknown]",
        "url": {"asset": "remote", "uri": "https://example.com/a"},
    }


def test_helm_values_are_those_of_the_release(project: Path) -> None:
    """The YAML can be given to `helm template --values`; texts of several lines stay readable."""
    done = plan_stack(
        "dev", project_dir=project, config_overrides={"values": {"same": {"a": [1]}, "again": {"a": [1]}}}
    )
    text = values_yaml(done)

    assert yaml.safe_load(text) == done.one("kubernetes:helm.sh/v3:Release").inputs["values"]
    assert "script: |\n  one\n  two\n" in text
    with pytest.raises(PlanError, match="stack 'dev' has no Helm release named 'keda'; releases: airflow"):
        values_yaml(done, "keda")
