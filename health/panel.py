"""A panel of the dashboard, as data: whatever draws it needs no CloudWatch."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from health.alarm import Alarm
from health.metric import Metric, MetricSource

BILLING = "billing"
BILLING_SOURCE: MetricSource[str] = MetricSource(namespace="AWS/Billing", dimensions={"Currency": "USD"})
"""Of the whole account. It is sent to one region, once "Receive CloudWatch billing alerts" is set in the preferences:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html"""
BILLING_REGION = "us-east-1"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One series of a panel."""

    label: str
    subject: str
    metric: Metric


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Lines over time. Where an alarm watches one of them, its limit is drawn too."""

    title: str
    lines: tuple[Line, ...]
    period_seconds: int = 300

    def limits(self, alarms: Sequence[Alarm]) -> dict[float, str]:
        """The thresholds of alarms about one of these lines alone, and what is the matter beyond them."""
        return {
            alarm.threshold: alarm.title
            for alarm in alarms
            for line in self.lines
            if not alarm.is_math and line.subject == alarm.subject and self._shows(line.metric, alarm)
        }

    def _shows(self, shown: Metric, alarm: Alarm) -> bool:
        (watched,) = alarm.metrics.values()
        # A sum over another time is another number.
        comparable = shown.statistic != "Sum" or alarm.period_seconds == self.period_seconds
        return comparable and (shown.name, shown.tags) == (watched.name, watched.tags)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A question, and the panels that answer it."""

    question: str
    text: str
    """Markdown below the question."""
    panels: tuple[Panel, ...]
    shows_alarms: bool = False
    """Whether the states of all alarms follow."""

    def of(self, subjects: Collection[str]) -> Section:
        """What is left where only these things exist."""
        there = {*subjects, BILLING}
        panels = (
            replace(panel, lines=tuple(line for line in panel.lines if line.subject in there)) for panel in self.panels
        )
        return replace(self, panels=tuple(panel for panel in panels if panel.lines))
