"""A wrong setting as a person writes it, and what the program answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from settings import SettingsError, Stack, read
from settings.yaml_file import read_yaml_text

Kind = Literal["unknown", "missing", "type", "choice", "range", "pattern", "format", "rule"]
"""What is wrong. All but `format` and `rule` are within the reach of a JSON schema."""
IN_SCHEMA: tuple[Kind, ...] = ("unknown", "missing", "type", "choice", "range", "pattern")
MINIMAL = """
aws:region: eu-west-1
aws:allowedAccountIds: ["111122223333"]
deployer: arn:aws:iam::111122223333:role/deployer
cluster: {publicAccessCidrs: [203.0.113.0/24]}
"""
LOG_DAYS = (
    "one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653"
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One wrong setting. `settings` is merged over the minimal stack key by key; REMOVED takes one out."""

    name: str
    kind: Kind
    settings: str
    lines: tuple[str, ...]


def case(name: str, kind: Kind, settings: str, *lines: str) -> Case:
    """A wrong setting, and each line of the message."""
    return Case(name=name, kind=kind, settings=settings, lines=lines)


def config(settings: str) -> dict[str, Any]:
    """The minimal stack's configuration with these settings, by full key, as the stack file has it."""
    keys = read_yaml_text(MINIMAL, "minimal") | (read_yaml_text(settings, "case") or {})
    return {key if ":" in key else f"alisio:{key}": value for key, value in keys.items() if value != "REMOVED"}


def stack_of(settings: str, *, stack: str = "dev") -> Stack:
    """The minimal stack with these settings, after the way through JSON that Pulumi sends them."""
    keys = json.loads(json.dumps(config(settings)))
    spaces = {
        space: {key.removeprefix(f"{space}:"): value for key, value in keys.items() if key.startswith(f"{space}:")}
        for space in ("alisio", "aws")
    }
    return read(project="alisio", stack=stack, own=spaces["alisio"], aws=spaces["aws"])


def message_of(settings: str, *, stack: str = "dev") -> list[str]:
    """The lines of the error; none when there is nothing wrong."""
    try:
        stack_of(settings, stack=stack)
    except SettingsError as error:
        return str(error).splitlines()
    return []


def lines_of(settings: str, *, stack: str = "dev") -> list[str]:
    """The mistakes, without the header and the indent."""
    return [line.removeprefix("  ") for line in message_of(settings, stack=stack)[1:]]
