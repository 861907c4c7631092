"""What monitoring costs is counted by AWS's rules, and by the list of what Airflow sends."""

from __future__ import annotations

import re

import pytest

from health.airflow_metrics import FULL, PREFIX, SMALL, WITHOUT_TAGS
from health.airflow_series import SERIES, sent, series_count
from health.price import price
from settings import MonitoringSettings
from tests.program.health.published import AIRFLOW, published
from tests.program.health.stacks import OFF, STACKS, WITHOUT_ALARMS, alarms_of, stack
from tests.program.settings.case import stack_of


def test_the_list_is_the_table_s() -> None:
    """Each series is published with the type and the tag that it is counted with."""
    table = {
        (metric.removeprefix(f"{PREFIX}."), dimensions)
        for namespace, metric, dimensions in published()
        if namespace == AIRFLOW
    }
    listed = {
        (each.name, frozenset({f"metric_type={each.type}", "queue" if each.tag == "canary" else each.tag} - {""}))
        for each in SERIES
    }
    assert listed == table


def test_every_pattern_lets_something_through() -> None:
    """A pattern that matches nothing is a slip; and the whole list is what `full` lets through."""
    for pattern in FULL:
        assert any(re.search(pattern, each.name) for each in SERIES), pattern
    assert [*sent(MonitoringSettings(metrics="full"))] == [*SERIES]


def test_tags_that_cost_series_are_left_out() -> None:
    """Airflow takes each as a pattern, so it must not hit a tag that alarms need."""
    assert not [tag for tag in WITHOUT_TAGS for kept in ("pool_name", "state", "queue") if re.search(tag, kept)]


def test_what_small_saves() -> None:
    airflow = stack("prod").settings.airflow
    counts = {kind: series_count(airflow, MonitoringSettings(metrics=kind)) for kind in ("small", "full")}
    assert counts == {"small": 31, "full": 61}
    assert set(SMALL) < set(FULL)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dev", "29 metrics, 39 alarms, 1 dashboard: 16.90 USD a month"),
        (
            "prod",
            "61 metrics, 61 alarms, 1 dashboard: 29.40 USD a month, and Container Insights in the order of 120 USD",
        ),
    ],
)
def test_prices_of_the_stacks(name: str, text: str) -> None:
    """They are in the documentation, too."""
    assert str(price(stack(name).settings)) == text


@pytest.mark.parametrize("name", STACKS)
def test_alarms_are_billed_by_metric(name: str) -> None:
    found = price(stack(name).settings)
    known = alarms_of(stack(name))
    assert found.alarms == len(known)
    assert found.alarm_metrics == sum(len(alarm.metrics) for alarm in known.values()) >= found.alarms


def test_each_group_costs_two_series_and_a_visit() -> None:
    """Its queue's length and its oldest task; and the canary's two, where it has a worker at all times."""
    one, two = (
        price(stack_of(f"airflow: {{workerGroups: [{groups}]}}").settings).series
        for groups in ("{name: a}", "{name: a}, {name: b}")
    )
    assert two - one == 4
    asleep = stack_of("airflow: {workerGroups: [{name: a}, {name: b, minWorkers: 0}]}")
    assert price(asleep.settings).series - one == 2


def test_what_is_off_costs_nothing() -> None:
    assert str(price(stack_of(OFF).settings)) == "monitoring is off"
    assert price(stack_of(OFF).settings).certain_usd == 0
    silent = price(stack_of(WITHOUT_ALARMS).settings)
    assert (silent.alarms, silent.composites, silent.dashboards) == (0, 0, 0)
    assert silent.series > 0
