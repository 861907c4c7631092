"""An alarm's state is found as CloudWatch's documentation says, table by table.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from health.alarm import Alarm, Comparison, Missing
from health.evaluation import State, periods, state
from health.expression import Number
from health.metric import Metric

TREATMENTS: tuple[Missing, ...] = ("missing", "ignore", "breaching", "notBreaching")
OK, ALARM, NO_DATA = State.OK, State.ALARM, State.INSUFFICIENT_DATA
KEEP = None
"""The documentation's "Retain current state"."""
THREE_OF_THREE = [
    # 0 is within the threshold, X beyond it, - is missing. The newest is on the right.
    ("0 - X - X", OK, OK, OK, OK),
    ("0 - - - -", OK, OK, OK, OK),
    ("- - - - -", NO_DATA, KEEP, ALARM, OK),
    ("0 X X - X", ALARM, ALARM, ALARM, ALARM),
    ("- - X - -", ALARM, KEEP, ALARM, OK),
]
TWO_OF_THREE = [
    ("0 - X - X", ALARM, ALARM, ALARM, ALARM),
    ("0 0 X 0 X", ALARM, ALARM, ALARM, ALARM),
    ("0 - X - -", OK, OK, ALARM, OK),
    ("- - - - 0", OK, OK, ALARM, OK),
    ("- - - X -", ALARM, KEEP, ALARM, OK),
]
TABLES = [
    *(((3, 3), points, *states) for points, *states in THREE_OF_THREE),
    *(((2, 3), points, *states) for points, *states in TWO_OF_THREE),
]
POINTS: dict[str, Number] = {"0": 0.0, "X": 2.0, "-": None}


def alarm(datapoints: tuple[int, int], missing: Missing) -> Alarm:
    return Alarm(
        name="it",
        subject="thing",
        title="It is wrong",
        metrics={"value": Metric(name="m", statistic="Sum")},
        comparison=">",
        threshold=1,
        period_seconds=300,
        datapoints=datapoints,
        missing=missing,
        why="A test.",
        action="Nothing.",
    )


def found(
    points: str, datapoints: tuple[int, int], missing: Missing, *, before: State = State.INSUFFICIENT_DATA
) -> State:
    return state(alarm(datapoints, missing), {"value": [POINTS[each] for each in points.split()]}, before=before)


@pytest.mark.parametrize(("datapoints", "points", "missing", "ignore", "breaching", "not_breaching"), TABLES)
@pytest.mark.parametrize("before", list(State))
def test_the_tables_of_the_documentation(
    datapoints: tuple[int, int],
    points: str,
    missing: State | None,
    ignore: State | None,
    breaching: State | None,
    not_breaching: State | None,
    before: State,
) -> None:
    """Every row, for every treatment of what is missing, and whatever the state was."""
    for treatment, expected in zip(TREATMENTS, (missing, ignore, breaching, not_breaching), strict=True):
        assert found(points, datapoints, treatment, before=before) == (expected or before), treatment


def test_the_tables_name_every_treatment() -> None:
    assert set(TREATMENTS) == set(get_args(Missing))


@pytest.mark.parametrize("points", ["- - - - X", "- - - X -"])
def test_no_premature_alarm(points: str) -> None:
    """The next point may be good, so these wait where M is 3: "Avoiding premature transitions to alarm state"."""
    assert found(points, (3, 3), "missing") is not ALARM


def test_a_range_is_five_for_three() -> None:
    """The evaluation range of the documentation's examples."""
    assert periods(alarm((3, 3), "missing")) == 5
    assert found("X X X X 0 - - - - -", (3, 3), "notBreaching") is OK
    assert found("X X X - - - - -", (3, 3), "breaching") is ALARM
    assert found("0 - - - - -", (3, 3), "breaching") is ALARM


@pytest.mark.parametrize(("comparison", "beyond"), [("<", "0"), ("<=", "01"), (">", "2"), (">=", "12")])
def test_comparisons(comparison: Comparison, beyond: str) -> None:
    """The threshold itself is beyond only where the sign says so."""
    made = replace(alarm((1, 1), "notBreaching"), comparison=comparison)
    assert {digit for digit in "012" if state(made, {"value": [float(digit)]}) is ALARM} == set(beyond)


series = st.lists(st.sampled_from([0.0, 2.0, None]), min_size=7, max_size=7)
rules = st.integers(1, 5).flatmap(lambda of: st.tuples(st.integers(1, of), st.just(of)))


@given(values=series, rule=rules)
def test_with_enough_points_the_treatment_does_not_matter(values: list[Number], rule: tuple[int, int]) -> None:
    """Where N real points are within reach, all four say the same."""
    within = values[-periods(alarm(rule, "missing")) :]
    if len([each for each in within if each is not None]) >= rule[1]:
        assert len({state(alarm(rule, each), {"value": values}) for each in TREATMENTS}) == 1


@given(values=series, rule=rules)
def test_treatments_are_in_order(values: list[Number], rule: tuple[int, int]) -> None:
    """What fires without the missing points, fires with them as breaching. `notBreaching` fires least."""
    fires = {each: state(alarm(rule, each), {"value": values}) is ALARM for each in TREATMENTS}
    assert fires["notBreaching"] <= fires["missing"] <= fires["breaching"]
    assert fires["notBreaching"] <= fires["ignore"] <= fires["breaching"]


@given(values=series, rule=rules)
def test_only_what_never_had_data_has_none(values: list[Number], rule: tuple[int, int]) -> None:
    """`breaching` and `notBreaching` always know."""
    certain: tuple[Literal["breaching", "notBreaching"], ...] = ("breaching", "notBreaching")
    for treatment in certain:
        assert state(alarm(rule, treatment), {"value": values}) is not NO_DATA
