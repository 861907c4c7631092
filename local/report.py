"""What a person sees while the platform starts: one line for each thing that is done, with its seconds."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from rich.console import Console

WIDTH = 34


class Report:
    """Lines on the terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)

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
        self.console.print(f"[green]ok[/] {what:<{WIDTH}} {seconds:5.1f} s")

    def say(self, text: str) -> None:
        self.console.print(text)
