"""Airflow's processes: one for each part and for each worker group, and our code for their Python."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from chart import pod_code, pods
from chart.parts import Part
from chart.pods import Values, worker_groups
from local import differences
from local.airflow import alisio_local
from local.airflow.environment import AirflowEnvironment, process_name
from local.ports import LOOPBACK
from local.processes.process import Process, python

PARTS = (Part.API_SERVER, Part.SCHEDULER, Part.DAG_PROCESSOR, Part.TRIGGERER)
"""Those that always run. Workers and Flower depend on the values."""
TASK_LOGS = "task-logs"
"""Shows the logs of tasks and triggers that still run. In the cluster each worker and triggerer has such a server."""
STOPPED_LAST = "airflow"
STOPPED_FIRST = "workers"
"""A task that runs needs the API server to end well."""


def processes(environment: AirflowEnvironment, *, directory: Path) -> list[Process]:
    """All of them, in the order in which people see them."""
    flower = [Part.FLOWER] if environment.values[Part.FLOWER.values_key]["enabled"] else []
    return [
        *(_process(environment, part, directory=directory) for part in PARTS),
        *(
            _process(environment, Part.WORKER, group, directory=directory)
            for group in worker_groups(environment.values)
        ),
        *(_process(environment, part, directory=directory) for part in flower),
        *(
            _sidecar(environment, container, directory=directory)
            for part in PARTS
            for container in pods.sidecars(environment.values, part)
        ),
        _log_server(environment, directory=directory),
    ]


def airflow(*command: str) -> list[str]:
    """The Airflow of this very virtual environment."""
    return python("airflow", *command)


def place_pod_code(folder: Path) -> None:
    """Make a folder of the files that the ConfigMap brings into the pods, and of `alisio_local`, no others of ours.

    It is made anew each time: an earlier layout had links into the checkout here, and writing through them would change
    the checkout.
    """
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
    pod_code.place(folder)
    own = Path(alisio_local.__file__)
    shutil.copyfile(own, folder / own.name)


def _log_server(environment: AirflowEnvironment, *, directory: Path) -> Process:
    table = environment.differences
    options = ["--factory", "--host", LOOPBACK, "--port", table.task_logs_port, "--log-level", "warning"]
    return Process(
        name=TASK_LOGS,
        command=python(
            "uvicorn", f"{alisio_local.__name__.rpartition('.')[2]}:{alisio_local.log_server.__name__}", *options
        ),
        environment={**environment.of(Part.TRIGGERER), **table.of_log_server()},
        directory=directory,
        group=STOPPED_LAST,
    )


def _sidecar(environment: AirflowEnvironment, container: Values, *, directory: Path) -> Process:
    """A container beside a part's own is a process here. Its Python is that of this virtual environment."""
    program, *arguments = container["command"]
    return Process(
        name=container["name"],
        command=[sys.executable if program == "python" else program, *arguments],
        environment=environment.of_sidecar(container),
        directory=directory,
        group=STOPPED_LAST,
    )


def _process(environment: AirflowEnvironment, part: Part, group: Values | None = None, *, directory: Path) -> Process:
    own = differences.arguments(part, group=group["name"] if group else None)
    is_worker = part is Part.WORKER
    return Process(
        name=process_name(part, group),
        command=airflow(*pods.command(environment.values, part, group), *own),
        environment=environment.of(part, group),
        directory=directory,
        stop_seconds=differences.WORKER_GRACE_SECONDS if is_worker else differences.PART_GRACE_SECONDS,
        group=STOPPED_FIRST if is_worker else STOPPED_LAST,
    )
