"""The alarm about the alarms: are people told?"""

from __future__ import annotations

from collections.abc import Iterator

from health.alarm import Alarm
from health.metric import Metric
from health.subjects import KINDS, TOPIC, TOPICS


def topic_alarms() -> Iterator[Alarm]:
    """One for each topic. Both topics tell it, and the dashboard shows it in any case."""
    for kind in TOPICS:
        yield _notices_fail(kind)


def _notices_fail(kind: str) -> Alarm:
    return Alarm(
        name=f"notices-fail.{kind}",
        subject=f"{TOPIC}-{kind}",
        title=f"Notices do not arrive: {kind}",
        metrics={"value": Metric(name="NumberOfNotificationsFailed", statistic="Sum", by=KINDS[TOPIC].dimensions)},
        comparison=">",
        threshold=0,
        period_seconds=300,
        datapoints=(1, 1),
        missing="notBreaching",
        why="SNS has tried several times, and given up. Whoever is behind that subscription knows of nothing.",
        action="Does the endpoint answer? Send a test, as the runbook shows.",
    )
