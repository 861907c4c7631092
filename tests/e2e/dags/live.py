"""A task that says something and then waits for a file, and one that waits in the triggerer."""

from __future__ import annotations

import datetime
import time
from pathlib import Path

from airflow.providers.standard.sensors.time_delta import TimeDeltaSensor
from airflow.sdk import Param, dag, get_current_context, task


@dag(schedule=None, default_args={"retries": 0}, params={"gate": Param(None, type=["null", "string"])})
def live() -> None:
    @task
    def speaks() -> None:
        gate = get_current_context()["params"]["gate"]
        print("said while it runs")
        while gate and not Path(gate).exists():
            time.sleep(0.2)

    # From the start of the run on: long enough for a slow machine to defer it before that.
    TimeDeltaSensor(task_id="waits", delta=datetime.timedelta(seconds=45), deferrable=True)
    speaks()


live()
