"""Programs in Python that begin at once: forks of a process that has imported the SDKs (preloaded.py)."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import IO, Final, final

from tests.engine.programs import CHECKOUT

SOURCE: Final = Path(__file__).with_name("preloaded.py")
_starting: Final = Lock()
_parent: list[tuple[subprocess.Popen[bytes], socket.socket]] = []


@final
class Fork:
    """A script under way."""

    def __init__(self, arguments: Sequence[str], *, cwd: str, environment: Mapping[str, str]) -> None:
        ours, theirs = socket.socketpair()
        (output, output_end), (errors, errors_end) = os.pipe(), os.pipe()
        socket.send_fds(_preloaded(), [b"x"], [theirs.fileno(), output_end, errors_end])
        theirs.close()
        os.close(output_end)
        os.close(errors_end)
        self.stdout: Final[IO[str]] = os.fdopen(output)
        self.stderr: Final[IO[str]] = os.fdopen(errors)
        self._conversation = ours.makefile("rw")
        ours.close()
        asked = {"arguments": list(arguments), "cwd": cwd, "environment": dict(environment)}
        self._conversation.write(json.dumps(asked) + "\n")
        self._conversation.flush()
        self._pid = int(self._conversation.readline())

    def wait(self) -> int:
        """The exit code; negative for a signal, as with `subprocess`."""
        with self._conversation:
            return int(self._conversation.readline() or -signal.SIGKILL)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)


def _preloaded() -> socket.socket:
    """The way to the process that forks. It ends when this one does."""
    with _starting:
        if not _parent:
            ours, theirs = socket.socketpair()
            process = subprocess.Popen(
                [sys.executable, "-u", str(SOURCE), str(theirs.fileno()), str(CHECKOUT)],
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.DEVNULL,
            )
            theirs.close()
            _parent.append((process, ours))
        return _parent[0][1]
