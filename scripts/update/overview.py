"""An update before it begins: counts first, then what goes and why, then what changes. What does not is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pulumi.automation.events import EngineEvent, OpType
from rich.text import Text

from plan.tree import short_type
from scripts.update.steps import CREATE, DELETE, LEFTOVER, REPLACE, SHOWN, UPDATE, Step, step_of

HEADINGS: Final = {
    REPLACE: "Replaced: what is there now goes",
    DELETE: "Deleted",
    UPDATE: "Changed in place",
    CREATE: "Made",
}
COLOURS: Final = {REPLACE: "red", DELETE: "red", UPDATE: "yellow", CREATE: "green"}
MANY: Final = 5
"""From so many of a type on, new ones are counted, not listed."""


@dataclass
class Overview:
    """Collects the events of a preview."""

    steps: dict[str, Step] = field(default_factory=dict[str, Step])
    """By URN."""
    unchanged: int = 0

    def __call__(self, event: EngineEvent) -> None:
        step = step_of(event)
        if step and step.op == LEFTOVER:
            # Of a replacement in this update the step itself tells, before this or after it.
            self.steps.setdefault(step.urn, replace(step, op=DELETE))
        elif step:
            self.steps[step.urn] = step
        elif event.summary_event:
            self.unchanged = event.summary_event.resource_changes.get(OpType.SAME, 0)

    def of(self, op: str) -> list[Step]:
        """By type and name."""
        return sorted((step for step in self.steps.values() if step.op == op), key=lambda step: (step.type, step.name))

    @property
    def losses(self) -> list[Step]:
        """What holds state, and would be replaced or deleted."""
        return [step for step in self.steps.values() if step.destroys and step.holds_state]

    @property
    def destroys(self) -> bool:
        return any(step.destroys for step in self.steps.values())

    def lines(self) -> Iterator[Text]:
        """For people."""
        yield Text(self.counts())
        for op in SHOWN:
            steps = self.of(op)
            if not steps:
                continue
            yield Text()
            yield Text(f"{HEADINGS[op]}:", style=COLOURS[op])
            yield from (Text(f"    {line}") for line in (_made(steps) if op == CREATE else map(_line, steps)))

    def counts(self) -> str:
        """In one line."""
        found = [(op, len(self.of(op))) for op in SHOWN]
        parts = [f"{number} to {op}" for op, number in found if number]
        return ", ".join([*(parts or ["no changes"]), *([f"{self.unchanged} unchanged"] if self.unchanged else [])])

    def for_machines(self) -> dict[str, object]:
        """What `--json` says: names of properties, never values."""
        return {
            "changes": {op: len(self.of(op)) for op in SHOWN},
            "unchanged": self.unchanged,
            "steps": [
                {
                    "operation": step.op,
                    "type": step.type,
                    "name": step.name,
                    "urn": step.urn,
                    "properties": list(step.causes),
                    "holdsState": step.holds_state,
                    "staysInTheCloud": step.stays,
                }
                for op in SHOWN
                for step in self.of(op)
            ],
        }


def _line(step: Step) -> str:
    words = [short_type(step.type), step.name]
    if step.causes:
        words.append(f"because of {', '.join(step.causes)}" if step.op == REPLACE else f"({', '.join(step.causes)})")
    if step.stays:
        words.append("- given up only: it stays in the cloud")
    elif step.destroys and step.holds_state:
        words.append("- WITH WHAT IS IN IT")
    return "  ".join(words)


def _made(steps: Sequence[Step]) -> Iterator[str]:
    numbers = Counter(step.type for step in steps)
    for kind, number in numbers.items():
        if number >= MANY:
            yield f"{short_type(kind)}  {number} of them"
        else:
            yield from (_line(step) for step in steps if step.type == kind)
