"""DAG releases: what `pulumi up` publishes, and who else may."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from components.dag_bucket import DagBucket
from plan import Asset, Deployment, deploy, plan_stack
from plan.config import load_config
from plan.program import CHECKOUT
from releases.publication import publication
from settings import BucketsSettings, Dags
from tests.program.components.test_buckets import OBJECT, SITE
from tests.program.judges.iam import Decision, Request, evaluate

COMMAND = {"publisher": "command", "githubRepository": "my-company/my-dags"}
GITHUB = "token.actions.githubusercontent.com"
NAME = "alisio-prod-dags-publisher"


def published(folder: Path) -> Deployment:
    """A DagBucket that publishes this folder as a release."""

    release = publication(folder, bundle="release", publisher="pulumi", cache=folder.parent / "cache")

    def program() -> None:
        DagBucket("alisio-test-dags", BucketsSettings(), SITE, dags=Dags(), publication=release)

    return deploy(program, project="alisio", stack="test")


def dags(folder: Path, number: int) -> Path:
    folder.mkdir(exist_ok=True)
    for index in range(number):
        (folder / f"dag_{index}.py").write_text(f"# {index}")
    return folder


@pytest.fixture(scope="module")
def delegated() -> Deployment:
    """prod, published by jobs of a repository."""
    airflow: dict[str, Any] = json.loads(load_config(CHECKOUT, "prod").values["alisio:airflow"])
    return plan_stack("prod", config_overrides={"airflow": {**airflow, "dags": COMMAND}})


@pytest.mark.parametrize("number", [1, 50])
def test_a_release_is_two_objects(tmp_path: Path, number: int) -> None:
    """However many files: an archive that is named by its hash, and the pointer that names it and each of them."""
    archive, pointer = published(dags(tmp_path / "dags", number)).of_type(OBJECT)
    document = json.loads(str(pointer.inputs["content"]))
    assert archive.inputs["key"] == f"releases/{document['release']}.tar"
    assert isinstance(archive.inputs["source"], Asset)
    assert (pointer.inputs["key"], document["publishedBy"]) == ("current.json", "pulumi")
    assert document["files"] == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / "dags").iterdir()
    }
    assert archive.urn in pointer.dependencies


def test_the_same_files_are_the_same_release(tmp_path: Path) -> None:
    """Nothing changes in the plan while no file does: no clock, no commit, no order of creation is in it."""
    one, other = (published(dags(tmp_path / name, 3)).of_type(OBJECT) for name in ("one", "other"))
    assert [each.inputs["key"] for each in one] == [each.inputs["key"] for each in other]
    assert one[1].inputs["content"] == other[1].inputs["content"]


def test_a_replaced_release_stays_in_the_bucket(prod: Deployment) -> None:
    """A run may still need the archive that Pulumi has replaced."""
    assert [each.retain_on_delete for each in prod.of_type(OBJECT)] == [True, True]


def test_pulumi_keeps_its_hands_off_what_the_command_publishes(delegated: Deployment) -> None:
    """With `publisher: command` the program registers no object: the two ways never fight over the pointer."""
    assert delegated.of_type(OBJECT) == ()


def test_nobody_else_gets_a_way_in(prod: Deployment) -> None:
    """A stack that names no repository has no role for one, and trusts no identity provider."""
    assert [each.name for each in prod.of_type("aws:iam/role:Role") if "publisher" in each.name] == []
    assert "dagPublisherRole" not in prod.outputs


def test_that_repository_and_environment_alone_take_the_role(delegated: Deployment) -> None:
    """GitHub must vouch for exactly that repository and environment."""
    role = delegated.one("aws:iam/role:Role", NAME)
    (statement,) = json.loads(str(role.inputs["assumeRolePolicy"]))["Statement"]
    assert statement["Principal"] == {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}"}
    assert statement["Condition"] == {
        "StringEquals": {
            f"{GITHUB}:aud": "sts.amazonaws.com",
            f"{GITHUB}:sub": "repo:my-company/my-dags:environment:production",
        }
    }
    assert delegated.outputs["dagPublisherRole"] == role.outputs["arn"]


def test_a_repository_with_ids_is_trusted_by_both_forms_of_its_name() -> None:
    """GitHub vouches by names for old repositories and by names with ids for new ones; no wildcard stands for an id."""
    airflow: dict[str, Any] = json.loads(load_config(CHECKOUT, "prod").values["alisio:airflow"])
    repository = "my-company@123456/my-dags@456789"
    dags = {"publisher": "command", "githubRepository": repository, "githubEnvironment": "live"}
    stack = plan_stack("prod", config_overrides={"airflow": {**airflow, "dags": dags}})
    (statement,) = json.loads(str(stack.one("aws:iam/role:Role", NAME).inputs["assumeRolePolicy"]))["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {
            f"{GITHUB}:aud": "sts.amazonaws.com",
            f"{GITHUB}:sub": ["repo:my-company/my-dags:environment:live", f"repo:{repository}:environment:live"],
        }
    }
    assert [each for each in stack.warnings if "githubRepository" in each] == []


def test_a_repository_without_ids_is_warned_of(delegated: Deployment) -> None:
    """Nobody finds out in a job that GitHub puts ids into the tokens of a repository that is new, renamed or moved."""
    (warning,) = (each for each in delegated.warnings if "githubRepository" in each)
    assert warning.startswith("alisio:airflow.dags.githubRepository: without ids")
    assert "gh api repos/my-company/my-dags" in warning


@pytest.mark.parametrize(
    ("action", "key", "may"),
    [
        ("s3:PutObject", "current.json", True),
        ("s3:PutObject", "releases/abc.tar", True),
        ("s3:GetObjectVersion", "current.json", True),
        ("s3:PutObject", "dags/evil.py", False),
        ("s3:DeleteObject", "releases/abc.tar", False),
        ("s3:DeleteObject", "current.json", False),
    ],
)
def test_a_publisher_publishes_and_deletes_nothing(delegated: Deployment, action: str, key: str, *, may: bool) -> None:
    """The role writes the pointer and archives, which the bucket's policy lets in, and can take nothing away."""
    bucket = delegated.one("aws:s3/bucket:Bucket", "alisio-prod-dags").outputs["arn"]
    arn = str(delegated.one("aws:iam/role:Role", NAME).outputs["arn"])
    identity = delegated.one("aws:iam/rolePolicy:RolePolicy", NAME).inputs["policy"]
    resource = delegated.one("aws:s3/bucketPolicy:BucketPolicy", "alisio-prod-dags").inputs["policy"]
    context = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3", "aws:PrincipalArn": arn}
    decision = evaluate(
        Request(action=action, resource=f"{bucket}/{key}", principal=arn, context=context),
        identity_policies=[json.loads(str(identity))],
        resource_policy=json.loads(str(resource)),
    )
    assert (decision is Decision.ALLOWED) is may
