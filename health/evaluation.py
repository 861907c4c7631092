"""Whether an alarm fires, found as CloudWatch finds it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from health import expression as math
from health.alarm import Alarm, Comparison
from health.expression import Number, Series

BEYOND = 2
"""How many periods before the last N are looked at for real points, when some of the N have none. CloudWatch does not
say how many; its documentation's examples have five for an N of three."""
COMPARE: Mapping[Comparison, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class State(Enum):
    """A state of an alarm, with CloudWatch's words."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


def periods(alarm: Alarm) -> int:
    """How many periods an evaluation looks at."""
    return alarm.datapoints[1] + BEYOND


def state(alarm: Alarm, metrics: Mapping[str, Series], *, before: State = State.INSUFFICIENT_DATA) -> State:
    """The state after these periods, oldest first and all complete. `before` is what it was, for `ignore`."""
    needed, of = alarm.datapoints
    values = math.value(alarm.expression, metrics)[-periods(alarm) :]
    real = [value for value in values if value is not None]
    if len(real) >= of:
        return _verdict(sum(_breaches(alarm, value) for value in real[-of:]), needed)
    absent = of - len(real)
    breaching = sum(_breaches(alarm, value) for value in real)
    match alarm.missing:
        case "breaching":
            return _verdict(breaching + absent, needed)
        case "notBreaching":
            return _verdict(breaching, needed)
        case _ if breaching < len(real) or breaching >= needed:
            # There is a good period, or enough bad ones: what is missing changes nothing.
            return _verdict(breaching, needed)
        case "ignore":
            return before
        case "missing":
            return State.ALARM if _oldest(values) >= needed else State.INSUFFICIENT_DATA


def _oldest(values: Sequence[Number]) -> int:
    """How many periods ago the oldest of them has a value. 1 is the newest, 0 says that none has one.

    Where every value breaches and the oldest is as old as M periods, CloudWatch does not wait for more of them:
    "Avoiding premature transitions to alarm state".
    """
    return next((len(values) - index for index, value in enumerate(values) if value is not None), 0)


def _verdict(breaching: int, needed: int) -> State:
    return State.ALARM if breaching >= needed else State.OK


def _breaches(alarm: Alarm, value: Number) -> bool:
    return value is not None and COMPARE[alarm.comparison](value, alarm.threshold)
