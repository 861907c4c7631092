"""The logs of all processes, each line with the name of its process."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text

from console import out

COLOURS = (
    "cyan",
    "magenta",
    "green",
    "yellow",
    "blue",
    "bright_cyan",
    "bright_magenta",
    "bright_green",
    "bright_yellow",
)


class Logs:
    """Reads what the process manager writes, one file for each process."""

    def __init__(self, directory: Path, names: Sequence[str], console: Console = out) -> None:
        self._directory = directory
        self._names = names
        self._width = max(map(len, names))
        self._console = console
        self._open: dict[str, TextIO] = {}

    def tail(self, lines: int) -> None:
        """The last lines of each."""
        for name in self._names:
            file = self._file(name)
            for line in file.readlines()[-lines:] if file else []:
                self._print(name, line)

    def skip(self) -> None:
        """Leave out what is written already."""
        for name in self._names:
            if file := self._file(name):
                file.seek(0, 2)

    def follow(self, stop: threading.Event) -> None:
        """Print new lines until told to stop."""
        while not stop.is_set():
            # A list, not a generator: every file has its turn, even when one before it had new lines.
            if not any([self._new_lines(name) for name in self._names]):  # noqa: C419
                time.sleep(0.2)

    def _new_lines(self, name: str) -> bool:
        file = self._file(name)
        found = False
        while file and (line := file.readline()):
            self._print(name, line)
            found = True
        return found

    def _file(self, name: str) -> TextIO | None:
        path = self._directory / f"{name}.log"
        file = self._open.get(name)
        # The manager renames a full file, and begins a new one under the old name.
        if file and path.exists() and path.stat().st_size < file.tell():
            file.close()
            file = None
        if not file and path.exists():
            file = self._open[name] = path.open(errors="replace")
        return file

    def _print(self, name: str, line: str) -> None:
        colour = COLOURS[self._names.index(name) % len(COLOURS)]
        self._console.print(Text.assemble((f"{name:<{self._width}} | ", colour), line.rstrip("\n")))
