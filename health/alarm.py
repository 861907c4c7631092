"""An alarm, as data: what it watches, when it fires, what it means and what it asks of people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from health import expression as math
from health.metric import Metric

Missing = Literal["breaching", "notBreaching", "ignore", "missing"]
Comparison = Literal["<", "<=", ">", ">="]
HOUR_SECONDS = 3600
DAY_SECONDS = 86_400
ALARM_NAME = re.compile(r"[a-z0-9_.-]+")


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm of a stack. A rule that CloudWatch would refuse, or that fires by accident, raises ValueError.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
    """

    name: str
    """Unique in the stack. Up to its first dot it is also the anchor of its section in docs/runbook.md."""
    subject: str
    """The thing that it watches: a key of the stack's metric sources."""
    title: str
    """What is the matter when it fires, in a few words."""
    metrics: Mapping[str, Metric]
    """By the id that `expression` uses."""
    expression: str = "value"
    """Metric math over these ids. By itself the one metric."""
    comparison: Comparison
    threshold: float
    period_seconds: int = 60
    datapoints: tuple[int, int]
    """M of N: it fires when M of the last N periods breach."""
    missing: Missing
    """What a period without data counts as."""
    pages: bool = False
    """Whether users notice. If so it is part of the composite alarm that wakes somebody up."""
    why: str
    """Where rule and threshold come from."""
    action: str
    """What to do first."""

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise ValueError(f"alarm {self.name}: {problem}")

    @property
    def anchor(self) -> str:
        """Its section of docs/runbook.md: one for all alarms of a kind, such as those of each queue."""
        return self.name.partition(".")[0]

    @property
    def is_math(self) -> bool:
        """Whether it needs an expression, or one metric alone."""
        return self.expression != "value"

    def _problems(self) -> list[str]:
        needed, of = self.datapoints
        problems: list[str] = []
        if not ALARM_NAME.fullmatch(self.name):
            problems.append(f"its name may have {ALARM_NAME.pattern} only")
        if self.period_seconds % 60 or self.period_seconds < 60:
            problems.append("its period is no multiple of 60 s, and would be billed as high resolution")
        if not 1 <= needed <= of:
            problems.append("M of N with M above N")
        longest = DAY_SECONDS if self.period_seconds < HOUR_SECONDS else 7 * DAY_SECONDS
        if of * self.period_seconds > longest:
            problems.append(f"N periods are longer than {longest // DAY_SECONDS} d")
        if self.datapoints == (1, 1) and self.period_seconds == 60:
            # The newest period of a minute may be incomplete.
            problems.append("1 of 1 minute fires by accident")
        if len(self.metrics) > 10:
            problems.append("more than 10 metrics")
        math.check(self.expression)
        if math.names(self.expression) != set(self.metrics):
            problems.append(f"its expression names {sorted(math.names(self.expression))}, not its metrics")
        if "FILL" in self.expression and needed == of:
            # The newest, late point is filled too.
            problems.append("FILL needs M below N")
        return problems
