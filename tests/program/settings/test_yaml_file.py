"""YAML as it is read here. A test of the real CLI asks it about the same table."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from plan.program import CHECKOUT
from settings.yaml_file import YamlError, read_yaml_file, read_yaml_text
from tests.yamls import READ, REFUSED, STRICTER, stack_file

READER = Path("settings/yaml_file.py")
HELM = Path("chart/pods.py")
"""It reads a text that the chart puts into its manifests, as Kubernetes reads it."""


def inside(text: str) -> object:
    return read_yaml_text(stack_file(text), "Pulumi.dev.yaml")["config"]["alisio:key"]["inside"]


@pytest.mark.parametrize("text", READ)
def test_what_the_cli_reads_is_read(text: str) -> None:
    """Nothing that the CLI reads as it was meant is refused, and all of it is what JSON has."""
    assert json.loads(json.dumps(inside(text))) == inside(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("off", "off"),
        ("1:04", "1:04"),
        ("0100", 64),
        ("052812345678", 52812345678),
        ("1e3", 1000),
        ("1.50", 1.5),
        ("2026-01-31", "2026-01-31 00:00:00 +0000 UTC"),
        ("{base: &b {a: 1, b: 2}, more: {b: 3, <<: *b}}", {"base": {"a": 1, "b": 2}, "more": {"a": 1, "b": 3}}),
    ],
)
def test_values_are_what_they_are_for_the_cli(text: str, value: object) -> None:
    """Neither YAML 1.1 nor 1.2: the rules of the parser that `pulumi up` uses."""
    assert inside(text) == value


@pytest.mark.parametrize("text", [*REFUSED, *STRICTER])
def test_what_cannot_be_read_is_one_line_with_file_and_line(text: str) -> None:
    """Somebody who made a slip finds the place, and no traceback."""
    with pytest.raises(YamlError, match=r"^Pulumi\.dev\.yaml, line \d+: [^\n]+$"):
        inside(text)


def test_a_key_that_is_there_twice_is_refused_with_both_lines() -> None:
    """A file whose second `alisio:cache` would silently win is not read."""
    with pytest.raises(YamlError) as caught:
        read_yaml_text("config:\n  a: 1\n  b: 2\n  a: 3\n", "Pulumi.dev.yaml")
    assert str(caught.value) == "Pulumi.dev.yaml, line 4: the key a is there twice, first in line 2"


def test_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    """Latin-1 is not guessed; a byte order mark is no part of the first key."""
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_bytes("config:\n  a: ção\n".encode("latin-1"))
    with pytest.raises(YamlError, match=r"^Pulumi\.dev\.yaml, line 2: this is not UTF-8"):
        read_yaml_file(file)
    file.write_bytes("config:\n  a: ção\n".encode("utf-8-sig"))
    assert read_yaml_file(file) == {"config": {"a": "ção"}}


def test_there_is_one_reader() -> None:
    """No other file of the program, the plan, the scripts or the local platform loads YAML."""
    loading = {
        path.relative_to(CHECKOUT)
        for folder in (
            "settings",
            "plan",
            "scripts",
            "local",
            "chart",
            "components",
            "health",
            "releases",
            "bench",
            "tests",
        )
        for path in (CHECKOUT / folder).rglob("*.py")
        if folder != "tests" or "Pulumi." in path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "yaml"
        and any(word in node.attr for word in ("load", "Load", "compose", "parse"))
        and "dump" not in node.attr
    }
    assert loading == {READER, HELM}
