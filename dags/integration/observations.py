"""Daily weather observations: reads a station's CSV file into typed rows, and rejected lines with their reason."""

from __future__ import annotations

import csv
import datetime
import io
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

COLUMNS = ("date", "precipitation", "temp_max", "temp_min", "wind", "weather")
KINDS = frozenset({"drizzle", "fog", "rain", "snow", "sun"})
COLDEST, HOTTEST = -90.0, 60.0
WETTEST_DAY = 2000.0
STRONGEST_WIND = 115.0
"""The extremes ever measured on Earth, rounded up. What lies beyond is an error of the instrument."""


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
        return f"{self.day:%Y-%m}"


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


def parse(data: bytes, *, station: str) -> Delivery:
    """Each line of the file goes into exactly one of the two lists. The header and empty lines go into neither."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Delivery(rejects=[Reject(line=1, reason="the file is not UTF-8", text=str(error))])
    # splitlines() would also break a line at characters that belong to its text, such as U+2028.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not text:
        return Delivery(rejects=[Reject(line=1, reason="the file is empty", text="")])
    header = tuple(name.strip() for name in lines[0].split(","))
    if header != COLUMNS:
        wanted = ",".join(COLUMNS)
        return Delivery(rejects=[Reject(line=1, reason=f"the header is not {wanted}", text=lines[0])])

    delivery = Delivery()
    seen: set[datetime.date] = set()
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        try:
            observation = _observation(line, station=station)
            if observation.day in seen:
                raise ValueError("the day stands twice in the file")
        except ValueError as error:
            delivery.rejects.append(Reject(line=number, reason=str(error), text=line))
            continue
        seen.add(observation.day)
        delivery.observations.append(observation)
    return delivery


def rejects_csv(rejects: list[Reject]) -> str:
    """Rejects as a file that a person can correct and deliver again."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("line", "reason", "text"))
    writer.writerows((reject.line, reject.reason, reject.text) for reject in rejects)
    return out.getvalue()


def _observation(line: str, *, station: str) -> Observation:
    # One line at a time, so that a quote that is never closed does not swallow the rest of the file.
    values = next(csv.reader([line]))
    if len(values) != len(COLUMNS):
        raise ValueError(f"not {len(COLUMNS)} values")
    row: dict[str, str] = dict(zip(COLUMNS, (value.strip() for value in values), strict=True))
    observation = Observation(
        station=station,
        day=_day(row["date"]),
        precipitation_mm=_number(row, "precipitation", within=(0.0, WETTEST_DAY)),
        temperature_max_c=_number(row, "temp_max", within=(COLDEST, HOTTEST)),
        temperature_min_c=_number(row, "temp_min", within=(COLDEST, HOTTEST)),
        wind_m_s=_number(row, "wind", within=(0.0, STRONGEST_WIND)),
        weather=_kind(row["weather"]),
    )
    if observation.temperature_min_c > observation.temperature_max_c:
        raise ValueError("temp_min is above temp_max")
    return observation


def _day(text: str) -> datetime.date:
    parsers: tuple[Callable[[str], datetime.date], ...] = (
        lambda value: datetime.datetime.strptime(value, "%Y-%m-%d").date(),
        lambda value: datetime.datetime.strptime(value, "%Y/%m/%d").date(),
    )
    for parse_day in parsers:
        try:
            return parse_day(text)
        except ValueError:
            continue
    raise ValueError("date is not of the form 2026-12-31 or 2026/12/31")


def _number(row: Mapping[str, str], name: str, *, within: tuple[float, float]) -> float:
    low, high = within
    try:
        number = float(row[name])
    except ValueError:
        raise ValueError(f"{name} is not a number") from None
    # `float` also reads `nan` and `inf`.
    if not math.isfinite(number) or not low <= number <= high:
        raise ValueError(f"{name} is not within {low:g} to {high:g}")
    return number


def _kind(text: str) -> str:
    if text not in KINDS:
        raise ValueError(f"weather is none of {', '.join(sorted(KINDS))}")
    return text
