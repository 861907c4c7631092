"""Daily weather observations: reads a station's CSV file into typed rows, and rejected lines with their reason."""

from __future__ import annotations

import csv
import datetime
import io
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

COLUMNS = ("date", "precipitation", "temp_max", "temp_min", "wind", "weather")
KINDS = frozenset({"drizzle", "fog", "rain", "snow", "sun"})
COLDEST, HOTTEST = -90.0, 60.0
WETTEST_DAY = 2000.0
STRONGEST_WIND = 115.0
"""The extremes ever measured on Earth, rounded up. What lies beyond is an error of the instrument."""
FIRST_DAY = datetime.date(1700, 1, 1)
"""No series of daily measurements is older. An earlier year also has no four digits in some functions of C."""
MAX_LINES = 200_000
"""A station has one line a day, so this is all that a series can have, with room to spare."""
MAX_LINE = 1_000
"""Characters of a line, and those of a rejected line that are shown. The whole of it stays in the landing zone."""
DATE = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One day at one station."""

    station: str
    day: datetime.date
    precipitation_mm: float
    temperature_max_c: float
    temperature_min_c: float
    wind_m_s: float
    weather: str

    @property
    def month(self) -> str:
        return self.day.isoformat()[:7]


@dataclass(frozen=True, kw_only=True)
class Reject:
    """A line that could not be read as an observation, and why."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """The content of one file."""

    observations: list[Observation] = field(default_factory=list[Observation])
    rejects: list[Reject] = field(default_factory=list[Reject])

    def reasons(self) -> dict[str, int]:
        """How many lines were rejected for which reason."""
        return dict(Counter(reject.reason for reject in self.rejects))


def parse(data: bytes, *, station: str, latest: datetime.date | None = None) -> Delivery:
    """Each line of the file goes into exactly one of the two lists. The header and empty lines go into neither.

    `latest` is the last day that may have been observed; by default it is tomorrow, as it begins in the east first.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return refused_whole("the file is not UTF-8", text=str(error))
    if not text:
        return refused_whole("the file is empty")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Before anything is made for each line.
    if text.count("\n") > MAX_LINES:
        return refused_whole(f"the file has more than {MAX_LINES:,} lines")
    # splitlines() would also break a line at characters that belong to its text, such as U+2028.
    lines = text.split("\n")
    header = tuple(name.strip() for name in lines[0].split(",", len(COLUMNS)))
    if header != COLUMNS:
        return refused_whole(f"the header is not {','.join(COLUMNS)}", text=lines[0])

    days = (FIRST_DAY, latest or datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1))
    delivery = Delivery()
    seen: set[datetime.date] = set()
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        try:
            observation = _observation(line, station=station, days=days)
            if observation.day in seen:
                raise ValueError("the day stands twice in the file")
        except ValueError as error:
            delivery.rejects.append(Reject(line=number, reason=str(error), text=_shown(line)))
            continue
        seen.add(observation.day)
        delivery.observations.append(observation)
    return delivery


def refused_whole(reason: str, *, text: str = "") -> Delivery:
    """Nothing of a file is taken, for one reason."""
    return Delivery(rejects=[Reject(line=1, reason=reason, text=_shown(text))])


def rejects_csv(rejects: list[Reject]) -> str:
    """Rejects as a file that a person can correct and deliver again."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("line", "reason", "text"))
    writer.writerows((reject.line, reject.reason, reject.text) for reject in rejects)
    return out.getvalue()


def _shown(text: str) -> str:
    return text if len(text) <= MAX_LINE else f"{text[:MAX_LINE]}... and {len(text) - MAX_LINE:,} characters more"


def _observation(line: str, *, station: str, days: tuple[datetime.date, datetime.date]) -> Observation:
    if len(line) > MAX_LINE:
        raise ValueError(f"the line is longer than {MAX_LINE:,} characters")
    # One line at a time, so that a quote that is never closed does not swallow the rest of the file.
    values = next(csv.reader([line]))
    if len(values) != len(COLUMNS):
        raise ValueError(f"not {len(COLUMNS)} values")
    row: dict[str, str] = dict(zip(COLUMNS, (value.strip() for value in values), strict=True))
    observation = Observation(
        station=station,
        day=_day(row["date"], within=days),
        precipitation_mm=_number(row, "precipitation", within=(0.0, WETTEST_DAY)),
        temperature_max_c=_number(row, "temp_max", within=(COLDEST, HOTTEST)),
        temperature_min_c=_number(row, "temp_min", within=(COLDEST, HOTTEST)),
        wind_m_s=_number(row, "wind", within=(0.0, STRONGEST_WIND)),
        weather=_kind(row["weather"]),
    )
    if observation.temperature_min_c > observation.temperature_max_c:
        raise ValueError("temp_min is above temp_max")
    return observation


def _day(text: str, *, within: tuple[datetime.date, datetime.date]) -> datetime.date:
    # `strptime` would also read the digits of other scripts.
    found = DATE.fullmatch(text)
    try:
        read = datetime.date(*(int(part) for part in found.group(1, 3, 4))) if found else None
    except ValueError:
        read = None
    if read is None:
        raise ValueError("date is not of the form 2026-12-31 or 2026/12/31")
    if read > within[1]:
        raise ValueError("date is in the future")
    if read < within[0]:
        raise ValueError(f"date is before {within[0]}")
    return read


def _number(row: Mapping[str, str], name: str, *, within: tuple[float, float]) -> float:
    low, high = within
    text = row[name]
    try:
        # `float` also reads `1_0` as ten, and the digits of other scripts.
        if "_" in text or not text.isascii():
            raise ValueError
        number = float(text)
    except ValueError:
        raise ValueError(f"{name} is not a number") from None
    # `float` also reads `nan` and `inf`, and `1e400` as infinity.
    if not math.isfinite(number) or not low <= number <= high:
        raise ValueError(f"{name} is not within {low:g} to {high:g}")
    # -0 is 0. The two are equal, but not as bytes.
    return number + 0.0


def _kind(text: str) -> str:
    if text not in KINDS:
        raise ValueError(f"weather is none of {', '.join(sorted(KINDS))}")
    return text
