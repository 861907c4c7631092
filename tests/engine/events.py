"""What the engine says of an operation: its events, of which it keeps a log as the Automation API reads it.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/events.go
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, final

UNTOUCHED: Final = frozenset({"same", "read", "refresh"})


@final
@dataclass(frozen=True, kw_only=True)
class Step:
    """One step that the engine took, or would take."""

    op: str
    urn: str
    type: str
    custom: bool
    """A component is no resource of the cloud's: an update of one changes the state only."""
    diff: tuple[str, ...] = ()
    """The property paths that differ."""

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]


@final
@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A command of Pulumi that has ended."""

    code: int
    output: str
    """Standard output and error, as a person would see them."""
    seconds: float
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]], repr=False)

    @cached_property
    def steps(self) -> list[Step]:
        """In the order in which they began."""
        found = (event["resourcePreEvent"]["metadata"] for event in self.events if "resourcePreEvent" in event)
        return [_step(each) for each in found]

    @cached_property
    def done(self) -> list[Step]:
        """In the order in which they succeeded."""
        found = (event["resOutputsEvent"]["metadata"] for event in self.events if "resOutputsEvent" in event)
        return [_step(each) for each in found]

    @cached_property
    def failed(self) -> list[Step]:
        found = (event["resOpFailedEvent"]["metadata"] for event in self.events if "resOpFailedEvent" in event)
        return [_step(each) for each in found]

    @cached_property
    def changes(self) -> dict[str, int]:
        """How many resources each operation was for: `{"same": 173}`. A refresh tells it of its own."""
        for event in reversed(self.events):
            if "summaryEvent" in event:
                return event["summaryEvent"]["resourceChanges"]
        return dict(Counter(step.op for step in self.steps))

    @cached_property
    def touched(self) -> dict[str, set[str]]:
        """The names of the resources that are not left alone, by operation, without the engine's own providers."""
        found: dict[str, set[str]] = {}
        for step in self.steps:
            if step.custom and step.op not in UNTOUCHED and "::default" not in step.urn:
                found.setdefault(step.op, set()).add(step.name)
        return found

    def messages(self, *severities: str) -> list[str]:
        """What program, providers and engine said, each as one text."""
        found = (event["diagnosticEvent"] for event in self.events if "diagnosticEvent" in event)
        return [each["message"].strip() for each in found if each["severity"] in (severities or ("warning", "error"))]


def read_events(file: Path) -> list[dict[str, Any]]:
    """An engine that was killed may leave half a line."""
    found: list[dict[str, Any]] = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            break
    return found


def _step(metadata: dict[str, Any]) -> Step:
    detailed: dict[str, Any] = metadata.get("detailedDiff") or {}
    paths = tuple(sorted(detailed)) or tuple(sorted(metadata.get("diffs") or ()))
    side: dict[str, Any] = metadata.get("new") or metadata.get("old") or {}
    custom = bool(side.get("custom"))
    return Step(op=metadata["op"], urn=metadata["urn"], type=metadata["type"], custom=custom, diff=paths)
