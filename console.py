"""The one console of every command line: results go to stdout, errors and progress to stderr.

Rich writes colours for a terminal only, and honours NO_COLOR. It never wraps a line, so that a piped line stays one
line. It never reads markup in a text, so that `[prod]` in somebody's message is shown as it is.
"""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from refused import Refused

out = Console(soft_wrap=True, markup=False, emoji=False, highlight=False)
"""For results: what somebody pipes into a file."""
err = Console(stderr=True, soft_wrap=True, markup=False, emoji=False, highlight=False)
"""For errors and progress."""


def refuse(error: Refused) -> int:
    """Say why it did not happen and what to do, and give the exit status."""
    err.print(Text(str(error), style="red"))
    if error.way_out:
        err.print(f"  -> {error.way_out}")
    return error.status
