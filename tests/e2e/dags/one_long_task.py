"""One task that takes its time, in a queue of its own."""

from __future__ import annotations

import time

from airflow.sdk import dag, get_current_context, task


@dag(schedule=None, default_args={"retries": 0}, params={"seconds": 15.0})
def one_long_task() -> None:
    @task(queue="heavy")
    def long() -> None:
        time.sleep(get_current_context()["params"]["seconds"])

    long()


one_long_task()
