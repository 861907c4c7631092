"""The one error that people see: what is wrong, and the way out."""

from __future__ import annotations


class Problem(Exception):  # noqa: N818  what went wrong, and the way out
    """Something that the person at the terminal can put right. Shown without a traceback."""

    def __init__(self, what: str, way_out: str) -> None:
        super().__init__(f"{what}\n  -> {way_out}")
