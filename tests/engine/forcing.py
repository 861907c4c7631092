"""Properties that force a replacement only when they change in a certain way: what the tables say them with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, cast, final

from tests.engine.raw import Raw, comparable

NO_VERSION: Final = (0,)


@final
@dataclass(frozen=True, kw_only=True)
class Change:
    """Of one property, and all inputs around it."""

    before: Any
    after: Any
    old: Raw
    new: Raw


@final
@dataclass(frozen=True)
class When:
    """A property that forces a replacement where this holds."""

    path: str
    holds: Callable[[Change], bool]


Forcing = str | When


def at(inputs: Any, path: str) -> Any:
    """The value at a path; of each item where there is a list, as indices are left out of paths."""
    value = comparable(inputs)
    if not path:
        return value
    if isinstance(value, list):
        return [at(each, path) for each in cast("list[Any]", value)]
    step, _, rest = path.partition(".")
    return at(cast("Raw", value).get(step), rest) if isinstance(value, dict) else None


def goes(change: Change) -> bool:
    """Given up."""
    return bool(change.before) and not change.after


def comes_or_goes(change: Change) -> bool:
    """Another value is an update."""
    return bool(change.before) != bool(change.after)


def becomes_another(change: Change) -> bool:
    """To come or to go is an update."""
    return bool(change.before) and bool(change.after)


def loses_items(change: Change) -> bool:
    """To add items is an update."""
    return bool(_items(change.before) - _items(change.after))


def falls(change: Change) -> bool:
    """A lower number or version; a higher one is an update."""
    return becomes_another(change) and version(change.after) < version(change.before)


def turns(before: str, after: str, *, default: str) -> Callable[[Change], bool]:
    """From this value to that one; `default` is what is meant where there is none."""
    return lambda change: (change.before or default, change.after or default) == (before, after)


def version(value: Any) -> tuple[int, ...]:
    """As numbers, to compare: `6.x` is 6."""
    return tuple(int(each) for each in re.findall(r"\d+", str(value))) or NO_VERSION


def _items(value: Any) -> set[str]:
    return {str(each) for each in cast("Iterable[Any]", value or [])}
