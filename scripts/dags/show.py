"""Texts for people."""

from __future__ import annotations

import console
from releases.pointer import Pointer

SHORT = 12


def say(line: str) -> None:
    """Show one line."""
    console.out.print(line)


def size(count: int) -> str:
    """A number of bytes, as people read it."""
    return f"{count / 1024 / 1024:.1f} MiB" if count >= 1024 * 1024 else f"{max(1, round(count / 1024))} KiB"


def publication(pointer: Pointer) -> str:
    """A publication in one line."""
    commit = f", commit {pointer.commit[:SHORT]}{'+changes' if '+' in pointer.commit else ''}" if pointer.commit else ""
    when = f" at {pointer.published_at}" if pointer.published_at else ""
    return f"{pointer.release[:SHORT]} by {pointer.published_by}{when}{commit}"
