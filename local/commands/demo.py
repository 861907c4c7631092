"""`demo`: land a day of observations, wait, and show what became of each line."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
from botocore.exceptions import BotoCoreError, ClientError
from rich.table import Table

from console import out
from local.commands.running import running_platform
from local.differences import WAREHOUSE
from local.platform import Platform
from local.services.bucket_files import client
from refused import FAILED, Refused

DAG = "land_to_warehouse"
LANDING, REPORTS = "landing/weather/", "lake/reports/weather/"
DAY = "2026-06-21"
FILES = Path(__file__).parents[1] / "demo"
LOOSE = f"{LANDING}readme.txt"
"""An object that belongs to no station: it is set aside, and stops nobody."""
ROWS = """
    SELECT station, day, precipitation_mm, temperature_min_c, temperature_max_c, wind_m_s, weather
    FROM weather_observation WHERE day = %s AND station = ANY(%s) ORDER BY station
"""
SECONDS = 180


def demo(*, data: Path, settings: Path) -> int:
    """Land the files, and show rows, rejected lines and the task's log when all have their report."""
    platform = running_platform(data, settings)
    try:
        return _shown(platform)
    except (BotoCoreError, ClientError, psycopg2.Error) as error:
        raise Refused(f"The platform went away: {error}", "Is it still up? `make local`", status=FAILED) from None


def _shown(platform: Platform) -> int:
    api = platform.api()
    if DAG not in api.dag_ids():
        raise Refused(f"There is no DAG {DAG}.", "Publish the one that ships: python -m local publish dags")
    api.unpause(DAG)
    s3 = client("s3", platform.emulator)
    began = time.monotonic()
    landed = _land(s3, platform)
    out.print(f"{len(landed)} objects landed below s3://{platform.buckets.data}/{LANDING}")
    with out.status("waiting for their run ..."):
        reports = _reports(s3, platform, landed)
    out.print(f"Each has its report after {time.monotonic() - began:.1f} s.\n")
    out.print(_rows(platform))
    out.print(_set_aside(s3, platform, reports))
    for link in sorted({_log(platform, each) for each in reports}):
        out.print(f"Log       {link}", soft_wrap=True)
    out.print(f"Lake      s3://{platform.buckets.data}/lake/ at {platform.emulator} (any credentials)")
    out.print(f"Yours     put <file>.csv to s3://{platform.buckets.data}/{LANDING}<station>/", soft_wrap=True)
    return 0


def _land(s3: Any, platform: Platform) -> Mapping[str, str]:
    """Put the files. Returns each object's ETag by its key."""
    bodies = {f"{LANDING}{file.stem}/{DAY}.csv": file.read_bytes() for file in sorted(FILES.glob("*.csv"))}
    bodies[LOOSE] = b"Files of a station go into a folder with its name.\n"
    return {
        key: s3.put_object(Bucket=platform.buckets.data, Key=key, Body=body)["ETag"].strip('"')
        for key, body in bodies.items()
    }


def _reports(s3: Any, platform: Platform, landed: Mapping[str, str]) -> list[dict[str, Any]]:
    deadline = time.monotonic() + SECONDS
    found: dict[str, dict[str, Any]] = {}
    while True:
        # The key of a report ends with the ETag of the object. Others may be old ones, of another form.
        endings = tuple(f".{etag}.json" for etag in landed.values())
        for key in (each for each in _keys(s3, platform) - found.keys() if each.endswith(endings)):
            found[key] = json.loads(_content(s3, platform, key))
        mine = [each for each in found.values() if each.get("key") in landed]
        if len(mine) == len(landed):
            return mine
        if time.monotonic() > deadline:
            raise Refused(
                f"{len(mine)} of {len(landed)} objects have a report after {SECONDS} s.",
                f"Look at the runs: {platform.url}/dags/{DAG}",
                status=FAILED,
            )
        time.sleep(0.5)


def _keys(s3: Any, platform: Platform) -> set[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=platform.buckets.data, Prefix=REPORTS)
    return {item["Key"] for page in pages for item in page.get("Contents", ())}


def _content(s3: Any, platform: Platform, key: str) -> bytes:
    return s3.get_object(Bucket=platform.buckets.data, Key=key)["Body"].read()


def _log(platform: Platform, report: Mapping[str, Any]) -> str:
    """Where the UI shows the log of the task that brought an object."""
    mapped = f"/mapped/{report['map_index']}" if report["map_index"] >= 0 else ""
    return f"{platform.url}/dags/{DAG}/runs/{quote(report['run'])}/tasks/{report['task']}{mapped}"


def _rows(platform: Platform) -> Table:
    stations = [file.stem for file in FILES.glob("*.csv")]
    connection = platform.connect(WAREHOUSE)
    try:
        with connection.cursor() as cursor:
            cursor.execute(ROWS, (DAY, stations))
            rows = cursor.fetchall()
    finally:
        connection.close()
    table = Table(
        "station", "day", "rain mm", "min °C", "max °C", "wind m/s", "weather",
        title="In the warehouse: table weather_observation", title_justify="left",
    )  # fmt: skip
    for row in rows:
        table.add_row(*(str(value) for value in row))
    return table


def _set_aside(s3: Any, platform: Platform, reports: list[dict[str, Any]]) -> Table:
    table = Table("object", "line", "reason", title="Set aside: lake/quarantine/weather/", title_justify="left")
    for report in sorted(reports, key=lambda each: each["key"]):
        if report["quarantined"]:
            text = _content(s3, platform, report["quarantined"]).decode()
            for row in csv.DictReader(io.StringIO(text)):
                table.add_row(report["key"].removeprefix(LANDING), row["line"], row["reason"])
    return table
