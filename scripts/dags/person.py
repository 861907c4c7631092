"""Finds out who publishes, when, and which commit."""

from __future__ import annotations

import getpass
import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Person:
    """The origin of a publication."""

    name: str
    now: str
    """The time of the publication: RFC 3339, UTC."""
    commit: str | None


def person(folder: Path, *, name: str | None = None) -> Person:
    """The first name that is known: from the arguments, GitHub Actions, git, or the machine."""
    known = name or os.environ.get("GITHUB_ACTOR") or _git(folder, "config", "user.email") or getpass.getuser()
    return Person(name=known, now=datetime.now(UTC).isoformat(timespec="seconds"), commit=_commit(folder))


def _commit(folder: Path) -> str | None:
    """The commit of a folder, with a mark if the folder has changes that are not committed."""
    commit = _git(folder, "rev-parse", "HEAD")
    changed = _git(folder, "status", "--porcelain", "--", ".")
    return f"{commit}+changes" if commit and changed else commit


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        asked = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.strip() or None if asked.returncode == 0 else None
