"""Alarms over alarms: what wakes people up, and what only looks like an outage.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from health.airflow_alarms import HEARTBEATS
from health.alarm import Alarm
from health.evaluation import State

USERS_NOTICE = "users-notice"
TELEMETRY_DOWN = "telemetry-down"
MOST_ALARMS = 100
"""In one rule."""
LONGEST_RULE = 10_240
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html"""


@dataclass(frozen=True, kw_only=True)
class Composite:
    """An alarm that fires when any of some others does (`OR`), or when all do (`AND`)."""

    name: str
    """Unique in the stack, among all alarms. Up to its first dot also its anchor in docs/runbook.md."""
    title: str
    operator: Literal["AND", "OR"]
    alarms: tuple[str, ...]
    """Names of alarms, or of composites that come before this one."""
    why: str
    action: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.alarms) <= MOST_ALARMS:
            raise ValueError(f"alarm {self.name}: a rule is about 1 to {MOST_ALARMS} alarms, not {len(self.alarms)}")

    @property
    def anchor(self) -> str:
        """Its section of docs/runbook.md."""
        return self.name.partition(".")[0]

    def rule(self, prefix: str) -> str:
        """The rule as CloudWatch reads it. All alarms must exist before."""
        text = f" {self.operator} ".join(f'ALARM("{prefix}-{name}")' for name in self.alarms)
        if len(text) > LONGEST_RULE:
            raise ValueError(f"alarm {self.name}: its rule has {len(text)} characters, {LONGEST_RULE} are allowed")
        return text

    def state(self, states: Mapping[str, State]) -> State:
        """Its state, from those of its alarms. One that has no data does not fire."""
        firing = (states[name] is State.ALARM for name in self.alarms)
        return State.ALARM if (any if self.operator == "OR" else all)(firing) else State.OK


def composites(alarms: Sequence[Alarm]) -> list[Composite]:
    """Of these alarms. Each comes after those that it is about."""
    paging = [alarm.name for alarm in alarms if alarm.pages]
    return [*_users_notice(paging), *_telemetry_down({alarm.name for alarm in alarms})]


def _users_notice(paging: Sequence[str]) -> list[Composite]:
    """One, over parts of a hundred where there are more: each queue has an alarm."""
    chunks = [tuple(paging[start : start + MOST_ALARMS]) for start in range(0, len(paging), MOST_ALARMS)]
    match chunks:
        case []:
            return []
        case [names]:
            return [_paging(USERS_NOTICE, names)]
        case _:
            parts = [_paging(f"{USERS_NOTICE}.{number}", names) for number, names in enumerate(chunks, start=1)]
            return [*parts, _paging(USERS_NOTICE, tuple(part.name for part in parts))]


def _paging(name: str, names: tuple[str, ...]) -> Composite:
    return Composite(
        name=name,
        title="Users notice: the platform does not do its work",
        operator="OR",
        alarms=names,
        why="The only alarm that wakes people up. All others name the part at fault, and can wait for the morning.",
        action="Which of its alarms fires? Begin there. Several at once have one cause.",
    )


def _telemetry_down(names: Collection[str]) -> list[Composite]:
    if not all(name in names for name in HEARTBEATS):
        return []
    return [
        Composite(
            name=TELEMETRY_DOWN,
            title="No metrics arrive: that is more likely than that all of Airflow is gone",
            operator="AND",
            alarms=tuple(HEARTBEATS),
            why="Scheduler, triggerer and dag-processor fall silent together when their metrics do not arrive.",
            action="Does the CloudWatch agent run? kubectl --namespace amazon-cloudwatch get pod.",
        )
    ]
