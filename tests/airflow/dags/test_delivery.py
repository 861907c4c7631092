"""A file is in the lake, in the warehouse and reported, or it is set aside with its reason. It never stops another."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from integration import delivery
from integration.delivery import Destination, Outcome, bring, set_aside
from integration.landing import LAKE, LANDING, QUARANTINE, REPORTS, found
from integration.observations import COLUMNS, MAX_LINE, MAX_LINES, Observation
from integration.partitions import from_parquet, partition_key
from integration.store import ChangedError, Read, Store

from bench.dags_emulator import KEYS, REGION, Emulator

HEADER = ",".join(COLUMNS).encode() + b"\n"
GOOD = HEADER + b"2026-02-03,1.5,9.0,2.0,3.1,rain\n"


class DataError(Exception):
    """What a driver of PostgreSQL raises for a value that the server refuses."""


class Table:
    """A warehouse in memory, that can refuse."""

    def __init__(self, refuses: Callable[[Observation], Exception | None] = lambda _: None) -> None:
        self.rows: dict[tuple[str, str], Observation] = {}
        self._refuses = refuses

    @contextlib.contextmanager
    def loading(self, station: str, months: Iterable[str], rows: Sequence[Observation]) -> Iterator[None]:
        assert set(months) == {row.month for row in rows}
        for row in rows:
            if error := self._refuses(row):
                raise error
        yield
        self.rows |= {(station, str(row.day)): row for row in rows}


class Stage:
    """A bucket of its own, and a table."""

    def __init__(self, emulator: Emulator) -> None:
        self.bucket = f"data-{uuid.uuid4()}"
        self.s3: Any = boto3.client("s3", endpoint_url=emulator.url, region_name=REGION, **KEYS)
        self.s3.create_bucket(Bucket=self.bucket)
        self.store = Store(self.s3, self.bucket)
        self.table = Table()

    def land(self, path: str, data: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=f"{LANDING}{path}", Body=data)

    def run(self) -> list[Outcome]:
        """What a run does, one station after another."""
        into = Destination(store=self.store, warehouse=self.table, brought_by={"run": "r1"})  # pyright: ignore
        new = found(self.store.landed(LANDING), reports=self.store.keys(REPORTS))
        outcomes = [set_aside(each, str(each.refusal), into) for each in new.refused]
        for files in new.stations.values():
            outcomes += bring(files, into)
        return outcomes

    def report(self, path: str) -> dict[str, Any]:
        [file] = [each for each in self.store.landed(f"{LANDING}{path}") if each.key == f"{LANDING}{path}"]
        return json.loads(self._content(file.report))

    def aside(self, path: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self._content(self.report(path)["quarantined"]).decode())))

    def lake(self, station: str, month: str) -> list[Observation]:
        return from_parquet(self._content(LAKE + partition_key(station=station, month=month)))

    def _content(self, key: str) -> bytes:
        read = self.store.read(key)
        assert read, key
        return read.data


@pytest.fixture
def stage(emulator: Emulator) -> Stage:
    return Stage(emulator)


POISONS: dict[str, tuple[bytes, str]] = {
    "year one": (HEADER + b"0001-01-01,1.5,9,2,3,rain\n", "date is before 1700-01-01"),
    "year 9999": (HEADER + b"9999-12-31,1.5,9,2,3,rain\n", "date is in the future"),
    "year zero": (HEADER + b"0000-01-01,1.5,9,2,3,rain\n", "date is not of the form"),
    "a huge field": (HEADER + b"2026-02-03," + b"x" * 200_000 + b",9,2,3,rain\n", "the line is longer than"),
    "one endless line": (b"x" * 3_000_000, "the header is not"),
    "binary": (bytes(range(256)) * 10, "the file is not UTF-8"),
    "latin-1": (HEADER + "2026-02-03,1,9,2,3,não\n".encode("latin-1"), "the file is not UTF-8"),
    "UTF-16": (GOOD.decode().encode("utf-16"), "the file is not UTF-8"),
    "empty": (b"", "the file is empty"),
    "a header only": (HEADER, "the file has a header and no observation"),
    "nan": (HEADER + b"2026-02-03,nan,9,2,3,rain\n", "precipitation is not within"),
    "infinity": (HEADER + b"2026-02-03,1,9,2,-Infinity,rain\n", "wind is not within"),
    "1e400": (HEADER + b"2026-02-03,1e400,9,2,3,rain\n", "precipitation is not within"),
    "NUL": (HEADER + b"2026-02-03,1,9,2,3,ra\0in\n", "weather is none of"),
    "NUL in a number": (HEADER + b"2026-02-03,1\0,9,2,3,rain\n", "precipitation is not a number"),
    "1_0": (HEADER + b"2026-02-03,1_0,9,2,3,rain\n", "precipitation is not a number"),
    "digits of another script": (HEADER + "2026-02-03,१,9,2,3,rain\n".encode(), "precipitation is not a number"),
    "a day of another script": (HEADER + "२०२६-02-03,1,9,2,3,rain\n".encode(), "date is not of the form"),
    "too many lines": (HEADER + b"\n" * (MAX_LINES + 1), "the file has more than"),
    "a page of HTML": (b"<html><body>502 Bad Gateway</body></html>", "the header is not"),
}


@pytest.mark.parametrize(("data", "reason"), POISONS.values(), ids=POISONS.keys())
def test_a_poisoned_file_is_set_aside_and_stops_nobody(stage: Stage, data: bytes, reason: str) -> None:
    """It has a report and its reason in the quarantine; the files beside it and after it are loaded and reported."""
    stage.land("x/1.csv", GOOD)
    stage.land("x/2.csv", data)
    stage.land("x/3.csv", GOOD.replace(b"02-03", b"02-04"))
    stage.land("y/1.csv", GOOD)
    stage.run()
    assert stage.report("x/2.csv")["accepted"] == 0
    [row] = stage.aside("x/2.csv")
    assert row["reason"].startswith(reason)
    assert len(row["text"]) < MAX_LINE + 100
    for path in ("x/1.csv", "x/3.csv", "y/1.csv"):
        assert (stage.report(path)["accepted"], stage.report(path)["rejected"]) == (1, 0)
    assert sorted(stage.table.rows) == [("x", "2026-02-03"), ("x", "2026-02-04"), ("y", "2026-02-03")]
    assert [each.day.day for each in stage.lake("x", "2026-02")] == [3, 4]
    assert stage.run() == []


@pytest.mark.parametrize("path", ["loose.csv", "/x.csv", "x/a.csv.gz", "x/b.txt", "x//c.csv"])
def test_what_is_no_file_of_a_station_is_set_aside_once(stage: Stage, path: str) -> None:
    """Its key and the reason stand in the quarantine, and the next run finds nothing to do."""
    stage.land(path, GOOD)
    stage.run()
    [row] = stage.aside(path)
    assert row["text"] == f"{LANDING}{path}"
    assert row["reason"]
    assert stage.run() == []
    assert not stage.table.rows


def test_a_suffix_in_capitals_is_loaded(stage: Stage) -> None:
    """What a program on Windows exports is a CSV file too."""
    stage.land("x/EXPORT.CSV", GOOD.replace(b"\n", b"\r\n"))
    stage.run()
    assert stage.report("x/EXPORT.CSV")["accepted"] == 1


def test_an_oversized_file_is_never_read(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gigabyte in one line costs no memory: its size is known from the list."""
    monkeypatch.setattr(delivery, "MAX_FILE_BYTES", 1000)
    stage.land("x/1.csv", b"x" * 1001)
    stage.land("x/2.csv", GOOD)
    read: list[str] = []
    original = stage.store.read
    monkeypatch.setattr(stage.store, "read", lambda key, **more: (read.append(key), original(key, **more))[1])
    stage.run()
    assert f"{LANDING}x/1.csv" not in read
    assert stage.aside("x/1.csv")[0]["reason"] == "the file has more than 1,000 bytes"
    assert stage.report("x/2.csv")["accepted"] == 1


def test_of_several_files_the_one_is_found_that_the_warehouse_refuses(stage: Stage) -> None:
    """The parser cannot know every limit of a database. One file's value costs no other file, and not the lake."""
    stage.table = Table(lambda row: DataError("value out of range") if row.wind_m_s == 42 else None)
    stage.land("x/1.csv", GOOD)
    stage.land("x/2.csv", HEADER + b"2026-02-05,1,9,2,42,rain\n")
    stage.land("x/3.csv", GOOD.replace(b"02-03", b"02-04"))
    stage.run()
    assert stage.aside("x/2.csv")[0]["reason"] == "it cannot be stored: DataError: value out of range"
    assert [each.day.day for each in stage.lake("x", "2026-02")] == [3, 4]
    assert len(stage.table.rows) == 2
    assert stage.run() == []


@pytest.mark.parametrize("error", [EndpointConnectionError(endpoint_url="x"), ConnectionError(), MemoryError()])
def test_what_may_pass_sets_nothing_aside(stage: Stage, error: Exception) -> None:
    """While S3 or the warehouse is away nothing is reported; afterwards all is brought."""
    stage.table = Table(lambda _: error)
    stage.land("x/1.csv", GOOD)
    with pytest.raises(type(error)):
        stage.run()
    assert not stage.store.keys(REPORTS)
    assert not stage.store.keys(QUARANTINE)
    assert not stage.store.keys(LAKE)
    stage.table = Table()
    stage.run()
    assert stage.report("x/1.csv")["accepted"] == 1


def test_a_month_that_cannot_be_read_costs_only_its_own_files(stage: Stage) -> None:
    """A foreign object in the lake is left as it is, and the files of its month say so."""
    key = LAKE + partition_key(station="x", month="2026-02")
    stage.store.write(key, "no Parquet")
    stage.land("x/1.csv", GOOD)
    stage.land("x/2.csv", GOOD.replace(b"2026-02", b"2026-03"))
    stage.run()
    assert key in stage.aside("x/1.csv")[0]["reason"]
    assert stage.report("x/2.csv")["accepted"] == 1
    found_there = stage.store.read(key)
    assert found_there
    assert found_there.data == b"no Parquet"


def test_two_that_merge_into_one_month_lose_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that was given up and still runs cannot undo what another wrote: the second to write merges anew."""
    original, others = stage.store.replace, [GOOD.replace(b"02-03", b"02-09")]

    def late(key: str, data: bytes, *, before: Read | None) -> None:
        if others:
            stage.land("x/other.csv", others.pop())
            [other] = stage.store.landed(f"{LANDING}x/other.csv")
            bring([other], Destination(store=stage.store, warehouse=None, brought_by={}))
        original(key, data, before=before)

    monkeypatch.setattr(stage.store, "replace", late)
    stage.land("x/1.csv", GOOD)
    stage.run()
    assert [each.day.day for each in stage.lake("x", "2026-02")] == [3, 9]


def test_an_object_is_replaced_only_as_it_was_read(stage: Stage) -> None:
    """S3 refuses the write of whoever read an older content, or none."""
    stage.store.replace("key", b"1", before=None)
    first = stage.store.read("key")
    with pytest.raises(ChangedError):
        stage.store.replace("key", b"2", before=None)
    stage.store.replace("key", b"2", before=first)
    with pytest.raises(ChangedError):
        stage.store.replace("key", b"3", before=first)
    with pytest.raises(ChangedError):
        stage.store.replace("gone", b"3", before=first)


def test_a_file_that_was_replaced_meanwhile_is_left_to_the_next_run(stage: Stage) -> None:
    """A report tells of the content that was read, and of no other."""
    stage.land("x/1.csv", GOOD)
    [old] = stage.store.landed(LANDING)
    stage.land("x/1.csv", GOOD.replace(b"02-03", b"02-04"))
    into = Destination(store=stage.store, warehouse=None, brought_by={})
    assert bring([old], into) == []
    stage.run()
    assert list(stage.table.rows) == [("x", "2026-02-04")]


def test_many_files_of_a_station_cost_one_merge_of_each_month(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lands together is written together; the newest observation of a day wins."""
    written: list[str] = []
    original = stage.store.replace
    monkeypatch.setattr(
        stage.store, "replace", lambda key, data, **more: (written.append(key), original(key, data, **more))[1]
    )
    for number in range(12):
        stage.land(f"x/{number:02}.csv", GOOD.replace(b"1.5", str(number).encode()))
    stage.run()
    assert len(written) == 1
    assert stage.lake("x", "2026-02")[0].precipitation_mm == 11
