"""The one reader of stack files: for the program's plan, the local platform and every script.

A stack file is `Pulumi.<stack>.yaml`. Its `config:` holds the settings, by keys such as `alisio:airflow` and
`aws:region`. Nothing else in the repository parses these files, so that they mean the same to everybody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from refused import Refused
from settings.reading import read
from settings.sealed import opened
from settings.stack import Stack
from settings.stack_name import PROJECT, stack_name
from settings.yaml_file import YamlError, read_yaml_file

SUFFIXES = (".yaml", ".yml")


class StackFileError(Refused):
    """A file of the project is missing or cannot be read; the text names the file."""


def stacks_of(folder: Path) -> list[str]:
    """The stacks that have a file in a folder."""
    files = (path for path in folder.glob("Pulumi.*") if path.suffix in SUFFIXES and path.stem != "Pulumi")
    return sorted({path.stem.removeprefix("Pulumi.") for path in files})


def stack_file(folder: Path, stack: str, *, project: str = PROJECT) -> Path:
    """The file of a stack, which has the last part of its name. An unknown stack is refused with those that exist."""
    stacks = stacks_of(folder)
    name = stack_name(stack, project=project).stack
    if name in stacks:
        return project_file(folder, f"Pulumi.{name}")
    known = ", ".join(stacks) or f"none, there is no Pulumi.<stack>.yaml in {folder}"
    raise StackFileError(f"no stack {name!r}; stacks: {known}")


def project_file(folder: Path, stem: str = "Pulumi") -> Path:
    """A YAML file of the project, whichever of the two suffixes it has."""
    for suffix in SUFFIXES:
        if (path := folder / f"{stem}{suffix}").is_file():
            return path
    raise StackFileError(f"no {stem}.yaml in {folder}")


def configuration(path: Path, *, project: str = PROJECT) -> dict[str, Any]:
    """The `config:` of a stack file, by full key. A key without a namespace belongs to the project."""
    config = mapping(read_yaml(path).get("config"), path.name)
    full: dict[str, Any] = {}
    for key, value in config.items():
        # Pulumi would take either of the two, and not always the same.
        if full_key(key, project) in full:
            raise StackFileError(f"{path.name}: {full_key(key, project)} is there twice, once without its namespace")
        full[full_key(key, project)] = value
    return full


def namespace(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The keys of one namespace, without it: `airflow` of `alisio:airflow`."""
    start = f"{name}:"
    return {key.removeprefix(start): value for key, value in config.items() if key.startswith(start)}


def read_stack(path: Path) -> Stack:
    """The settings in a stack file, with SEALED in place of secrets that only Pulumi can decrypt.

    A wrong file is refused with every mistake, as `pulumi up` would.
    """
    given = {key: parsed(value) if isinstance(value, str) else value for key, value in configuration(path).items()}
    config = {key: opened(value) for key, value in given.items()}
    encrypted = [key for key, value in config.items() if value != given[key]]
    stack = path.stem.removeprefix("Pulumi.")
    own, aws = namespace(config, PROJECT), namespace(config, "aws")
    return read(project=PROJECT, stack=stack, own=own, aws=aws, encrypted=encrypted)


def parsed(text: str) -> Any:
    """The value of a key. Pulumi hands over a text as it is, and anything else as JSON.

    So a text that is JSON is no text: Pulumi itself writes `protect: "false"` into the file when it makes a stack. A
    key without a value arrives as an empty text.
    """
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def full_key(key: str, project: str) -> str:
    """The key with its namespace."""
    return key if ":" in key else f"{project}:{key}"


def read_yaml(path: Path) -> dict[str, Any]:
    """The keys and values of a YAML file; an empty file has none."""
    try:
        return mapping(read_yaml_file(path), path.name)
    except YamlError as error:
        raise StackFileError(str(error)) from None


def mapping(content: Any, where: str) -> dict[str, Any]:
    """The content as a mapping; None is the empty one, and anything else is refused."""
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise StackFileError(f"{where}: expected keys with values, found {content!r}")
    return cast("dict[str, Any]", content)
