"""Brings weather observations from the data bucket's landing zone to the lake and the warehouse.

Files arrive as `landing/weather/<station>/<file>.csv`. Each line is validated and typed. The observations are merged
into one Parquet file for each station and month below `lake/weather/`, and loaded into the table `weather_observation`
of the connection `warehouse`. Lines that cannot be read go to `lake/quarantine/weather/` with their reason. Each file
gets a report below `lake/reports/weather/`; a file with a report is done. Every task may run twice: the second time
changes nothing.

A message about a new file starts a run within seconds. The run does not read the message: it takes every file without a
report. So a repeated message does no harm, and the next run of the ten-minute schedule finds what a lost one was about.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import logging
import os
from typing import Any

from airflow.providers.common.messaging.triggers.msg_queue import MessageQueueTrigger
from airflow.sdk import Asset, AssetOrTimeSchedule, AssetWatcher, CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowSkipException
from integration.warehouse import COUNT_ROWS, MAKE_TABLE, TABLE

LANDING = "landing/weather/"
LAKE = "lake/weather/"
QUARANTINE = "lake/quarantine/weather/"
REPORTS = "lake/reports/weather/"
log = logging.getLogger(__name__)


def landed() -> Asset:
    """New files below LANDING, as an asset. The triggerer watches it where the platform has a queue for it."""
    queue = json.loads(os.environ.get("ALISIO_WATCHED_QUEUES", "{}")).get("landed_weather")
    if not queue:
        return Asset("landed_weather")
    trigger = MessageQueueTrigger(scheme="sqs", sqs_queue=queue, waiter_delay=5)
    return Asset("landed_weather", watchers=[AssetWatcher(name="landed_weather", trigger=trigger)])


@dag(
    schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable("*/10 * * * *", timezone="UTC"), assets=[landed()]),
    start_date=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    catchup=False,
    # Two runs at once could merge into the same month.
    max_active_runs=1,
    # New files wait for the run before them, so a moment without S3 must not cost Airflow's five minutes.
    default_args={"retries": 4, "retry_delay": datetime.timedelta(seconds=15), "retry_exponential_backoff": 2},
    tags=["integration"],
    doc_md=__doc__,
)
def land_to_warehouse() -> None:
    refined = refine.expand(station=new_files())
    load.expand(refined=refined) >> report(refined)


@task
def new_files() -> list[dict[str, Any]]:
    """Files without a report, by station. The oldest come first, so the newest observation of a day wins."""
    s3, bucket = _storage()
    done = set(s3.list_keys(bucket, prefix=REPORTS))
    stations: dict[str, list[dict[str, str]]] = {}
    files = s3.iter_file_metadata(prefix=LANDING, bucket_name=bucket)
    for file in sorted(files, key=lambda each: (each["LastModified"], each["Key"])):
        station, _, name = file["Key"].removeprefix(LANDING).partition("/")
        etag = file["ETag"].strip('"')
        if name.endswith(".csv") and _report_key(station, name, etag) not in done:
            stations.setdefault(station, []).append({"name": name, "etag": etag})
    if not stations:
        raise AirflowSkipException(f"Nothing new below s3://{bucket}/{LANDING}")
    return [{"station": station, "files": files} for station, files in stations.items()]


@task(map_index_template="{{ task.op_kwargs['station']['station'] }}")
def refine(station: dict[str, Any]) -> dict[str, Any]:
    """Validate, type and merge the files of one station. Write its months and its rejected lines."""
    from integration.observations import parse, rejects_csv
    from integration.partitions import by_month, from_parquet, merged, partition_key, to_parquet

    s3, bucket = _storage()
    name = station["station"]
    outcomes: list[dict[str, Any]] = []
    months: set[str] = set()
    for file in station["files"]:
        data = s3.get_key(f"{LANDING}{name}/{file['name']}", bucket).get()["Body"].read()
        delivery = parse(data, station=name)
        for month, observations in by_month(delivery.observations).items():
            key = LAKE + partition_key(station=name, month=month)
            there = s3.check_for_key(key, bucket)
            old = from_parquet(s3.get_key(key, bucket).get()["Body"].read()) if there else []
            s3.load_bytes(to_parquet(merged(old, observations)), key, bucket, replace=True)
            months.add(month)
        quarantined = None
        if delivery.rejects:
            quarantined = f"{QUARANTINE}{name}/{file['name']}.{file['etag']}.csv"
            s3.load_string(rejects_csv(delivery.rejects), quarantined, bucket, replace=True)
        outcomes.append(
            {
                **file,
                "accepted": len(delivery.observations),
                "rejected": len(delivery.rejects),
                "reasons": delivery.reasons(),
                "quarantined": quarantined,
            }
        )
    return {"station": name, "months": sorted(months), "files": outcomes}


@task(outlets=[Asset(name="weather_observations", uri=f"x-alisio://warehouse/{TABLE}")])
def load(refined: dict[str, Any]) -> int:
    """Upsert the touched months of one station in one transaction."""
    from airflow.providers.postgres.hooks.postgres import PostgresHook
    from airflow.sdk.exceptions import AirflowNotFoundException
    from integration.partitions import SCHEMA, from_parquet, partition_key

    try:
        hook = PostgresHook(postgres_conn_id="warehouse")
        hook.get_connection("warehouse")
    except AirflowNotFoundException:
        raise AirflowSkipException(
            "There is no connection `warehouse`: the lake is up to date, nothing is loaded. "
            "Put its URI into Secrets Manager as <project>/<stack>/connections/warehouse."
        ) from None
    s3, bucket = _storage()
    keys = [LAKE + partition_key(station=refined["station"], month=month) for month in refined["months"]]
    rows = [
        dataclasses.astuple(observation)
        for key in keys
        for observation in from_parquet(s3.get_key(key, bucket).get()["Body"].read())
    ]
    hook.run(MAKE_TABLE)
    hook.insert_rows(
        TABLE,
        rows,
        target_fields=SCHEMA.names,
        # One transaction. The documentation says 0 for that, but with 0 nothing is inserted; only the log says so.
        commit_every=max(len(rows), 1),
        executemany=True,
        replace=True,
        replace_index=["station", "day"],
    )
    (count,) = hook.get_first(COUNT_ROWS, parameters=(refined["station"], refined["months"]))
    if count != len(rows):
        raise ValueError(f"{TABLE} holds {count} observations of these months, the lake {len(rows)}")
    return len(rows)


@task(trigger_rule="none_failed_min_one_success")
def report(refined: Any) -> dict[str, int]:
    """Write what was done with each file, for people and for the next run. Runs after everything else succeeded."""
    s3, bucket = _storage()
    total = {"accepted": 0, "rejected": 0}
    for station in refined:
        for file in station["files"]:
            key = _report_key(station["station"], file["name"], file["etag"])
            s3.load_string(json.dumps(file, indent=2), key, bucket, replace=True)
            total = {kind: count + file[kind] for kind, count in total.items()}
            if file["rejected"]:
                log.warning(
                    "%s/%s: %s lines are in s3://%s/%s: %s",
                    station["station"], file["name"], file["rejected"], bucket, file["quarantined"], file["reasons"],
                )  # fmt: skip
    log.info("%(accepted)s observations accepted, %(rejected)s lines rejected", total)
    return total


def _report_key(station: str, name: str, etag: str) -> str:
    return f"{REPORTS}{station}/{name}.{etag}.json"


def _storage() -> tuple[Any, str]:
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    return S3Hook(aws_conn_id="aws_default"), os.environ["ALISIO_DATA_BUCKET"]


land_to_warehouse()
