"""An update while it goes on: a line for each step that ends, and on a terminal what is waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from pulumi.automation.events import EngineEvent, StepEventMetadata
from rich.live import Live
from rich.text import Text

import console
from plan.tree import short_type

QUIET: Final = frozenset({"same", "read", "refresh", "replace"})
"""Of a replacement its two halves are shown: the whole is over at once."""
WAITING_LINES: Final = 8
SLOWEST: Final = 10


@dataclass(frozen=True, kw_only=True)
class Done:
    """A step that has ended."""

    op: str
    type: str
    name: str
    seconds: float
    failed: bool

    def __str__(self) -> str:
        word = "FAILED" if self.failed else "ok"
        return f"{self.seconds:7.1f} s  {word:<6}  {self.op}  {short_type(self.type)}  {self.name}"


@dataclass
class Progress:
    """Takes the events as they come, from a thread of Pulumi's, and shows them.

    Times are of this process' clock: the engine's have whole seconds.
    """

    clock: Callable[[], float] = time.monotonic
    done: list[Done] = field(default_factory=list[Done])
    _began: dict[tuple[str, str], tuple[StepEventMetadata, float]] = field(
        default_factory=dict[tuple[str, str], tuple[StepEventMetadata, float]]
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _live: Live | None = None

    def __enter__(self) -> Self:
        if console.err.is_terminal:
            self._live = Live(console=console.err, get_renderable=self.waiting, refresh_per_second=2, transient=True)
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, event: EngineEvent) -> None:
        if begun := event.resource_pre_event:
            self._start(begun.metadata)
        elif ended := event.res_outputs_event:
            self._end(ended.metadata, failed=False)
        elif lost := event.res_op_failed_event:
            self._end(lost.metadata, failed=True)

    def waiting(self) -> Text:
        """What is under way, the longest first."""
        now = self.clock()
        with self._lock:
            longest = sorted(self._began.values(), key=lambda each: each[1])
        lines = [f"{now - at:7.0f} s  waits for  {_words(metadata)}" for metadata, at in longest[:WAITING_LINES]]
        if len(longest) > WAITING_LINES:
            lines.append(f"           and {len(longest) - WAITING_LINES} more")
        return Text("\n".join(lines), style="dim")

    def summary(self) -> Iterator[str]:
        """How many steps there were, and the slowest of them. Nothing, where there was none."""
        if not self.done:
            return
        failed = sum(each.failed for each in self.done)
        yield f"{len(self.done)} steps" + (f", {failed} of them failed" if failed else "")
        slowest = sorted(self.done, key=lambda each: -each.seconds)[:SLOWEST]
        if len(self.done) > SLOWEST:
            yield "the slowest:"
            yield from map(str, slowest)

    def for_machines(self) -> list[dict[str, object]]:
        """What `--json` says of it."""
        return [
            {
                "operation": each.op,
                "type": each.type,
                "name": each.name,
                "seconds": round(each.seconds, 1),
                "failed": each.failed,
            }
            for each in self.done
        ]

    def _start(self, metadata: StepEventMetadata) -> None:
        if _is_shown(metadata):
            with self._lock:
                self._began[metadata.urn, metadata.op.value] = metadata, self.clock()

    def _end(self, metadata: StepEventMetadata, *, failed: bool) -> None:
        # Not every end has a beginning: https://github.com/pulumi/pulumi/issues/7773
        with self._lock:
            found = self._began.pop((metadata.urn, metadata.op.value), None)
        if not found:
            return
        ended = Done(
            op=metadata.op.value,
            type=metadata.type,
            name=metadata.urn.rpartition("::")[2],
            seconds=self.clock() - found[1],
            failed=failed,
        )
        self.done.append(ended)
        console.err.print(str(ended))


def _is_shown(metadata: StepEventMetadata) -> bool:
    side = metadata.new or metadata.old
    return metadata.op.value not in QUIET and bool(side and side.custom)


def _words(metadata: StepEventMetadata) -> str:
    return f"{metadata.op.value}  {short_type(metadata.type)}  {metadata.urn.rpartition('::')[2]}"
