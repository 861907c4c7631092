"""Files that land come out of the other end: typed in the lake, loaded once, with the bad lines set aside."""

from __future__ import annotations

import csv
import io
import threading
from pathlib import Path
from typing import Any

import vega_datasets
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
