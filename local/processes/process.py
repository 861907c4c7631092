"""One program to keep running, as the part that owns it describes it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Process:
    """A command with its surroundings, and how to stop it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """All variables that it gets. Where there is none, it gets those of the user's shell."""
    directory: Path
    user: str | None = None
    stop_signal: str = "TERM"
    stop_seconds: int = 10
    group: str | None = None
    """Processes of one group stop at the same time. Groups stop one after another, the last one first."""


def python(module: str, *arguments: object) -> list[str]:
    """The command that runs a module in this very virtual environment."""
    return [sys.executable, "-m", module, *map(str, arguments)]
