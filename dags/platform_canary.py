"""Proves every few minutes that the platform works: in each worker group's queue, with S3, and through a deferral.

A run that succeeds proves that scheduler, database, broker, workers and triggerer work together. Each visit to a queue
ends with a word to monitoring, which raises an alarm when that stays away. A run that does not end in time fails.
"""

from __future__ import annotations

import datetime
import os
import uuid

from airflow.providers.standard.sensors.date_time import DateTimeSensorAsync
from airflow.sdk import chain, dag, get_current_context, task
from airflow.sdk.observability import stats

QUEUES = (os.environ.get("ALISIO_CANARY_QUEUES") or os.environ.get("ALISIO_WORKER_QUEUES") or "default").split(",")
"""The canary would start a node again and again for a group that scales to zero: ALISIO_CANARY_QUEUES omits it."""
MINUTES = float(os.environ.get("ALISIO_CANARY_MINUTES") or "5")
"""From one run to the next. The alarms have the same setting."""

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@dag(
    schedule=datetime.timedelta(minutes=MINUTES),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=datetime.timedelta(minutes=15),
    is_paused_upon_creation=False,
    tags=["platform"],
    doc_md=__doc__,
)
def platform_canary() -> None:
    for queue in QUEUES:
        chain(
            write_and_read.override(task_id=f"storage_{queue}", queue=queue)(),
            # It defers even when the moment has come. A WaitSensor would end in the triggerer, and after such an end
            # the dag-processor parses the file without a pause (https://github.com/apache/airflow/issues/73432).
            DateTimeSensorAsync(task_id=f"deferral_{queue}", target_time=START, queue=queue),
            report.override(task_id=f"report_{queue}", queue=queue)(queue),
        )


@task(execution_timeout=datetime.timedelta(minutes=2))
def write_and_read() -> str:
    """Write an object to the data bucket, read it again, and delete it."""
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    bucket = os.environ["ALISIO_DATA_BUCKET"]
    # Every group may write below this prefix, whatever its settings say.
    key = f"groups/{os.environ['ALISIO_WORKER_GROUP']}/canary/{uuid.uuid4()}"
    s3 = S3Hook(aws_conn_id="aws_default")
    s3.load_string(key, key=key, bucket_name=bucket)
    read = s3.read_key(key, bucket_name=bucket)
    s3.delete_objects(bucket, [key])
    if read != key:
        raise ValueError(f"s3://{bucket}/{key} holds {read!r}, not what was written")
    return key


@task(execution_timeout=datetime.timedelta(minutes=2))
def report(queue: str) -> float:
    """Tell monitoring that the visit to a queue went well, and how long after the run's time that was."""
    run = get_current_context()["dag_run"]
    seconds = (datetime.datetime.now(datetime.UTC) - run.run_after).total_seconds()
    # Where Airflow sends no metrics, these do nothing.
    stats.incr("canary.success", tags={"queue": queue})
    stats.gauge("canary.seconds", seconds, tags={"queue": queue})
    return seconds


platform_canary()
