"""Alarms over alarms: their rule is CloudWatch's, and fires as CloudWatch's does."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from health.airflow_alarms import HEARTBEATS
from health.alarms import alarms
from health.composite import TELEMETRY_DOWN, USERS_NOTICE, Composite, composites
from health.evaluation import State
from tests.program.health.stacks import STACKS, alarms_of, stack

PREFIX = "alisio-prod"


def made(*names: str, operator: str = "OR") -> Composite:
    return Composite(name="all", title="All", operator=operator, alarms=names, why="A.", action="B.")  # pyright: ignore


def test_a_rule_is_written_as_cloudwatch_reads_it() -> None:
    assert made("a", "b.c").rule(PREFIX) == 'ALARM("alisio-prod-a") OR ALARM("alisio-prod-b.c")'
    assert made("a", "b", operator="AND").rule(PREFIX) == 'ALARM("alisio-prod-a") AND ALARM("alisio-prod-b")'


@pytest.mark.parametrize("states", list(product(State, repeat=2)))
def test_a_rule_fires_on_alarm_alone(states: tuple[State, State]) -> None:
    """ALARM("…") is true of this state, and of no other."""
    known = dict(zip("ab", states, strict=True))
    firing = [each is State.ALARM for each in states]
    assert (made("a", "b").state(known) is State.ALARM) == any(firing)
    assert (made("a", "b", operator="AND").state(known) is State.ALARM) == all(firing)


@pytest.mark.parametrize("names", [(), tuple(f"a{number}" for number in range(101))])
def test_a_rule_is_about_some_alarms(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="1 to 100 alarms"):
        made(*names)


def test_a_rule_has_a_length() -> None:
    with pytest.raises(ValueError, match="10240 are allowed"):
        made(*(f"{'x' * 100}{number}" for number in range(100))).rule(PREFIX)


@pytest.mark.parametrize("name", STACKS)
def test_one_alarm_is_about_all_that_users_notice(name: str) -> None:
    """And one tells silence of the metrics from silence of Airflow. Names are unique, parts come before the whole."""
    known = alarms_of(stack(name))
    found = {each.name: each for each in composites(list(known.values()))}
    assert {USERS_NOTICE, TELEMETRY_DOWN} <= found.keys()
    assert not found.keys() & known.keys()
    assert found[TELEMETRY_DOWN].alarms == tuple(HEARTBEATS)
    assert found[TELEMETRY_DOWN].operator == "AND"
    below = list(found[USERS_NOTICE].alarms)
    parts = [each for each in below if each in found]
    paging = [each for part in parts for each in found[part].alarms] or below
    assert paging == [alarm.name for alarm in known.values() if alarm.pages]
    order = [*known, *found]
    for each in found.values():
        assert all(order.index(name) < order.index(each.name) for name in each.alarms)
        assert each.rule(stack(name).site.prefix)


def test_more_than_a_hundred_have_parts() -> None:
    """The largest stack has a canary for each of 120 queues."""
    found = [each.name for each in composites(list(alarms_of(stack("largest")).values()))]
    assert found == ["users-notice.1", "users-notice.2", USERS_NOTICE, TELEMETRY_DOWN]


def test_without_alarms_there_are_none() -> None:
    assert composites([]) == []
    only = alarms(stack("prod").settings, {"cluster"})
    assert composites(only) == []


@given(firing=st.sets(st.sampled_from(sorted(alarms_of(stack("largest"))))))
def test_users_notice_through_all_parts(firing: set[str]) -> None:
    """Evaluated one after the other, the whole fires when any alarm that pages does."""
    known = list(alarms_of(stack("largest")).values())
    states = {alarm.name: State.ALARM if alarm.name in firing else State.OK for alarm in known}
    for each in composites(known):
        states[each.name] = each.state(states)
    assert (states[USERS_NOTICE] is State.ALARM) == any(alarm.pages for alarm in known if alarm.name in firing)
