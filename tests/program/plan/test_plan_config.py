from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plan.config import load_config
from refused import Refused

PROJECT = """
name: small
runtime: python
config:
  size:
    type: integer
    default: 3
    description: How large.
  shared: everywhere
  aws:region:
    value: eu-west-1
"""


def _project(folder: Path, stack: str = "config: {}", *, project: str = PROJECT) -> Path:
    (folder / "Pulumi.yaml").write_text(project, encoding="utf-8")
    (folder / "Pulumi.dev.yaml").write_text(stack, encoding="utf-8")
    return folder


def test_values_are_what_the_engine_gives(tmp_path: Path) -> None:
    """Keys without a namespace belong to the project; a text stays as it is, and everything else is JSON."""
    stack = """
    config:
      aws:region: us-east-1
      aws:allowedAccountIds: ["111122223333"]
      text: hello
      number: 5
      flag: true
      small:tree: {a: [1, {b: no}], date: 2024-01-01}
    """

    values = load_config(_project(tmp_path, stack), "dev").values

    assert values == {
        "aws:region": "us-east-1",
        "aws:allowedAccountIds": '["111122223333"]',
        "small:text": "hello",
        "small:number": "5",
        "small:flag": "true",
        "small:tree": '{"a": [1, {"b": "no"}], "date": "2024-01-01 00:00:00 +0000 UTC"}',
        "small:size": "3",
        "small:shared": "everywhere",
    }


def test_the_stack_goes_before_the_project(tmp_path: Path) -> None:
    """A default of the project holds where the stack says nothing."""
    project = _project(tmp_path, "config: {small:size: 9}")

    assert load_config(project, "dev").values == {
        "small:size": "9",
        "small:shared": "everywhere",
        "aws:region": "eu-west-1",
    }


def test_an_override_replaces_a_key_or_removes_it(tmp_path: Path) -> None:
    """A test can plan a stack with one setting changed, or without one that it has."""
    project = _project(tmp_path, "config: {small:a: 1, small:b: {x: 1}}")

    values = load_config(project, "dev", {"a": None, "b": {"y": 2}, "aws:region": "us-west-2"}).values

    assert "small:a" not in values
    assert json.loads(values["small:b"]) == {"y": 2}
    assert values["aws:region"] == "us-west-2"


def test_an_encrypted_value_becomes_a_sentinel(tmp_path: Path) -> None:
    """Nobody but the stack can decrypt it, so a secret of our own stands in, wherever in the value it lies."""
    stack = """
    config:
      small:password: {secure: v1:abc:def}
      small:tree: {open: 1, list: [{token: {secure: v1:x}}]}
      small:open: {secure: v1:x, and: more}
    """

    config = load_config(_project(tmp_path, stack), "dev")
    token = json.loads(config.values["small:tree"])["list"][0]["token"]

    assert config.secret_keys == {"small:password", "small:tree"}
    assert config.values["small:password"] != token
    assert {config.values["small:password"], token} <= config.sentinels.known
    assert "v1:" not in config.values["small:password"] + config.values["small:tree"]


def test_an_unknown_stack_is_told_which_there_are(tmp_path: Path) -> None:
    """A typing mistake costs a glance, not a search."""
    project = _project(tmp_path)
    (project / "Pulumi.prod.yaml").touch()

    with pytest.raises(Refused) as caught:
        load_config(project, "production")

    assert str(caught.value) == "no stack 'production'; stacks: dev, prod"


def test_a_project_without_stacks_says_so(tmp_path: Path) -> None:
    """The message names the file that is missing."""
    (tmp_path / "Pulumi.yaml").write_text("name: small")

    with pytest.raises(Refused, match=r"no stack 'dev'; stacks: none, there is no Pulumi\.<stack>\.yaml in "):
        load_config(tmp_path, "dev")
    with pytest.raises(Refused, match=r"no Pulumi\.yaml in "):
        load_config(tmp_path / "elsewhere", "dev")


def test_stack_files_may_lie_in_a_folder(tmp_path: Path) -> None:
    """`stackConfigDir` of the project says where."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.dev.yaml").write_text("config: {small:a: 1}")
    (tmp_path / "Pulumi.yaml").write_text("{name: small, stackConfigDir: stacks}")

    assert load_config(tmp_path, "dev").values == {"small:a": "1"}


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        ("config: [", "Pulumi.dev.yaml, line 2: this is not valid YAML: "),
        ("config: 7", "Pulumi.dev.yaml: expected keys with values, found 7"),
        ("[a]", "Pulumi.dev.yaml: expected keys with values, found ['a']"),
        (
            "config: {}",
            "stack 'dev' is missing configuration: 'small:need', 'small:want'; Pulumi.yaml gives no default",
        ),
        ("config: {need: x, want: [1, b]}", "stack 'dev': configuration key 'small:want' must be of type 'array'"),
        ("config: {need: {a: 1}, want: []}", "stack 'dev': configuration key 'small:need' must be of type 'string'"),
        ("config: {need: x, want: [], hide: x}", "configuration key 'small:hide' must be encrypted as it is secret"),
    ],
)
def test_what_the_cli_refuses_is_refused(tmp_path: Path, stack: str, message: str) -> None:
    """A stack that `pulumi preview` would not start is not a plan either; the message names file, key and type."""
    project = """
    name: small
    config:
      need: {type: string}
      want: {type: array, items: {type: integer}}
      hide: {type: string, secret: true, default: nothing}
    """
    if "hide" not in stack:
        project = project.replace("hide: {type: string, secret: true, default: nothing}", "")

    with pytest.raises(Refused) as caught:
        load_config(_project(tmp_path, stack, project=project), "dev")

    assert message in str(caught.value)


GOOD_AND_BAD: dict[str, tuple[list[Any], list[Any]]] = {
    "integer": ([3, "3", -1], ["x", 1.5, True, [1]]),
    "boolean": ([True, "false"], ["yes", 1, []]),
    "string": (["x", 3, True], [[1], {"a": 1}]),
    "object": ([{}, {"a": 1}], ["x", []]),
    "array": ([[], [1, "x"]], ["x", {}]),
}


@pytest.mark.parametrize("kind", GOOD_AND_BAD)
def test_types_are_checked_as_the_cli_does(tmp_path: Path, kind: str) -> None:
    """The types of Pulumi.yaml are those of the CLI, which takes a number in quotes for a number."""
    project = _project(tmp_path, project=f"{{name: small, config: {{key: {{type: {kind}}}}}}}")

    good, bad = GOOD_AND_BAD[kind]
    for value in good:
        load_config(project, "dev", {"key": value})
    for value in bad:
        with pytest.raises(Refused, match=f"'small:key' must be of type '{kind}'"):
            load_config(project, "dev", {"key": value})
