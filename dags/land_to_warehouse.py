"""Brings weather observations from the data bucket's landing zone to the lake and the warehouse.

Files arrive as `landing/weather/<station>/<file>.csv`. Each line is validated and typed. The observations are merged
into one Parquet file for each station and month below `lake/weather/`, and loaded into the table `weather_observation`
of the connection `warehouse`. Whatever cannot be read is set aside below `lake/quarantine/weather/` with its reason: a
line, a file, or an object that is no file of a station. The others are loaded nevertheless. Everything that lands gets
a report below `lake/reports/weather/`; what has a report is done. To have a file tried again, delete its report.

A message about a new object starts a run within seconds. The run does not read the message: it takes every object
without a report. So a repeated message does no harm, and the next run of the ten-minute schedule finds what a lost one
was about. Every task may run twice: the second time changes nothing.

`take` brings what has waited longest, up to 200 files, in one task, since a task takes seconds to start. If there is
more, it is shared out to at most 32 tasks, a station to one of them. There is no limit to the files of a run.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from airflow.sdk import (
    Asset,
    AssetAlias,
    AssetOrTimeSchedule,
    AssetWatcher,
    CronTriggerTimetable,
    dag,
    get_current_context,
    get_parsing_context,
    task,
)
from airflow.sdk.exceptions import AirflowSkipException
from integration.landing import LANDING, REPORTS, Found, Landed, found

WATCHED = "landed_weather"
QUEUE = json.loads(os.environ.get("ALISIO_WATCHED_QUEUES", "{}")).get(WATCHED)
STATIONS_AT_ONCE = 4
REFUSED_A_RUN = 1_000
"""Objects that are no files of a station, and are noted in one run. Each costs two requests; the next run goes on."""
LOADED = AssetAlias("weather_observations")
"""Stands for the asset below. A task that has loaded nothing has not changed the warehouse."""
log = logging.getLogger(__name__)


def landed() -> Asset:
    """New objects below LANDING, as an asset. The triggerer watches it where the platform has a queue for it."""
    # A task has no use for the watcher, and the import of every provider's triggers takes it most of a second.
    # https://airflow.apache.org/docs/apache-airflow/stable/howto/dynamic-dag-generation.html
    if not QUEUE or get_parsing_context().dag_id:
        return Asset(WATCHED)
    from airflow.providers.common.messaging.triggers.msg_queue import MessageQueueTrigger

    # S3's messages come at any time: SQS answers when there is one, or after 20 s. That is the fastest way to ask, and
    # with 3 requests a minute the cheapest. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
    trigger = MessageQueueTrigger(scheme="sqs", sqs_queue=QUEUE, max_messages=10, wait_time_seconds=20, waiter_delay=0)
    return Asset(WATCHED, watchers=[AssetWatcher(name=WATCHED, trigger=trigger)])


@dag(
    schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable("*/10 * * * *", timezone="UTC"), assets=[landed()]),
    start_date=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    catchup=False,
    # Where somebody has the prefix watched, a file that lands is meant to be taken.
    is_paused_upon_creation=not QUEUE,
    # The files of a station follow one another, so that the newest observation of a day wins.
    max_active_runs=1,
    # New files wait for the run before them, so a moment without S3 must not cost Airflow's five minutes.
    default_args={"retries": 4, "retry_delay": datetime.timedelta(seconds=15), "retry_exponential_backoff": 2},
    tags=["integration"],
    doc_md=__doc__,
)
def land_to_warehouse() -> None:
    take_share.expand(stations=take())


@task(outlets=[LOADED])
def take() -> list[list[str]]:
    """Bring a few stations' files at once. Returns the other stations, in shares."""
    with _destination() as into:
        new = _new(into.store, LANDING, REPORTS)
        if not new:
            raise AirflowSkipException(f"Nothing new below s3://{into.store.bucket}/{LANDING}")
        mine = new.at_once()
        _refuse(new.refused[:REFUSED_A_RUN], into)
        _bring(mine, lambda station: new.stations[station], into)
    shares = new.shares(without=mine)
    log.info("%s stations are left, in %s shares", sum(map(len, shares)), len(shares))
    return shares


@task(outlets=[LOADED])
def take_share(stations: list[str]) -> None:
    """Bring what some stations have, a moment after `take` saw it."""
    with _destination() as into:

        def files(station: str) -> Sequence[Landed]:
            new = _new(into.store, f"{LANDING}{station}/", f"{REPORTS}{station}/")
            return new.stations.get(station, ())

        _bring(stations, files, into)


def _bring(stations: Iterable[str], files: Callable[[str], Sequence[Landed]], into: Any) -> None:
    """Bring stations side by side. All are tried before the first one's trouble is raised."""
    from integration.delivery import bring

    troubles: dict[str, Exception] = {}
    accepted = 0
    with ThreadPoolExecutor(STATIONS_AT_ONCE) as pool:
        running = {station: pool.submit(lambda each: bring(files(each), into), station) for station in stations}
        for station, future in running.items():
            try:
                outcomes = future.result()
            except Exception as error:
                troubles[station] = error
                continue
            accepted += sum(len(each.delivery.observations) for each in outcomes)
            _log_set_aside(outcomes, into)
    log.info("%s observations of %s stations accepted", accepted, len(running) - len(troubles))
    if accepted and into.warehouse:
        asset = Asset(name="weather_observations", uri="x-alisio://warehouse/weather_observation")
        get_current_context()["outlet_events"][LOADED].add(asset)
    if troubles:
        station, error = next(iter(troubles.items()))
        raise RuntimeError(f"{len(troubles)} stations wait for the next try; {station}: {error!r}") from error


def _refuse(objects: Iterable[Landed], into: Any) -> None:
    from integration.delivery import set_aside

    _log_set_aside([set_aside(each, str(each.refusal), into) for each in objects], into)


def _log_set_aside(outcomes: Iterable[Any], into: Any) -> None:
    for each in outcomes:
        if each.delivery.rejects:
            log.warning(
                "%s: %s lines are set aside in s3://%s/%s: %s",
                *(each.file.key, len(each.delivery.rejects), into.store.bucket, each.file.quarantine),
                each.delivery.reasons(),
            )


def _new(store: Any, landing: str, reports: str) -> Found:
    return found(store.landed(landing), reports=store.keys(reports))


@contextlib.contextmanager
def _destination() -> Iterator[Any]:
    """The bucket, the warehouse, and who brings. Imported here, as the DAG is parsed more often than it runs."""
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook
    from integration.delivery import Destination
    from integration.store import Store

    context = get_current_context()
    ti = context["ti"]
    brought_by = {"run": context["run_id"], "task": ti.task_id, "map_index": ti.map_index}
    store = Store(S3Hook(aws_conn_id="aws_default").get_conn(), os.environ["ALISIO_DATA_BUCKET"])
    warehouse = _warehouse()
    try:
        yield Destination(store=store, warehouse=warehouse, brought_by=brought_by)
    finally:
        if warehouse:
            warehouse.close()


def _warehouse() -> Any:
    from airflow.providers.postgres.hooks.postgres import PostgresHook
    from airflow.sdk.exceptions import AirflowNotFoundException
    from integration.warehouse import Warehouse

    try:
        connection = PostgresHook.get_connection("warehouse")
    except AirflowNotFoundException:
        log.warning(
            "There is no connection `warehouse`: the lake is brought up to date, nothing is loaded. "
            "Put its URI into Secrets Manager as <project>/<stack>/connections/warehouse."
        )
        return None
    warehouse = Warehouse(PostgresHook(connection=connection).get_conn)
    warehouse.make_table()
    return warehouse


land_to_warehouse()
