"""Tasks that fail, hold a slot, wait in the triggerer, or wait for a worker that does not exist."""

from __future__ import annotations

import datetime
import time

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.sensors.date_time import DateTimeSensorAsync
from airflow.sdk import CronTriggerTimetable, dag, task

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
NEVER = datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)
LONG = 600
ONCE = {"retries": 0}


@task
def raises(number: int) -> None:
    raise ValueError(number)


@task
def sleeps(number: int) -> None:
    time.sleep(LONG + number)


@task
def ends() -> None:
    pass


# Not more at once, so that the canary finds room beside them.
@dag(schedule=None, default_args=ONCE, max_active_tasks=5)
def failing() -> None:
    raises.expand(number=list(range(400)))


@dag(schedule=None, default_args=ONCE, max_active_tasks=64)
def sleeping() -> None:
    sleeps.expand(number=list(range(12)))


@dag(schedule=None, default_args=ONCE)
def misspelt() -> None:
    sleeps.override(queue="nowhere")(0)


# The canary alone may have nothing in the queue: a task of its that dies with the worker waits for its retry.
@dag(schedule=None, default_args=ONCE)
def unattended() -> None:
    ends.override(queue="heavy")()


@dag(schedule=None, default_args=ONCE)
def deferring() -> None:
    for number in range(4):
        DateTimeSensorAsync(task_id=f"defers_{number}", target_time=NEVER)


# Every ten seconds by the clock, so that it is known when a run is due: a delta counts from the start of the last run.
# The scheduler ends it by itself, so it needs no worker.
@dag(
    schedule=CronTriggerTimetable("* * * * * */10", timezone="UTC"), start_date=START, catchup=False, default_args=ONCE
)
def punctual() -> None:
    EmptyOperator(task_id="nothing")


failing()
sleeping()
misspelt()
unattended()
deferring()
punctual()
