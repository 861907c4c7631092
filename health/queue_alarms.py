"""Alarms about the queues that tell of new objects. Their metrics are free."""

from __future__ import annotations

from collections.abc import Iterator

from health.alarm import Alarm
from health.metric import Metric
from health.subjects import DEAD_LETTERS, KINDS, QUEUE
from settings import Watch

OLDEST_SECONDS = 600


def queue_alarms(watches: tuple[Watch, ...]) -> Iterator[Alarm]:
    """Of each watched prefix: does somebody take the messages, and is there one that nobody can take?"""
    for watch in watches:
        yield _age(watch.asset)
        yield _dead_letters(watch.asset)


def _age(asset: str) -> Alarm:
    return Alarm(
        name=f"objects-wait.{asset}",
        subject=f"{QUEUE}-{asset}",
        title=f"New objects of {asset} are not noticed",
        metrics={
            "value": Metric(name="ApproximateAgeOfOldestMessage", statistic="Maximum", by=KINDS[QUEUE].dimensions)
        },
        comparison=">",
        threshold=OLDEST_SECONDS,
        period_seconds=300,
        datapoints=(3, 3),
        missing="notBreaching",
        why="The triggerer takes a message within seconds. SQS sends nothing of a queue that was idle for six hours.",
        action="Does the triggerer run, and is a DAG that waits for the asset active?",
    )


def _dead_letters(asset: str) -> Alarm:
    return Alarm(
        name=f"dead-letters.{asset}",
        subject=f"{DEAD_LETTERS}-{asset}",
        title=f"Messages about objects of {asset} could not be read",
        metrics={
            "value": Metric(
                name="ApproximateNumberOfMessagesVisible", statistic="Maximum", by=KINDS[DEAD_LETTERS].dimensions
            )
        },
        comparison=">",
        threshold=0,
        period_seconds=300,
        datapoints=(1, 1),
        missing="notBreaching",
        why="Each message there was refused several times, and its object has started no run.",
        action="Read one of them, mend what refused it, then move them back: the runbook has the commands.",
    )
