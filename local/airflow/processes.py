"""Airflow's processes: one for each part and for each worker group, with our code linked into their Python."""

from __future__ import annotations

import shutil
from pathlib import Path

from chart import pods
from chart.parts import Part
from chart.pod_code import CHECKOUT, MODULES, path_of
from chart.pods import Values, worker_groups
from local import differences
from local.airflow.environment import AirflowEnvironment, process_name
from local.processes.process import Process, python

PARTS = (Part.API_SERVER, Part.SCHEDULER, Part.DAG_PROCESSOR, Part.TRIGGERER)
"""Those that always run. Workers and Flower depend on the values."""
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
    ]


def airflow(*command: str) -> list[str]:
    """The Airflow of this very virtual environment."""
    return python("airflow", *command)


def link_pod_code(folder: Path) -> None:
    """Make a folder of the modules that the ConfigMap brings into the pods, and of no other ones of ours.

    It is made anew each time: an earlier layout had a link to a whole folder of the checkout here, and writing through
    it would change the checkout.
    """
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
    for module in MODULES:
        file = folder / path_of(module)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.symlink_to(CHECKOUT / path_of(module))


def _process(environment: AirflowEnvironment, part: Part, group: Values | None = None, *, directory: Path) -> Process:
    own = differences.arguments(part, group=group["name"] if group else None)
    is_worker = part is Part.WORKER
    return Process(
        name=process_name(part, group),
        command=airflow(*pods.command(part, group), *own),
        environment=environment.of(part, group),
        directory=directory,
        stop_seconds=differences.WORKER_GRACE_SECONDS if is_worker else differences.PART_GRACE_SECONDS,
        group=STOPPED_FIRST if is_worker else STOPPED_LAST,
    )
