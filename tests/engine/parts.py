"""A server of the stage: started on a leash, awaited, stopped by its process id, and heard when it does not start."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, final

from tests.engine.leash import leashed

PATIENCE_SECONDS: Final = 180
STOP_SECONDS: Final = 10
LAST_LINES: Final = 12


class PartError(Exception):
    """A part that does not start; the text has its last lines."""


@final
@dataclass(kw_only=True)
class Part:
    """One server."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] | None = None
    user: str | None = None
    """Whom it runs as, where a server refuses to be root."""
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = STOP_SECONDS
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self, ready: Callable[[], bool]) -> None:
        """Return when it answers. From the main thread only: the leash ends with the thread that holds it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                leashed(list(self.command), user=self.user), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment, cwd=self.log.parent,
            )  # fmt: skip
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not ready():
            if self.process.poll() is not None:
                raise PartError(f"{self.name} exited with {self.process.returncode}; its last lines:\n{self.tail()}")
            if time.monotonic() > deadline:
                self.stop()
                raise PartError(f"{self.name} gave no answer in {PATIENCE_SECONDS} s; its last lines:\n{self.tail()}")
            time.sleep(0.1)

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def tail(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LAST_LINES:])
