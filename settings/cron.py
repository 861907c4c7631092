"""Cron expressions as Kubernetes reads them.

They are checked here because Kubernetes refuses a wrong one only after everything else was created. The API server
takes what the standard parser of robfig/cron 3 takes, without a time zone in it:
https://github.com/robfig/cron/blob/v3.0.1/parser.go, and validateScheduleFormat of
https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/apis/batch/validation/validation.go.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS: tuple[tuple[int, int, tuple[str, ...]], ...] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, MONTHS),
    (0, 6, DAYS),
)
"""Lowest value, highest value, and the names from the lowest up, for: minute, hour, day of the month, month, day of the
week. Sunday is 0, and never 7."""
DESCRIPTORS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_EVERY = re.compile(r"@every ([0-9]{1,6}(\.[0-9]{1,6})?(h|m|s|ms|us|µs|ns))+")
_PART = re.compile(r"(?:[*?]|(\w+)(?:-(\w+))?)(?:/([0-9]+))?", re.ASCII)


def _number(text: str, lowest: int, names: tuple[str, ...]) -> int:
    """The value of a number or a name; -1 for neither."""
    if text.lower() in names:
        return names.index(text.lower()) + lowest
    return int(text) if text.isdigit() else -1


def _part_fits(part: str, lowest: int, highest: int, names: tuple[str, ...]) -> bool:
    found = _PART.fullmatch(part)
    if not found:
        return False
    first, last, step = found.groups()
    start = _number(first, lowest, names) if first else lowest
    end = _number(last, lowest, names) if last else start
    return lowest <= start <= end <= highest and (step is None or int(step) > 0)


def _check(text: str) -> str:
    fields = text.split()
    by_fields = len(fields) == len(FIELDS) and all(
        _part_fits(part, *limits) for field, limits in zip(fields, FIELDS, strict=True) for part in field.split(",")
    )
    if not (by_fields or text in DESCRIPTORS or _EVERY.fullmatch(text)):
        raise ValueError("a cron expression of five fields, such as 0 3 * * *; a range never falls, and Sunday is 0")
    return text


Cron = Annotated[str, AfterValidator(_check)]
