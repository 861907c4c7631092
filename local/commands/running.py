"""`status`, `trigger` and `publish`: commands to a platform that runs."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from rich.table import Table

from console import out
from local import stack
from local.airflow.api import SUCCESS
from local.platform import Platform
from local.ports import remembered
from local.processes.manager import Processes, memory
from local.publish import publish as publish_folder
from local.state import State
from refused import FAILED, Refused


def status(*, data: Path, settings: Path) -> int:
    """A table of the processes."""
    table = Table("process", "state", "pid", "since", "memory")
    for name, process in _processes(_platform(data, settings)).states().items():
        since = time.strftime("%H:%M:%S", time.localtime(process["start"])) if process["pid"] else ""
        used = f"{memory(process['pid']) / 2**20:.0f} MiB" if process["pid"] else ""
        table.add_row(name, process["statename"].lower(), str(process["pid"] or ""), since, used)
    out.print(table)
    return 0


def trigger(*, data: Path, settings: Path, dag: str, conf: str, seconds: float) -> int:
    """Run a DAG, wait, and say how it ended."""
    platform = _platform(data, settings)
    try:
        read: dict[str, Any] = json.loads(conf)
    except ValueError as error:
        raise Refused(f"--conf is not JSON: {error}.", """For example: --conf '{"day": "2026-01-01"}'""") from None
    client = platform.api()
    if dag not in client.dag_ids():
        raise Refused(f"There is no DAG {dag}.", f"There are: {', '.join(sorted(client.dag_ids()))}.")
    client.unpause(dag)
    started = time.monotonic()
    run = client.trigger(dag, read)
    state = client.finished(dag, run, seconds=seconds)
    out.print(f"{dag} {run}: {state} after {time.monotonic() - started:.1f} s")
    return 0 if state == SUCCESS else FAILED


def publish(*, data: Path, settings: Path, folder: Path) -> int:
    """Publish DAGs. Whatever cannot be imported is refused before."""
    platform = running_platform(data, settings)
    out.print(publish_folder(platform, folder, python=Path(sys.executable)))
    out.print(f"Airflow looks every {platform.stack.settings.airflow.dag_refresh_seconds} s.")
    return 0


def running_platform(data: Path, settings: Path) -> Platform:
    """The platform of a data directory, refused if it does not run."""
    platform = _platform(data, settings)
    _processes(platform)
    return platform


def _platform(data: Path, settings: Path) -> Platform:
    state = State(data.resolve())
    return Platform(
        state=state,
        stack=stack.load(settings),
        ports=remembered(state),
        single_sign_on=state.single_sign_on.exists(),
    )


def _processes(platform: Platform) -> Processes:
    processes = Processes(platform.state, platform.passwords.processes)
    if not processes.alive():
        raise Refused("The platform does not run.", "Start it with `make local`.")
    return processes
