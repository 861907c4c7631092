"""Mapped tasks that keep a ledger: which of them began and ended, and how often."""

from __future__ import annotations

import datetime
import time
from pathlib import Path

from airflow.sdk import Param, dag, get_current_context, task


@dag(
    schedule=None,
    default_args={"retry_delay": datetime.timedelta(seconds=1)},
    max_active_tasks=64,
    params={"count": 10, "seconds": 0.0, "ledger": Param(None, type=["null", "string"])},
)
def many_tasks() -> None:
    @task
    def numbers() -> list[int]:
        return list(range(get_current_context()["params"]["count"]))

    @task
    def work(number: int) -> int:
        params = get_current_context()["params"]
        note(params["ledger"], number, "begin")
        time.sleep(params["seconds"])
        note(params["ledger"], number, "end")
        return number

    work.expand(number=numbers())


def note(ledger: str | None, number: int, what: str) -> None:
    """One short write at the end of a file: whole, even when many tasks write."""
    if ledger:
        with Path(ledger).open("a") as file:
            file.write(f"{number} {what}\n")


many_tasks()
