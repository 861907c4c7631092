"""The one reader of stack files: for the program's plan, the local platform and every script.

A stack file is `Pulumi.<stack>.yaml`. Its `config:` holds the settings, by keys such as `alisio:airflow` and
`aws:region`. Nothing else in the repository parses these files, so that they mean the same to everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from refused import Refused
from settings.reading import read
from settings.stack import Stack

PROJECT = "alisio"
"""The name in Pulumi.yaml: the namespace of our keys."""
SUFFIXES = (".yaml", ".yml")
# libyaml, where PyYAML was built with it, reads ten times faster.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class StackFileError(Refused):
    """A file of the project is missing or cannot be read; the text names the file."""


def stacks_of(folder: Path) -> list[str]:
    """The stacks that have a file in a folder."""
    files = (path for path in folder.glob("Pulumi.*") if path.suffix in SUFFIXES and path.stem != "Pulumi")
    return sorted({path.stem.removeprefix("Pulumi.") for path in files})


def stack_file(folder: Path, stack: str) -> Path:
    """The file of a stack. An unknown stack is refused with those that exist."""
    stacks = stacks_of(folder)
    if stack in stacks:
        return project_file(folder, f"Pulumi.{stack}")
    known = ", ".join(stacks) or f"none, there is no Pulumi.<stack>.yaml in {folder}"
    raise StackFileError(f"no stack {stack!r}; stacks: {known}")


def project_file(folder: Path, stem: str = "Pulumi") -> Path:
    """A YAML file of the project, whichever of the two suffixes it has."""
    for suffix in SUFFIXES:
        if (path := folder / f"{stem}{suffix}").is_file():
            return path
    raise StackFileError(f"no {stem}.yaml in {folder}")


def configuration(path: Path, *, project: str = PROJECT) -> dict[str, Any]:
    """The `config:` of a stack file, by full key. A key without a namespace belongs to the project."""
    config = mapping(read_yaml(path).get("config"), path.name)
    return {full_key(key, project): value for key, value in config.items()}


def namespace(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The keys of one namespace, without it: `airflow` of `alisio:airflow`."""
    start = f"{name}:"
    return {key.removeprefix(start): value for key, value in config.items() if key.startswith(start)}


def read_stack(path: Path) -> Stack:
    """The settings in a stack file. A wrong file is refused with every mistake, as `pulumi up` would."""
    config = configuration(path)
    stack = path.stem.removeprefix("Pulumi.")
    return read(project=PROJECT, stack=stack, own=namespace(config, PROJECT), aws=namespace(config, "aws"))


def full_key(key: str, project: str) -> str:
    """The key with its namespace."""
    return key if ":" in key else f"{project}:{key}"


def read_yaml(path: Path) -> dict[str, Any]:
    """The keys and values of a YAML file; an empty file has none."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)
    except FileNotFoundError:
        raise StackFileError(f"{path} does not exist") from None
    except (OSError, UnicodeDecodeError) as error:
        raise StackFileError(f"{path} cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise StackFileError(f"{path.name} is not valid YAML: {error}") from None
    return mapping(content, path.name)


def mapping(content: Any, where: str) -> dict[str, Any]:
    """The content as a mapping; None is the empty one, and anything else is refused."""
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise StackFileError(f"{where}: expected keys with values, found {content!r}")
    return {str(key): value for key, value in cast("dict[Any, Any]", content).items()}
