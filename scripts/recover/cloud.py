"""What a recovery asks the cloud: which id it chose for a resource whose creation was interrupted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from refused import Refused


class Unclear(Refused):
    """It cannot be said whether the resource exists; the text says why."""


class Cloud(Protocol):
    """A look at what exists."""

    def find(self, type_: str, inputs: Mapping[str, Any], known: Collection[str]) -> str | None:
        """The id of the resource that was made with these inputs, or None. Those in `known` are others."""
        ...

    def wait(self, type_: str, identifier: str) -> None:
        """Return when a resource that takes minutes is ready, or is known not to exist."""
        ...
