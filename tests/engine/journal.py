"""What the doubles were asked, and what they answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import final


@final
@dataclass(kw_only=True)
class Call:
    """One call of a provider's method."""

    method: str
    """As in the protocol: Check, Diff, Create, Read, Update, Delete."""
    type: str
    name: str
    urn: str
    id: str = ""
    preview: bool = False
    began: float = field(default_factory=time.monotonic)
    seconds: float | None = None
    """None: it has not been answered."""
    answer: str = ""
    """The id of what was made, the properties that differ, or the error."""
    failed: bool = False


@final
class Journal:
    """Every call, in the order of their beginnings."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    @property
    def calls(self) -> list[Call]:
        with self._lock:
            return list(self._calls)

    def of(self, *methods: str, type_: str | None = None) -> list[Call]:
        """Calls that were no preview, of these methods and, if given, of a type."""
        return [
            each
            for each in self.calls
            if each.method in methods and not each.preview and (type_ is None or each.type == type_)
        ]

    def unanswered(self) -> list[Call]:
        """Calls that hang, or that have only just begun."""
        return [each for each in self.calls if each.seconds is None]

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()

    @contextmanager
    def record(self, call: Call) -> Generator[Call]:
        """Note the call, and how long its answer took."""
        with self._lock:
            self._calls.append(call)
        try:
            yield call
        except Exception as error:
            call.failed, call.answer = True, str(error)
            raise
        finally:
            call.seconds = time.monotonic() - call.began
