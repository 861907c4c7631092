"""Tasks that may run once only: what is lost for them is lost."""

from __future__ import annotations

from airflow.sdk import dag, get_current_context, task


@dag(schedule=None, default_args={"retries": 0}, max_active_tasks=64, params={"count": 10})
def no_retries() -> None:
    @task
    def numbers() -> list[int]:
        return list(range(get_current_context()["params"]["count"]))

    @task
    def work(number: int) -> int:
        return number

    work.expand(number=numbers())


no_retries()
