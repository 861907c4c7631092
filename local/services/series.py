"""Series of metrics in a file: what the collector has heard in the last hours, as CloudWatch would have it.

SQLite, since a command reads while the collector writes, and only the series that it asks for.
"""

from __future__ import annotations

import contextlib
import json
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from health.metric import Metric

KEPT_HOURS = 8
"""Longer than any alarm looks back: six periods of a canary that runs once an hour."""
SCHEMA = """
    CREATE TABLE IF NOT EXISTS series (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, dimensions TEXT NOT NULL, wire TEXT NOT NULL,
        UNIQUE (name, dimensions)
    );
    CREATE TABLE IF NOT EXISTS points (
        series INTEGER NOT NULL, at REAL NOT NULL, numbers TEXT NOT NULL, PRIMARY KEY (series, at)
    ) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Key:
    """A series: its name and dimensions, as CloudWatch's agent would send them."""

    name: str
    dimensions: tuple[tuple[str, str], ...]
    wire: str = ""
    """How Airflow writes it. Not a part of the key."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and (self.name, self.dimensions) == (other.name, other.dimensions)

    def __hash__(self) -> int:
        return hash((self.name, self.dimensions))

    @staticmethod
    def of(metric: Metric) -> Key:
        return Key(name=metric.name, dimensions=tuple(sorted(metric.tags.items())))


class Series:
    """The file. One process writes, others read."""

    def __init__(self, path: Path, *, write: bool = False) -> None:
        self._ids: dict[Key, int] = {}
        self._file = sqlite3.connect(path if write else f"file:{path}?mode=ro", uri=not write, timeout=10)
        if write:
            # Readers and the writer do not wait for each other, and no power cut matters here.
            self._file.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; {SCHEMA}")

    def __enter__(self) -> Series:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, at: float, heard: Mapping[Key, Sequence[float]]) -> None:
        """Numbers of the interval that began at a time. What is older than KEPT_HOURS is forgotten."""
        with self._file:
            rows = [(self._id(key), at, json.dumps(list(numbers))) for key, numbers in heard.items()]
            self._file.executemany("INSERT OR REPLACE INTO points VALUES (?, ?, ?)", rows)
            self._file.execute("DELETE FROM points WHERE at < ?", (at - KEPT_HOURS * 3600,))

    def periods(self, metric: Metric, *, end: float, seconds: float, count: int) -> list[float | None]:
        """The metric's statistic in each of the periods before `end`, oldest first. None: nothing was heard."""
        begin = end - count * seconds
        found: list[list[float]] = [[] for _ in range(count)]
        for at, numbers in self._points(Key.of(metric), begin, end):
            found[min(count - 1, int((at - begin) / seconds))] += numbers
        return [statistic(metric.statistic, numbers) if numbers else None for numbers in found]

    def last(self, metric: Metric, *, since: float = 0) -> tuple[float, float] | None:
        """When something was heard last, and its statistic in that interval."""
        rows = list(self._points(Key.of(metric), since, math.inf, newest=True))
        return (rows[0][0], statistic(metric.statistic, rows[0][1])) if rows else None

    def wire(self) -> dict[str, Key]:
        """Every series that was ever heard, by how Airflow writes it."""
        rows = self._file.execute("SELECT name, dimensions, wire FROM series ORDER BY wire")
        return {wire: Key(name, tuple(map(tuple, json.loads(pairs))), wire) for name, pairs, wire in rows}

    def _points(
        self, key: Key, begin: float, end: float, *, newest: bool = False
    ) -> Iterator[tuple[float, list[float]]]:
        order = "DESC LIMIT 1" if newest else "ASC"
        rows = self._file.execute(
            "SELECT at, numbers FROM points JOIN series ON series = id "
            f"WHERE name = ? AND dimensions = ? AND at >= ? AND at < ? ORDER BY at {order}",
            (key.name, json.dumps(key.dimensions), begin, end),
        )
        for at, numbers in rows:
            yield at, json.loads(numbers)

    def _id(self, key: Key) -> int:
        if key not in self._ids:
            row = (key.name, json.dumps(key.dimensions), key.wire)
            self._file.execute("INSERT OR IGNORE INTO series (name, dimensions, wire) VALUES (?, ?, ?)", row)
            [found] = self._file.execute("SELECT id FROM series WHERE name = ? AND dimensions = ?", row[:2]).fetchall()
            self._ids[key] = found[0]
        return self._ids[key]


@contextlib.contextmanager
def reading(path: Path) -> Iterator[Series | None]:
    """The series of a file; None where nothing was ever collected."""
    if not path.exists():
        yield None
        return
    with Series(path) as found:
        yield found


def statistic(name: str, numbers: Sequence[float]) -> float:
    """A statistic of CloudWatch, exact where the agent rounds: it sends a distribution in steps of a few percent."""
    match name:
        case "Sum":
            return math.fsum(numbers)
        case "Average":
            return math.fsum(numbers) / len(numbers)
        case "Maximum":
            return max(numbers)
        case "Minimum":
            return min(numbers)
        case "SampleCount":
            return float(len(numbers))
        case _:
            rank = math.ceil(float(name.removeprefix("p")) / 100 * len(numbers))
            return sorted(numbers)[max(rank, 1) - 1]
