"""Files that land come out of the other end: typed in the lake, loaded once, with the bad lines set aside."""

from __future__ import annotations

import csv
import io
import json
import threading
from pathlib import Path
from typing import Any

import vega_datasets
from integration.landing import AT_ONCE_FILES, LANDING, REPORTS
from integration.warehouse import MAKE_TABLE
from stage import eventually

from local.airflow.api import Api
from local.differences import WAREHOUSE
from local.platform import Platform
from local.processes.manager import Processes

SEATTLE = Path(vega_datasets.__file__).parent / "_data" / "seattle-weather.csv"
DAG = "land_to_warehouse"


def land(api: Api, s3: Any, platform: Platform, *, name: str, body: bytes) -> str:
    """Deliver a file and have it processed."""
    s3.put_object(Bucket=platform.buckets.data, Key=f"landing/weather/seattle/{name}", Body=body)
    run = api.trigger(DAG)
    assert api.finished(DAG, run, seconds=180) == "success"
    return run


def loaded(platform: Platform) -> dict[str, tuple[float, str]]:
    """Precipitation and weather of each day in the warehouse."""
    connection = platform.connect(WAREHOUSE)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT day, precipitation_mm, weather FROM weather_observation WHERE station = 'seattle'")
        rows = {str(day): (rain, weather) for day, rain, weather in cursor.fetchall()}
    connection.close()
    return rows


def objects(s3: Any, platform: Platform, prefix: str) -> dict[str, str]:
    answer = s3.list_objects_v2(Bucket=platform.buckets.data, Prefix=prefix)
    return {each["Key"]: each["ETag"] for each in answer.get("Contents", [])}


def test_four_years_of_weather_reach_the_warehouse_once(api: Api, s3: Any, platform: Platform) -> None:
    """All days are loaded, the bad line is quarantined with its reason; delivered again under another name, nothing
    doubles; a correction replaces its day and no other."""
    bad = b"2016-01-01,-4,1,1,1,rain\n"
    land(api, s3, platform, name="all.csv", body=SEATTLE.read_bytes() + bad)
    first = loaded(platform)
    with SEATTLE.open() as file:
        expected = {
            row["date"].replace("/", "-"): (float(row["precipitation"]), row["weather"]) for row in csv.DictReader(file)
        }
    assert first == expected
    lake = objects(s3, platform, "lake/weather/station=seattle/")
    assert len(lake) == 48
    [quarantined] = objects(s3, platform, "lake/quarantine/weather/seattle/")
    text = s3.get_object(Bucket=platform.buckets.data, Key=quarantined)["Body"].read().decode()
    [reject] = csv.DictReader(io.StringIO(text))
    assert reject["text"] == bad.decode().strip()
    assert "precipitation" in reject["reason"]

    land(api, s3, platform, name="again.csv", body=SEATTLE.read_bytes())
    assert loaded(platform) == first
    assert objects(s3, platform, "lake/weather/station=seattle/") == lake

    header = b"date,precipitation,temp_max,temp_min,wind,weather\n"
    land(api, s3, platform, name="correction.csv", body=header + b"2012-01-01,99.5,12.8,5.0,4.7,rain\n")
    assert loaded(platform) == {**first, "2012-01-01": (99.5, "rain")}


def test_more_stations_than_one_task_takes_and_a_poisoned_one(api: Api, s3: Any, platform: Platform) -> None:
    """What is too much for one task is shared out and loaded in the same run. A line of the year 1, a field without end
    and an object of no station are set aside, and stop none of the others."""
    header = b"date,precipitation,temp_max,temp_min,wind,weather\n"
    bodies = {f"many-{number}/a.csv": header + b"2026-02-03,1.5,9,2,3,rain\n" for number in range(AT_ONCE_FILES + 10)}
    bodies |= {
        "many-poison/year.csv": header + b"0001-01-01,1.5,9,2,3,rain\n",
        "many-poison/field.csv": header + b"2026-02-03," + b"x" * 200_000 + b",9,2,3,rain\n",
        "many-loose.csv": header,
    }
    for path, body in bodies.items():
        s3.put_object(Bucket=platform.buckets.data, Key=f"{LANDING}{path}", Body=body)
    assert api.finished(DAG, api.trigger(DAG), seconds=300) == "success"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=platform.buckets.data, Prefix=REPORTS)
    keys = [each["Key"] for page in pages for each in page.get("Contents", ())]
    reports = [json.loads(s3.get_object(Bucket=platform.buckets.data, Key=key)["Body"].read()) for key in keys]
    mine = {
        each["key"].removeprefix(f"{LANDING}"): each for each in reports if each["key"].startswith(f"{LANDING}many-")
    }
    assert mine.keys() == bodies.keys()
    assert {path for path, each in mine.items() if not each["accepted"]} == {
        "many-poison/year.csv", "many-poison/field.csv", "many-loose.csv",
    }  # fmt: skip
    assert all(each["quarantined"] for each in mine.values() if not each["accepted"])
    connection = platform.connect(WAREHOUSE)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM weather_observation WHERE station LIKE 'many-%'")
        assert cursor.fetchone() == (AT_ONCE_FILES + 10,)
    connection.close()


def test_stations_that_are_loaded_first_at_once_make_one_table(platform: Platform, processes: Processes) -> None:
    """The second waits for the first one's transaction, and then finds the table: neither fails."""
    watching = platform.connect(WAREHOUSE)
    watching.autocommit = True
    first, second = (platform.connect(WAREHOUSE) for _ in range(2))
    failures: list[Exception] = []

    def make() -> None:
        try:
            run(second, *MAKE_TABLE)
        except Exception as error:
            failures.append(error)

    with watching.cursor() as cursor:
        cursor.execute("CREATE SCHEMA empty")
        for connection in (first, second):
            run(connection, "SET search_path TO empty")
        run(first, *MAKE_TABLE)
        other = threading.Thread(target=make)
        other.start()
        eventually(lambda: waits(cursor, second.info.backend_pid), seconds=30)
        first.commit()
        other.join()
        second.commit()
        assert not failures
        cursor.execute("SELECT count(*) FROM empty.weather_observation")
        assert cursor.fetchone() == (0,)
        cursor.execute("DROP SCHEMA empty CASCADE")
    for connection in (first, second, watching):
        connection.close()


def run(connection: Any, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def waits(cursor: Any, process: int) -> bool:
    """Whether a server process waits for a lock."""
    cursor.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", (process,))
    return cursor.fetchone() == ("Lock",)
