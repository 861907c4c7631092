"""The one console of every command line: results go to stdout, errors and progress to stderr.

Rich writes colours for a terminal only, and honours NO_COLOR. It never wraps a line, so that a piped line stays one
line. It never reads markup in a text, so that `[prod]` in somebody's message is shown as it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.text import Text

from refused import Refused

out = Console(soft_wrap=True, markup=False, emoji=False, highlight=False)
"""For results: what somebody pipes into a file."""
err = Console(stderr=True, soft_wrap=True, markup=False, emoji=False, highlight=False)
"""For errors and progress."""


def coloured() -> bool:
    """Whether results may have colours: on a terminal, and not where NO_COLOR is set."""
    return out.is_terminal and not out.no_color


def write(text: str) -> None:
    """A result that is written as it is: JSON, YAML, or text that another program has coloured."""
    try:
        print(text, file=out.file, flush=True)
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; and Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def refuse(error: Refused) -> int:
    """Say why it did not happen and what to do, and give the exit status."""
    err.print(Text(str(error), style="red"))
    if error.way_out:
        err.print(f"  -> {error.way_out}")
    return error.status


def run(command: Callable[..., object], program: str, arguments: Sequence[str] | None = None) -> int:
    """Run a command line of Typer's and give its exit status. `program` is how people call it.

    What was refused is said in its own words, and a wrong call by Typer with status 2. Any other error is a bug, and
    keeps its traceback.
    """
    try:
        command(args=arguments, prog_name=program)
    except Refused as error:
        return refuse(error)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
