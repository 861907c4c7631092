"""Weather observations that land in the data bucket, on their way to the lake and the warehouse.

`landing/weather/<station>/<file>.csv` is validated line by line and typed, merged into one Parquet file for each
station and month below `lake/weather/`, and loaded into the table `weather_observation` of the connection `warehouse`.
Lines that are no observation go to `lake/quarantine/weather/` with their reason. A report beside the lake says what
became of each file; a file with a report is done. Everything may run twice: the second time changes nothing.

A message about a new file starts a run within seconds. It is a reason to look, no more: the run takes what it finds, so
that a message twice, or one about something else, does no harm, and a lost one is made good at the next ten minutes.
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
    """New files below LANDING: an asset that the triggerer watches, where the platform has a queue for it."""
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
    # What lands waits for the run before it, so a moment without S3 must not cost Airflow's five minutes.
    default_args={"retries": 4, "retry_delay": datetime.timedelta(seconds=15), "retry_exponential_backoff": 2},
    tags=["integration"],
    doc_md=__doc__,
)
def land_to_warehouse() -> None:
    refined = refine.expand(station=new_files())
    load.expand(refined=refined) >> report(refined)


@task
def new_files() -> list[dict[str, Any]]:
    """Files without a report, by station, oldest first: the last word on a day wins."""
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
    """Validate, type and merge the files of one station; write months, rejects, and at last the reports."""
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
        # One transaction. Not 0, which is documented to mean that: it inserts nothing, and says so only in the log.
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
    """Say what became of each file, for people and for the next run. Only after everything else succeeded."""
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
