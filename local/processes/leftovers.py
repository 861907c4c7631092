"""What a killed run left behind: processes without a parent that still hold ports and files."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import psutil

from local.state import State

GRACE_SECONDS = 10


def stop_leftovers(state: State, database: Path) -> int:
    """Stop them, the gentle way first, and say how many there were. Only for the run that holds the data directory.

    `database` is the data directory of the database's server, which may lie elsewhere.
    """
    left = _leftovers(state.run, state.broker, database)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, stubborn = psutil.wait_procs(left, timeout=GRACE_SECONDS)
    for process in stubborn:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=GRACE_SECONDS)
    return len(left)


def _leftovers(*directories: Path) -> list[psutil.Process]:
    """Found by working directory: Celery and PostgreSQL write titles over their command lines and environments.

    A person's shell may stand in the same directory, so a process counts only if it has no terminal.
    """
    ours = {str(place.resolve()) for place in directories if place.exists()}
    family = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid not in family and process.cwd() in ours and process.terminal() is None:
                found.append(process)
    return found
