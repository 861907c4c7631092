"""What goes wrong on purpose: the n-th call of a type fails, hangs, is slow, is throttled, or finds a changed world."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, final

from tests.engine.cloud import Cloud, CloudError
from tests.engine.journal import Call

NOTHING: Final = "nothing"


@final
@dataclass(kw_only=True)
class Fault:
    """Strikes the `nth` call of a method and type (previews do not count), once or `times` in a row."""

    type: str
    """A type token; empty: every type."""
    method: str = "Create"
    name: str = ""
    """A logical name; empty: every one."""
    nth: int = 1
    times: int = 1
    fails: str = ""
    """The error's text."""
    slow_seconds: float = 0
    throttled: int = 0
    """How often the cloud says `Rate exceeded`; the AWS provider waits and tries again by itself."""
    hangs: str = NOTHING
    """`before` or `after` the cloud has done it; the answer comes when the faults are lifted, or never."""
    drift: Callable[[Cloud, Call], None] | None = None
    """Somebody's change behind Pulumi's back, just before the call."""
    seen: int = 0

    def fits(self, call: Call) -> bool:
        return self.method == call.method and self.type in ("", call.type) and self.name in ("", call.name)


@final
@dataclass
class Faults:
    """The faults of a stage; `reached` is set as soon as a call hangs."""

    cloud: Cloud
    faults: list[Fault] = field(default_factory=list[Fault])
    durations: Callable[[Call], float] | None = None
    """How long each call takes; for measurements."""
    reached: threading.Event = field(default_factory=threading.Event)
    _lifted: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> Fault:
        self.faults.append(fault)
        return fault

    def lift(self) -> None:
        """No more faults; what hangs, fails."""
        with self._lock:
            self.faults.clear()
            lifted, self._lifted = self._lifted, threading.Event()
            self.reached.clear()
        lifted.set()

    def before(self, call: Call) -> list[Fault]:
        """Strike; the faults that strike again afterwards are returned for `after`."""
        if self.durations is not None:
            time.sleep(self.durations(call))
        striking = self._striking(call)
        for fault in striking:
            if fault.drift is not None:
                fault.drift(self.cloud, call)
            time.sleep(fault.slow_seconds)
            for _ in range(fault.throttled):
                call.answer = "throttled"
                time.sleep(0.05)
            if fault.hangs == "before":
                self._hang(call, fault)
            if fault.fails:
                raise CloudError(fault.fails)
        return striking

    def after(self, call: Call, faults: list[Fault]) -> None:
        for fault in faults:
            if fault.hangs == "after":
                self._hang(call, fault)

    def _striking(self, call: Call) -> list[Fault]:
        with self._lock:
            fitting = [each for each in self.faults if each.fits(call)]
            for fault in fitting:
                fault.seen += 1
            return [fault for fault in fitting if fault.nth <= fault.seen < fault.nth + fault.times]

    def _hang(self, call: Call, fault: Fault) -> None:
        with self._lock:
            lifted = self._lifted
            # Lifted since it struck: a call of an engine that is dead is not to be taken for one of the next.
            there = any(each is fault for each in self.faults)
            if there:
                self.reached.set()
        if there:
            lifted.wait()
        raise CloudError(f"{call.method} of {call.type} was interrupted")
