"""The questions before anything is changed."""

from __future__ import annotations

import sys

import console
from refused import Refused


def somebody_is_there(*, ask: bool) -> None:
    """Refuse to ask where nobody can answer."""
    if ask and not sys.stdin.isatty():
        raise Refused("nobody is there to be asked; add --yes")


def confirm(question: str, *, answer: str) -> None:
    """Refuse to go on at any other answer."""
    if console.out.input(f"{question} ({answer}) ", markup=False, emoji=False).strip() != answer:
        raise Refused("nothing was changed")
