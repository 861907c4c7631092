"""The one reader of stack files: what it accepts, and what it says of a file that it cannot read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from plan.program import CHECKOUT
from settings import SettingsError
from settings.stack_file import (
    StackFileError,
    configuration,
    namespace,
    project_file,
    read_stack,
    read_yaml,
    stack_file,
)
from settings.stack_name import PROJECT, StackNameError
from tests.program.settings.case import MINIMAL


def test_the_project_is_the_one_in_the_project_file() -> None:
    """The namespace of our keys is the project's name."""
    assert read_yaml(project_file(CHECKOUT))["name"] == PROJECT


def test_a_key_without_a_namespace_belongs_to_the_project(tmp_path: Path) -> None:
    """`production` and `alisio:production` are the same key, as they are for Pulumi."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("config: {production: true, alisio:protect: true, aws:region: eu-west-1}")
    config = configuration(path)
    assert config == {"alisio:production": True, "alisio:protect": True, "aws:region": "eu-west-1"}
    assert namespace(config, "alisio") == {"production": True, "protect": True}
    assert configuration(path, project="other")["other:production"] is True


def test_a_file_that_pulumi_has_written_means_what_it_meant(tmp_path: Path) -> None:
    """`pulumi stack init` writes `"false"` for false; for Pulumi both are the same, and so for us."""
    path = tmp_path / "Pulumi.mine.yaml"
    path.write_text("config:\n" + MINIMAL.replace("\n", "\n  ") + '\n  alisio:protect: "false"\n')
    assert read_stack(path).settings.protect is False


def test_a_stack_file_becomes_settings(tmp_path: Path) -> None:
    """The name of the stack is that of the file; a wrong file is refused with every mistake and the file's name."""
    path = tmp_path / "Pulumi.mine.yaml"
    path.write_text("config:\n" + MINIMAL.replace("\n", "\n  "))
    assert read_stack(path).site.prefix == "alisio-mine"
    path.write_text("config: {zebra: 1, cahce: {}}")
    with pytest.raises(SettingsError) as caught:
        read_stack(path)
    assert str(caught.value).startswith("Pulumi.mine.yaml has 6 mistakes:\n  alisio:zebra: unknown setting; ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"config: [", "Pulumi.dev.yaml, line 2: this is not valid YAML: "),
        (b"config: 7", "Pulumi.dev.yaml: expected keys with values, found 7"),
        (b"[a]", "Pulumi.dev.yaml: expected keys with values, found ['a']"),
        (b"config: \xff", "Pulumi.dev.yaml, line 1: this is not UTF-8"),
        (None, "Pulumi.dev.yaml does not exist"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_message(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    """The message names the file and says what is wrong with it."""
    path = tmp_path / "Pulumi.dev.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StackFileError) as caught:
        configuration(path)
    assert message in str(caught.value)


def test_a_key_with_and_without_its_namespace_is_refused(tmp_path: Path) -> None:
    """Pulumi takes either of the two, by chance."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("config: {protect: true, alisio:protect: false}")
    with pytest.raises(StackFileError, match=r"^Pulumi\.dev\.yaml: alisio:protect is there twice"):
        configuration(path)


def test_an_empty_file_has_no_keys(tmp_path: Path) -> None:
    """A new stack's file may be empty."""
    (tmp_path / "Pulumi.dev.yaml").touch()
    assert configuration(stack_file(tmp_path, "dev")) == {}


def test_both_suffixes_of_yaml_are_found(tmp_path: Path) -> None:
    """The Pulumi CLI takes .yml as well."""
    (tmp_path / "Pulumi.dev.yml").touch()
    assert stack_file(tmp_path, "dev").name == "Pulumi.dev.yml"
    with pytest.raises(StackFileError, match="no stack 'prod'; stacks: dev"):
        stack_file(tmp_path, "prod")


@pytest.mark.parametrize("name", ["dev", "acme/dev", "acme/alisio/dev"])
def test_a_stack_of_an_organization_has_the_file_of_its_last_part(tmp_path: Path, name: str) -> None:
    """Every form of a stack's name that the Pulumi CLI takes leads to the file that the CLI reads."""
    (tmp_path / "Pulumi.dev.yaml").touch()
    assert stack_file(tmp_path, name).name == "Pulumi.dev.yaml"


@pytest.mark.parametrize("name", ["", "/dev", "acme/", "acme//dev", "a/alisio/b/dev", "acme/other/dev"])
def test_what_is_no_name_of_a_stack_of_the_project_is_refused(tmp_path: Path, name: str) -> None:
    """A wrong form, and a stack of another project, are refused with what was given."""
    (tmp_path / "Pulumi.dev.yaml").touch()
    with pytest.raises(StackNameError, match=f"^{name!r} is "):
        stack_file(tmp_path, name)


def test_settings_do_not_import_pulumi() -> None:
    """The local platform and the command that publishes DAGs read settings without the SDK."""
    code = "import sys, settings, settings.stack_file; print([each for each in sys.modules if 'pulumi' in each])"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
