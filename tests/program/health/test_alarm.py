"""A rule that CloudWatch would refuse, or that fires by accident, is no alarm."""

from __future__ import annotations

from typing import Any

import pytest

from health.alarm import Alarm
from health.metric import Metric, MetricSource

METRIC = Metric(name="m", statistic="Sum", by=("Of",), tags={"kind": "x"})
GOOD: dict[str, Any] = {
    "name": "it-is.here",
    "subject": "thing",
    "title": "It is wrong",
    "metrics": {"value": METRIC},
    "comparison": ">",
    "threshold": 1,
    "datapoints": (3, 4),
    "missing": "notBreaching",
    "why": "A test.",
    "action": "Nothing.",
}


def made(**changes: Any) -> Alarm:
    return Alarm(**{**GOOD, **changes})


def test_an_alarm_knows_its_section() -> None:
    """All of a kind have one section of the runbook."""
    assert made().anchor == "it-is"
    assert made(name="it-is").anchor == "it-is"
    assert not made().is_math
    assert made(expression="value * 2").is_math


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "It is"}, "its name"),
        ({"period_seconds": 30}, "high resolution"),
        ({"period_seconds": 90}, "high resolution"),
        ({"datapoints": (4, 3)}, "M above N"),
        ({"datapoints": (0, 3)}, "M above N"),
        ({"datapoints": (1, 1)}, "1 of 1 minute"),
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html: Period
        ({"datapoints": (1, 97), "period_seconds": 900}, "longer than 1 d"),
        ({"datapoints": (1, 8), "period_seconds": 86_400}, "longer than 7 d"),
        ({"expression": "other"}, "not its metrics"),
        ({"expression": "value + value2"}, "not its metrics"),
        ({"expression": "FILL(value, 0)", "datapoints": (3, 3)}, "FILL needs M below N"),
        ({"expression": "RATE(value)"}, "not evaluated here"),
        (
            {
                "metrics": {f"m{number}": METRIC for number in range(11)},
                "expression": " + ".join(f"m{number}" for number in range(11)),
            },
            "more than 10 metrics",
        ),
    ],
)
def test_a_bad_rule_is_refused(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        made(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"datapoints": (96, 96), "period_seconds": 900},
        {"datapoints": (1, 1), "period_seconds": 86_400},
        {"datapoints": (7, 7), "period_seconds": 86_400},
        {"datapoints": (3, 4), "period_seconds": 3600, "expression": "FILL(value, 0)"},
    ],
)
def test_a_rule_at_the_limit_is_taken(changes: dict[str, Any]) -> None:
    assert made(**changes)


@pytest.mark.parametrize("statistic", ["Median", "p100.123", "sum", "tm90", ""])
def test_a_statistic_that_cloudwatch_has_not_is_refused(statistic: str) -> None:
    with pytest.raises(ValueError, match="no statistic"):
        Metric(name="m", statistic=statistic)


def test_a_series_has_the_dimensions_of_its_thing() -> None:
    """Only those that its publisher sends with the metric, and the fixed ones."""
    source = MetricSource(namespace="N", dimensions={"Of": "this", "More": "that"})
    assert METRIC.dimensions(source) == {"Of": "this", "kind": "x"}
