"""Times of day and week in AWS's notation, all in UTC."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY = 24 * 60
_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
_DAILY = re.compile(f"{_TIME}-{_TIME}")
_WEEKLY = re.compile(f"({'|'.join(DAYS)}):{_TIME}-({'|'.join(DAYS)}):{_TIME}")


def _daily_span(text: str) -> tuple[int, int] | None:
    found = _DAILY.fullmatch(text)
    if not found:
        return None
    start = int(found[1]) * 60 + int(found[2])
    end = int(found[3]) * 60 + int(found[4])
    return start, (end - start) % MINUTES_A_DAY


def _weekly_span(text: str) -> tuple[int, int] | None:
    found = _WEEKLY.fullmatch(text)
    if not found:
        return None
    start = DAYS.index(found[1]) * MINUTES_A_DAY + int(found[2]) * 60 + int(found[3])
    end = DAYS.index(found[4]) * MINUTES_A_DAY + int(found[5]) * 60 + int(found[6])
    return start, (end - start) % (7 * MINUTES_A_DAY)


def _daily(minimum: int):
    def check(text: str) -> str:
        span = _daily_span(text)
        if span is None or span[1] < minimum:
            raise ValueError(f"a daily window in UTC of at least {minimum} minutes, such as 02:00-03:00")
        return text

    return AfterValidator(check)


def _weekly(minimum: int):
    def check(text: str) -> str:
        span = _weekly_span(text)
        if span is None or not minimum <= span[1] <= MINUTES_A_DAY:
            raise ValueError(f"a weekly window in UTC of {minimum} minutes to a day, such as sun:04:00-sun:05:00")
        return text

    return AfterValidator(check)


HalfHourDaily = Annotated[str, _daily(30)]
HourDaily = Annotated[str, _daily(60)]
HalfHourWeekly = Annotated[str, _weekly(30)]
HourWeekly = Annotated[str, _weekly(60)]


def overlap(daily: str, weekly: str) -> bool:
    """Whether a daily window overlaps a weekly one, which AWS refuses."""
    day, week = _daily_span(daily), _weekly_span(weekly)
    if day is None or week is None:
        return False
    minutes_a_week = 7 * MINUTES_A_DAY
    for offset in range(0, minutes_a_week, MINUTES_A_DAY):
        start = offset + day[0]
        if (week[0] - start) % minutes_a_week < day[1] or (start - week[0]) % minutes_a_week < week[1]:
            return True
    return False
