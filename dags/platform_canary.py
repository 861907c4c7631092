"""Proves every few minutes that work still gets done: in each worker group's queue, with S3, and through a deferral.

That it runs at all proves scheduler, database, broker and worker. Monitoring watches for its success; a run that does
not end in time fails.
"""

from __future__ import annotations

import datetime
import os
import uuid

from airflow.providers.standard.sensors.date_time import DateTimeSensorAsync
from airflow.sdk import dag, task

QUEUES = (os.environ.get("ALISIO_CANARY_QUEUES") or os.environ.get("ALISIO_WORKER_QUEUES") or "default").split(",")
"""A group that costs nothing when idle would cost a node every few minutes: ALISIO_CANARY_QUEUES can leave it out."""

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@dag(
    schedule=datetime.timedelta(minutes=5),
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
        # Defers also when the moment has come. Not a WaitSensor, which ends in the triggerer: after such an end the
        # dag-processor parses the file without a pause (https://github.com/apache/airflow/issues/73432).
        write_and_read.override(task_id=f"storage_{queue}", queue=queue)() >> DateTimeSensorAsync(
            task_id=f"deferral_{queue}", target_time=START, queue=queue
        )


@task(execution_timeout=datetime.timedelta(minutes=2))
def write_and_read() -> str:
    """What is written to the data bucket can be read again, and deleted."""
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    bucket = os.environ["ALISIO_DATA_BUCKET"]
    # The one prefix that every group may write to without asking.
    key = f"groups/{os.environ['ALISIO_WORKER_GROUP']}/canary/{uuid.uuid4()}"
    s3 = S3Hook(aws_conn_id="aws_default")
    s3.load_string(key, key=key, bucket_name=bucket)
    read = s3.read_key(key, bucket_name=bucket)
    s3.delete_objects(bucket, [key])
    if read != key:
        raise ValueError(f"s3://{bucket}/{key} holds {read!r}, not what was written")
    return key


platform_canary()
