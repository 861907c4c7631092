"""The root of all errors that people see: one tree, so that a command line needs one `except`."""

from __future__ import annotations

FAILED = 1
"""Exit status: it was tried, and something outside failed."""
REFUSED = 2
"""Exit status: it was not tried, as what was asked for cannot work."""


class Refused(Exception):  # noqa: N818  the name is what happened: the operation did not, nothing was changed
    """What was asked for did not happen. The text says why; `way_out`, where there is one, what to do."""

    def __init__(self, text: str, way_out: str = "", *, status: int = REFUSED) -> None:
        self.way_out = way_out
        self.status = status
        super().__init__(text)
