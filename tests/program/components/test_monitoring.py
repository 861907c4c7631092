"""Alarms are about what the stack has, and cost nothing where nobody wants them."""

from __future__ import annotations

import pytest

from plan import Deployment, plan_stack
from plan.price import monitoring_price

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"


def alarms(deployment: Deployment) -> set[str]:
    return {each.name for each in deployment.of_type(ALARM)}


@pytest.mark.parametrize(
    ("settings", "gone"),
    [
        ({"ingress": {}}, {"certificate-expires", "door-closed", "door-errors", "door-slow"}),
        ({"buckets": {}}, {"dead-letters.landed_weather", "objects-wait.landed_weather"}),
    ],
    ids=["door", "watched prefix"],
)
def test_what_is_removed_takes_its_alarms_along(prod: Deployment, settings: dict[str, object], gone: set[str]) -> None:
    """And no other alarm goes, or comes."""
    left = plan_stack("prod", config_overrides=settings)
    assert alarms(prod) ^ alarms(left) == {f"alisio-prod-monitoring-{name}" for name in gone}


def test_dev_goes_to_a_minimum_by_one_setting() -> None:
    """Metrics stay to be looked at; no alarm, no topic, no dashboard, no price."""
    quiet = plan_stack("dev", config_overrides={"monitoring": {"alarms": False}})
    assert not (alarms(quiet) | {each.name for each in quiet.of_type(COMPOSITE)})
    assert monitoring_price(quiet) == ""
