"""Encrypted values of a stack file, `secure: …`: where there are some, and what stands for them without Pulumi."""

from __future__ import annotations

from typing import Any, cast

SEALED = "[sealed]"
"""In place of a value that only Pulumi can decrypt."""


def opened(value: Any) -> Any:
    """The value with SEALED in place of what is encrypted in it."""
    match value:
        case {"secure": str()} if len(cast("dict[str, Any]", value)) == 1:
            return SEALED
        case dict():
            return {key: opened(each) for key, each in cast("dict[str, Any]", value).items()}
        case list():
            return [opened(each) for each in cast("list[Any]", value)]
        case _:
            return value
