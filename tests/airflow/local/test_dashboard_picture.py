"""The dashboard's picture, from series in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from health.airflow_metrics import counter
from health.dashboard import Widget, dashboard
from health.subjects import airflow_namespace, expected_sources
from local.dashboard_picture import COLOURS, PICTURE, Curve, Window, alarm_states, curves, draw, limits
from local.install import ROOT
from local.services.series import Key, Series
from local.stack import load
from refused import Refused

STACK = load(ROOT / "Pulumi.local.yaml")
NAMESPACE = airflow_namespace(STACK.site.prefix)
BODY = dashboard(STACK.settings, expected_sources(STACK.settings, STACK.site.prefix), STACK.site)
GRAPHS = {each["properties"]["title"]: each for each in BODY["widgets"] if each["type"] == "metric"}
BEGIN = 1_799_999_940.0
MINUTES = 5
WINDOW = Window(end=BEGIN + MINUTES * 60, minutes=MINUTES)


@pytest.fixture
def series(tmp_path: Path) -> Iterator[Series]:
    """Five minutes, in which the scheduler beats twice in each but the second."""
    with Series(tmp_path / "series", write=True) as made:
        for minute in (0, 2, 3, 4):
            for second in (10, 40):
                made.add(BEGIN + minute * 60 + second, {Key.of(counter("scheduler_heartbeat")): [1]})
        yield made


def test_a_curve_is_what_was_heard_minute_by_minute(series: Series) -> None:
    """It has the statistic and the label of the dashboard, and a gap where nothing was heard."""
    found = curves(GRAPHS["Heartbeats a minute"], series, WINDOW, NAMESPACE)
    assert found is not None
    assert found[0] == Curve(label="scheduler", values=[2, None, 2, 2, 2])
    assert found[1] == Curve(label="triggerer", values=[None] * MINUTES)


def test_what_only_aws_measures_has_no_curves(series: Series) -> None:
    """A graph without a metric of Airflow's is left empty; every other graph has all its lines."""
    for title, graph in GRAPHS.items():
        found = curves(graph, series, WINDOW, NAMESPACE)
        metrics = graph["properties"]["metrics"]
        if any(metric[0] == NAMESPACE for metric in metrics):
            assert found is not None, title
            assert [curve.label for curve in found] == [metric[-1]["label"] for metric in metrics]
        else:
            assert found is None, title


def test_a_limit_of_a_longer_sum_is_not_drawn() -> None:
    """A minute's sum is not comparable with it; a minute's maximum is."""

    def graph(stat: str, period: int) -> Widget:
        annotations = {"horizontal": [{"label": "too many", "value": 7}]}
        metrics = [["A/B", "c", {"stat": stat}]]
        return {"properties": {"metrics": metrics, "period": period, "annotations": annotations}}

    assert limits(graph("Sum", 300)) == {}
    assert limits(graph("Sum", 60)) == limits(graph("Maximum", 300)) == {"too many": 7}


def test_the_window_has_complete_minutes_only() -> None:
    """It begins after the platform did, ends with the last whole minute, and is no longer than an hour."""
    assert Window.of(since=BEGIN + 1, now=BEGIN + 299) == Window(end=BEGIN + 240, minutes=3)
    assert Window.of(since=0, now=BEGIN).minutes == 60


def test_states_are_those_of_the_dashboards_alarms(series: Series) -> None:
    """Each has a colour, and its box in the dashboard."""
    states = alarm_states(STACK, series, now=WINDOW.end, since=BEGIN)
    (widget,) = (each for each in BODY["widgets"] if each["type"] == "alarm")
    shown = {arn.rpartition(":")[2].removeprefix(f"{STACK.site.prefix}-") for arn in widget["properties"]["alarms"]}
    assert states
    assert set(states) <= shown
    assert set(states.values()) <= set(COLOURS)


def test_the_picture_is_drawn(series: Series, tmp_path: Path) -> None:
    """It is a PNG that a page can carry, as the one in the documentation is."""
    file = tmp_path / "dashboard.png"
    draw(STACK, series, since=BEGIN, now=WINDOW.end, file=file)
    for drawn in (file, PICTURE):
        assert drawn.read_bytes().startswith(b"\x89PNG")
        assert drawn.stat().st_size < 400_000


def test_before_the_first_minute_there_is_nothing_to_draw(series: Series, tmp_path: Path) -> None:
    """Who asks too early is told to wait."""
    with pytest.raises(Refused, match="No minute is complete yet"):
        draw(STACK, series, since=BEGIN, now=BEGIN + 59, file=tmp_path / "dashboard.png")
