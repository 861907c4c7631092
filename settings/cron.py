"""Cron expressions as Kubernetes reads them.

They are checked here because Kubernetes refuses a wrong one only after everything else was created.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from settings.windows import DAYS

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FIELDS: tuple[tuple[int, int, tuple[str, ...]], ...] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, MONTHS),
    (0, 6, DAYS),
)
"""Lowest value, highest value and names, for: minute, hour, day of the month, month, day of the week."""
_PART = re.compile(r"(?:\*|([a-z]+|[0-9]+)(?:-([a-z]+|[0-9]+))?)(?:/[1-9][0-9]*)?", re.IGNORECASE)


def _part_fits(part: str, lowest: int, highest: int, names: tuple[str, ...]) -> bool:
    found = _PART.fullmatch(part)
    if not found:
        return False
    ends = [end.lower() for end in found.groups() if end]
    numbers = [int(end) for end in ends if end.isdigit()]
    words = [end for end in ends if not end.isdigit()]
    ordered = len(numbers) < 2 or numbers[0] <= numbers[1]
    return ordered and all(word in names for word in words) and all(lowest <= each <= highest for each in numbers)


def _check(text: str) -> str:
    fields = text.split()
    if len(fields) != len(FIELDS) or not all(
        _part_fits(part, *limits) for field, limits in zip(fields, FIELDS, strict=True) for part in field.split(",")
    ):
        raise ValueError("a cron expression of five fields, such as 0 3 * * *")
    return text


Cron = Annotated[str, AfterValidator(_check)]
