"""`logs` and `reset`: commands about a data directory, whether anything runs or not."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from console import out
from local.processes.leftovers import stop_leftovers
from local.processes.logs import Logs
from local.services.postgres import forget, postgres
from local.state import State
from refused import Refused


def logs(*, data: Path, names: list[str], lines: int, follow: bool) -> int:
    """The last lines of each log. With `follow`, new lines too."""
    state = State(data.resolve())
    known = sorted(path.stem for path in state.logs.glob("*.log"))
    unknown = set(names) - set(known)
    if unknown or not known:
        raise Refused(
            f"No log of {', '.join(sorted(unknown)) or 'anything'}.", f"There are: {', '.join(known) or 'none yet'}."
        )
    reader = Logs(state.logs, names or known)
    reader.tail(lines)
    if follow:
        reader.follow(threading.Event())
    return 0


def reset(*, data: Path) -> int:
    """Forget everything but what is installed."""
    state = State(data.resolve())
    if not state.root.exists():
        return 0
    with state.held():
        stop_leftovers(state, postgres(state).data)
        forget(state)
        shutil.rmtree(state.root)
    out.print(f"{state.root} is gone.")
    return 0
