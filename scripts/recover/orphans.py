"""Providers that outlive the engine that started them: killed, it cannot tell them to stop.

One that waits for Helm goes on for as long as the release may take, and then takes back what it installed, under the
hands of whoever has mended it meanwhile.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import psutil

PREFIX: Final = "pulumi-resource-"
ENGINE: Final = "pulumi"
PATIENCE_SECONDS: Final = 5


@final
@dataclass(frozen=True, kw_only=True)
class Orphan:
    """A provider without its engine."""

    name: str
    process: psutil.Process

    def __str__(self) -> str:
        return f"{self.name} (process {self.process.pid})"

    def end(self) -> None:
        """By force, if asking is not enough."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self.process.terminate()
            try:
                self.process.wait(PATIENCE_SECONDS)
            except psutil.TimeoutExpired:
                self.process.kill()


def orphans_in(folder: Path) -> list[Orphan]:
    """Those that were started for the project in this folder, on this machine."""
    found: list[Orphan] = []
    for process in psutil.process_iter():
        # Processes end while one looks at them, and other people's may not be looked at.
        with contextlib.suppress(psutil.Error, OSError):
            # A name longer than 15 characters is in the command only: psutil puts it together.
            name = process.name()
            if not name.startswith(PREFIX) or process.status() == psutil.STATUS_ZOMBIE:
                continue
            parent = process.parent()
            begun_by_engine = parent is not None and parent.name().removesuffix(".exe") == ENGINE
            if not begun_by_engine and Path(process.cwd()).resolve() == folder.resolve():
                found.append(Orphan(name=name, process=process))
    return found
