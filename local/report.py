"""What a person sees while the platform starts: a line for each thing that is done, with its seconds."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from console import out

WIDTH = 34


class Report:
    """Lines on the terminal."""

    def __init__(self, console: Console = out) -> None:
        self.console = console

    @contextlib.contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """A line that says what takes time, then how long it took."""
        started = time.monotonic()
        with self.console.status(f"{what} ..."):
            if not self.console.is_terminal:
                self.console.print(f"{what} ...")
            yield
        self.done(what, time.monotonic() - started)

    def done(self, what: str, seconds: float) -> None:
        self.console.print(Text.assemble(("ok", "green"), f" {what:<{WIDTH}} {seconds:5.1f} s"))

    def say(self, text: str) -> None:
        self.console.print(text)
