"""Three tasks that say which release their code is of. The second one keeps the run open until a file is there."""

from __future__ import annotations

import time
from pathlib import Path

from airflow.sdk import Param, chain, dag, get_current_context, task

VERSION = "first"


@dag(schedule=None, tags=[VERSION], params={"gate": Param(None, type=["null", "string"])})
def versions() -> None:
    @task
    def before() -> list[str]:
        return release()

    @task
    def hold() -> list[str]:
        gate = get_current_context()["params"]["gate"]
        while gate and not Path(gate).exists():
            time.sleep(0.2)
        # Imported only now, after the next release: from this run's folder all the same.
        return release()

    @task
    def after() -> list[str]:
        return release()

    chain(before(), hold(), after())


def release() -> list[str]:
    """The version of this file, and that of a module beside it."""
    from parts.version import PART

    return [VERSION, PART]


versions()
