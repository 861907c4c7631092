"""The schema of the settings says to editors what the program says to people."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from settings.schema import PROJECT_FILE, SCHEMA_FILE, project_file, stack_file_schema
from settings.stack_file import read_yaml, stacks_of
from tests.program.settings.case import IN_SCHEMA, Case, config
from tests.program.settings.cases import CASES
from tests.program.settings.walk import AWS, LEAVES, OWN, Setting, model_in

CHECKOUT = Path(__file__).parents[3]
SCHEMA: dict[str, Any] = json.loads((CHECKOUT / SCHEMA_FILE).read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
LEVELS = tuple(setting for setting in OWN if model_in(setting.field.annotation))


def refusals_of_file(file: dict[str, Any]) -> list[str]:
    """What the schema says of a stack file."""
    return [error.message for error in VALIDATOR.iter_errors(file)]  # pyright: ignore[reportUnknownMemberType]


def refusals(settings: dict[str, Any]) -> list[str]:
    """What the schema says of a stack file with this configuration."""
    return refusals_of_file({"config": settings})


def test_the_schema_is_a_schema() -> None:
    """An editor can load it."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_is_what_the_models_make() -> None:
    """Nobody has to remember it."""
    assert (CHECKOUT / SCHEMA_FILE).read_text() == stack_file_schema(), "run make schema"


def test_the_keys_in_the_project_file_are_what_the_models_make() -> None:
    """`pulumi config` knows each key, its type and its description."""
    text = (CHECKOUT / PROJECT_FILE).read_text()
    assert text == project_file(text), "run make schema"


def test_the_project_file_makes_no_key_required_but_those_that_are() -> None:
    """The CLI demands each key without a default of every stack."""
    keys = read_yaml(CHECKOUT / PROJECT_FILE)["config"]
    assert [key for key, declared in keys.items() if "default" not in declared] == ["deployer"]


@pytest.mark.parametrize("stack", stacks_of(CHECKOUT))
def test_every_shipped_stack_fits_the_schema(stack: str) -> None:
    """An editor underlines nothing in them."""
    assert refusals_of_file(read_yaml(CHECKOUT / f"Pulumi.{stack}.yaml")) == []


def test_what_pulumi_and_the_provider_add_to_a_stack_file_fits_the_schema() -> None:
    """Encryption keys, other providers' settings and further settings of the AWS provider are none of ours."""
    file = {"secretsprovider": "awskms://x", "encryptedkey": "x", "config": config("aws:profile: x\nkubernetes:y: 1")}
    assert refusals_of_file(file) == []


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: str(level.path))
def test_the_schema_refuses_an_unknown_key_at_every_level(level: Setting) -> None:
    """A misspelt key is underlined where it is written, however deep."""
    inside = Setting(
        keys=(*level.keys, "zebra"),
        field=level.field,
        many=(*level.many, level.path) if "tuple" in str(level.field.annotation) else level.many,
    )
    assert any("zebra" in message for message in refusals(config(yaml.safe_dump(inside.with_value(1)))))


def test_the_schema_refuses_an_unknown_key_at_the_top() -> None:
    """So is a component's name."""
    assert any("cahce" in message for message in refusals(config("cahce: {}")))


@pytest.mark.parametrize("case", [case for case in CASES if case.kind in IN_SCHEMA], ids=lambda case: str(case.name))
def test_the_schema_refuses_what_the_models_refuse_as_far_as_it_can(case: Case) -> None:
    """Unknown and missing keys, types, choices, ranges and patterns are wrong in the editor already."""
    assert refusals(config(case.settings))


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.kind not in IN_SCHEMA], ids=lambda case: str(case.name)
)
def test_the_table_says_of_no_case_that_the_schema_could_not_refuse_it_when_it_does(case: Case) -> None:
    """What is left to the program is what a JSON schema has no words for."""
    assert refusals(config(case.settings)) == []


@pytest.mark.parametrize("setting", [*OWN, *AWS], ids=lambda setting: str(setting.path))
def test_an_editor_shows_what_each_setting_is(setting: Setting) -> None:
    """The description of a field reaches the schema as one line."""
    described = _node(setting).get("description", "")
    assert described == " ".join((setting.field.description or "").split())
    assert re.fullmatch(r"\S.*\.", described)


def test_every_default_in_the_schema_is_the_models() -> None:
    """An editor offers what the program does."""
    for setting in LEAVES:
        if not setting.field.is_required():
            default = json.loads(json.dumps(setting.field.get_default()))
            assert _node(setting)["default"] == default, setting.path


def _node(setting: Setting) -> dict[str, Any]:
    """The place of a setting in the schema."""
    space = "aws" if setting in AWS else "alisio"
    node: dict[str, Any] = SCHEMA["properties"]["config"]["properties"][f"{space}:{setting.keys[0]}"]
    for key in setting.keys[1:]:
        node = _model(node)["properties"][key]
    return node


def _model(node: dict[str, Any]) -> dict[str, Any]:
    for inner in (node, node.get("items", {}), *node.get("anyOf", [])):
        if "$ref" in inner:
            return SCHEMA["$defs"][inner["$ref"].rpartition("/")[2]]
    return node
