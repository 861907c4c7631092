"""What a refresh finds: where the cloud is not as the state says. The engine tells it at the end of each step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pulumi.automation.events import EngineEvent

from plan.tree import short_type


@dataclass
class Drift:
    """Collects the events of a refresh."""

    found: list[str] = field(default_factory=list[str])
    """A line for each resource that differs: names of properties, never values."""

    def __call__(self, event: EngineEvent) -> None:
        if not (ended := event.res_outputs_event):
            return
        metadata = ended.metadata
        words = f"{short_type(metadata.type)}  {metadata.urn.rpartition('::')[2]}"
        paths = ", ".join(sorted(metadata.detailed_diff or metadata.diffs or ()))
        match metadata.op.value:
            case "delete":
                self.found.append(f"{words}  is gone")
            case "update":
                self.found.append(f"{words}  differs{f' ({paths})' if paths else ''}")
            case _:
                pass

    def lines(self) -> Iterator[str]:
        """For people."""
        if not self.found:
            yield "the state says what there is"
            return
        yield f"{len(self.found)} not as the state says:"
        yield from (f"    {line}" for line in sorted(self.found))
