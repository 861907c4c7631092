"""The load of the benchmark of landing objects: files that land at a steady pace, and DAGs that run beside."""

from __future__ import annotations

import contextlib
import datetime
import json
import threading
import time
from types import TracebackType
from typing import Any

import httpx

from local.airflow.api import Api
from local.platform import Platform
from local.services.bucket_files import client

DAG = "land_to_warehouse"
LANDING, REPORTS = "landing/weather/", "lake/reports/weather/"
HEADER = "date,precipitation,temp_max,temp_min,wind,weather\n"
FIRST_DAY = datetime.date(2020, 1, 1)
BESIDE = {
    "bench_beside": """
from airflow.sdk import dag, get_current_context, task

@dag(schedule=None, params={"count": 4})
def bench_beside():
    @task
    def numbers() -> list[int]:
        return list(range(get_current_context()["params"]["count"]))

    @task
    def work(number: int) -> None:
        import time
        time.sleep(2)

    work.expand(number=numbers())

bench_beside()
"""
}
"""DAGs that run one after another, by name."""


def land(it: Platform, start: str, *, objects: int, seconds: float, stations: int) -> dict[str, float]:
    """Put objects at a steady pace. Returns when each key was there."""
    s3 = client("s3", it.emulator)
    landed: dict[str, float] = {}
    begun = time.monotonic()
    for number in range(objects):
        key = f"{LANDING}{start}-{number % stations}/{number:05}.csv"
        day = FIRST_DAY + datetime.timedelta(days=number // stations)
        s3.put_object(Bucket=it.buckets.data, Key=key, Body=f"{HEADER}{day},1.5,12.8,5.0,4.7,rain\n".encode())
        landed[key] = time.time()
        time.sleep(max(0.0, begun + (number + 1) * seconds / objects - time.monotonic()))
    return landed


def reports(it: Platform, start: str, *, count: int, seconds: float) -> dict[str, Any]:
    """The reports of all objects that begin so, by the object's key, when they are there."""
    s3 = client("s3", it.emulator)
    deadline = time.monotonic() + seconds
    while True:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=it.buckets.data, Prefix=f"{REPORTS}{start}-")
        keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
        if len(keys) >= count:
            break
        if time.monotonic() > deadline:
            raise SystemExit(f"{len(keys)} of {count} objects have a report after {seconds:.0f} s: nothing to measure")
        time.sleep(1)
    read = [json.loads(s3.get_object(Bucket=it.buckets.data, Key=key)["Body"].read()) for key in keys]
    return {each["key"]: each for each in read}


class Beside:
    """`with Beside(api, count=4):` keeps runs of another DAG going, each with so many tasks at once."""

    def __init__(self, api: Api, *, count: int) -> None:
        self._api = api
        self._count = count
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.finished = 0
        """Tasks of the runs that have ended."""

    def __enter__(self) -> Beside:
        for name in (DAG, *BESIDE):
            self._api.unpause(name)
        if self._count:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._count:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            for name in BESIDE:
                # A busy API may let a request wait too long. The next one goes on.
                with contextlib.suppress(httpx.HTTPError):
                    run = self._api.trigger(name, {"count": self._count})
                    self._api.finished(name, run, seconds=120)
                    self.finished += self._count + 1
