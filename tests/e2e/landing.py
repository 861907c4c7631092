"""Files that land in the watched prefix, and what becomes of them in the lake and in the warehouse."""

from __future__ import annotations

import datetime
import io
import json
import os
import time
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq
from stage import WATCHED, Stage

from local.differences import WAREHOUSE

OBJECTS = int(os.environ.get("ALISIO_EVENT_OBJECTS", "50"))
PAUSE = float(os.environ.get("ALISIO_EVENT_PAUSE", "0.2"))
STATIONS = 5
DAYS = 3
"""Lines of a file."""
HEADER = "date,precipitation,temp_max,temp_min,wind,weather\n"
FIRST_DAY = datetime.date(2020, 1, 1)


@dataclass(frozen=True)
class Landed:
    """One object, and when S3 had it."""

    station: str
    name: str
    etag: str
    at: float

    @property
    def report(self) -> str:
        return f"lake/reports/weather/{self.station}/{self.name}.{self.etag}.json"


def land_many(stage: Stage, start: str, *, pause: float = PAUSE) -> list[Landed]:
    """Objects of several stations, each with days of its own."""
    landed: list[Landed] = []
    for number in range(OBJECTS):
        landed.append(
            land(stage, station=f"{start}-{number % STATIONS}", name=f"{number:03}.csv", number=number // STATIONS)
        )
        time.sleep(pause)
    return landed


def land(stage: Stage, *, station: str, name: str, number: int) -> Landed:
    """Put a file with DAYS days that no other number has."""
    days = [FIRST_DAY + datetime.timedelta(days=DAYS * number + each) for each in range(DAYS)]
    body = HEADER + "".join(f"{day},{number}.5,12.8,5.0,4.7,rain\n" for day in days)
    key = f"{WATCHED}{station}/{name}"
    answer = stage.s3.put_object(Bucket=stage.platform.buckets.data, Key=key, Body=body.encode())
    return Landed(station=station, name=name, etag=answer["ETag"].strip('"'), at=time.time())


def assert_once_in_effect(stage: Stage, objects: list[Landed]) -> None:
    """Every line of these objects is in the lake once and in the warehouse once, and nothing else of their stations."""
    assert not unreported(stage, objects)
    for each in objects:
        report = json.loads(content(stage, each.report))
        assert (report["accepted"], report["rejected"]) == (DAYS, 0)
    stations = {each.station for each in objects}
    for station in stations:
        expected = DAYS * sum(each.station == station for each in objects)
        lake = [row for key in listed(stage, f"lake/weather/station={station}/") for row in rows(content(stage, key))]
        assert len(lake) == len({row["day"] for row in lake}) == expected
        assert in_warehouse(stage, station) == expected


def in_warehouse(stage: Stage, station: str) -> int:
    connection = stage.platform.connect(WAREHOUSE)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM weather_observation WHERE station = %s", (station,))
        (count,) = cursor.fetchone()
    connection.close()
    return count


def rows(parquet: bytes) -> list[dict[str, Any]]:
    return pq.ParquetFile(io.BytesIO(parquet)).read().to_pylist()


def content(stage: Stage, key: str) -> bytes:
    return stage.s3.get_object(Bucket=stage.platform.buckets.data, Key=key)["Body"].read()


def listed(stage: Stage, prefix: str) -> dict[str, datetime.datetime]:
    pages = stage.s3.get_paginator("list_objects_v2").paginate(Bucket=stage.platform.buckets.data, Prefix=prefix)
    return {item["Key"]: item["LastModified"] for page in pages for item in page.get("Contents", [])}


def unreported(stage: Stage, objects: list[Landed]) -> list[Landed]:
    """Objects that no run has brought to their end."""
    there = listed(stage, "lake/reports/weather/")
    return [each for each in objects if each.report not in there]


def reported_at(stage: Stage, landed: Landed) -> float:
    """When its report was written, to the second, as S3 has it."""
    return listed(stage, landed.report)[landed.report].timestamp()
