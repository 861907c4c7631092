"""The one error that people see."""

from __future__ import annotations

FAILED = 1
REFUSED = 2


class RefusedError(Exception):
    """The operation did not happen; the text says why, and what to do."""

    def __init__(self, text: str, *, status: int = REFUSED) -> None:
        self.status = status
        super().__init__(text)
