"""The landing zone: which objects are files of a station, where what becomes of them is noted, and who takes which."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

LANDING = "landing/weather/"
LAKE = "lake/weather/"
QUARANTINE = "lake/quarantine/weather/"
REPORTS = "lake/reports/weather/"
NOT_TAKEN = "not-taken/"
"""What is no file of a station is noted here, below QUARANTINE and REPORTS, under the hash of its key."""
SUFFIX = ".csv"
MAX_FILE_BYTES = 16 * 2**20
"""A file is read into memory. Three centuries of days are 4 MiB."""
MAX_STATION_BYTES, MAX_NAME_BYTES = 200, 500
"""S3 refuses a key of more than 1,024 bytes. What is written about a file has both in its key."""
AT_ONCE_FILES, AT_ONCE_BYTES = 200, 64 * 2**20
"""What one task takes. A task costs seconds to start, so a few files are not shared out."""
MAX_SHARES = 32
"""Tasks that share out the rest. Airflow fails a task that maps to more than `core.max_map_length`, 1,024."""


@dataclass(frozen=True, kw_only=True)
class Landed:
    """One object below LANDING."""

    key: str
    etag: str
    size: int
    at: datetime.datetime

    @property
    def station(self) -> str:
        return self.key.removeprefix(LANDING).partition("/")[0]

    @property
    def name(self) -> str:
        return self.key.removeprefix(LANDING).partition("/")[2]

    @property
    def refusal(self) -> str | None:
        """Why it is no file of a station; None if it is one."""
        form = f"{LANDING}<station>/<file>{SUFFIX}"
        if not self.name:
            return f"it lies in no folder of a station: deliver it as {form}"
        if not self.station:
            return f"the name of its station is empty: deliver it as {form}"
        if problem := _problem(self.station, most=MAX_STATION_BYTES):
            return f"the name of its station {problem}"
        if problem := _problem(self.name, most=MAX_NAME_BYTES):
            return f"its name {problem}"
        if not self.name.lower().endswith(SUFFIX):
            return f"its name does not end in {SUFFIX}: deliver a CSV file, not packed"
        return None

    @property
    def report(self) -> str:
        """The key of its report. A file with a report is done; another content has another report."""
        return f"{REPORTS}{self._note}.json"

    @property
    def quarantine(self) -> str:
        """The key of what is set aside of it."""
        return f"{QUARANTINE}{self._note}.csv"

    @property
    def _note(self) -> str:
        if self.refusal:
            return f"{NOT_TAKEN}{hashlib.sha256(self.key.encode()).hexdigest()}.{self.etag}"
        return f"{self.station}/{self.name}.{self.etag}"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What has landed and has no report yet."""

    stations: Mapping[str, Sequence[Landed]]
    """By station. The oldest file comes first, so that the newest observation of a day wins."""
    refused: Sequence[Landed]
    """No files of a station."""

    def __bool__(self) -> bool:
        return bool(self.stations or self.refused)

    def at_once(self) -> list[str]:
        """The stations that one task takes itself: those that have waited longest, as long as it is little in all."""
        taken: list[str] = []
        files = size = 0
        for station, landed in self.stations.items():
            files += len(landed)
            size += sum(min(each.size, MAX_FILE_BYTES) for each in landed)
            if files > AT_ONCE_FILES or size > AT_ONCE_BYTES:
                break
            taken.append(station)
        return taken

    def shares(self, without: Iterable[str]) -> list[list[str]]:
        """The other stations, in at most MAX_SHARES lists of about as many files. A station is in one list."""
        left = {station: len(files) for station, files in self.stations.items() if station not in set(without)}
        count = min(MAX_SHARES, len(left), -(-sum(left.values()) // AT_ONCE_FILES))
        shares: list[list[str]] = [[] for _ in range(count)]
        sizes = [0] * count
        for station in sorted(left, key=lambda each: (-left[each], each)):
            smallest = sizes.index(min(sizes))
            shares[smallest].append(station)
            sizes[smallest] += left[station]
        return shares


def found(objects: Iterable[Landed], *, reports: AbstractSet[str]) -> Found:
    """Objects without a report, each in its place. Only an empty object that stands for a folder is left out."""
    stations: dict[str, list[Landed]] = {}
    refused: list[Landed] = []
    for each in sorted(objects, key=lambda one: (one.at, one.key)):
        # S3's console makes such an object for "Create folder".
        if (each.key.endswith("/") and each.size == 0) or each.report in reports:
            continue
        if each.refusal:
            refused.append(each)
        else:
            stations.setdefault(each.station, []).append(each)
    return Found(stations=stations, refused=refused)


def _problem(name: str, *, most: int) -> str | None:
    if len(name.encode()) > most:
        return f"has more than {most} bytes"
    if not name.isprintable():
        return "has characters that cannot be printed"
    if {"", ".", ".."} & set(name.split("/")):
        return "has an empty part, or one of dots only"
    return None
