"""The dashboard is one that CloudWatch takes, and shows what is sent.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
from itertools import combinations, pairwise
from typing import Any

import pytest

from health.composite import USERS_NOTICE
from health.dashboard import dashboard
from health.panels import sections
from tests.program.health.published import AIRFLOW, published
from tests.program.health.stacks import OFF, STACKS, alarms_of, sources_of, stack
from tests.program.settings.case import stack_of

QUESTIONS = [
    "Do users notice?",
    "Are tasks moving?",
    "Which part is at its limit?",
    "What does it cost?",
]


def widgets(name: str, kind: str | None = None) -> list[dict[str, Any]]:
    found = dashboard(stack(name).settings, sources_of(stack(name)), stack(name).site)["widgets"]
    return [each for each in found if kind in (None, each["type"])]


def series(widget: dict[str, Any]) -> list[list[Any]]:
    return widget["properties"]["metrics"]


@pytest.mark.parametrize("name", STACKS)
def test_widgets_fill_the_grid_and_never_meet(name: str) -> None:
    """24 columns, at most 500 widgets, and a body of JSON."""
    found = widgets(name)
    assert len(found) <= 500
    json.dumps(found)
    for each in found:
        assert 0 <= each["x"] < each["x"] + each["width"] <= 24
        assert 1 <= each["height"] <= 1000
    for one, other in combinations(found, 2):
        beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        below = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
        assert beside or below


@pytest.mark.parametrize("name", STACKS)
def test_every_line_is_published(name: str) -> None:
    """With exactly the dimensions of its publisher. CloudWatch takes 500 lines in a widget, 2,500 in all."""
    counts = [len(series(each)) for each in widgets(name, "metric")]
    assert max(counts) <= 500
    assert sum(counts) <= 2500
    for each in widgets(name, "metric"):
        for namespace, metric, *rest, shown in series(each):
            names = dict(zip(rest[::2], rest[1::2], strict=True))
            own = namespace == f"{stack(name).site.prefix}/{AIRFLOW}"
            keys = frozenset(f"{key}={value}" if key == "metric_type" else key for key, value in names.items())
            assert (AIRFLOW if own else namespace, metric, keys) in published(), metric
            assert set(shown) == {"label", "stat"}


@pytest.mark.parametrize("name", STACKS)
def test_it_is_read_from_top_to_bottom(name: str) -> None:
    """Questions are in order, and below each there is something to see."""
    texts = [each["properties"]["markdown"] for each in widgets(name, "text")]
    assert [text.splitlines()[0].removeprefix("## ") for text in texts] == QUESTIONS
    assert all("docs/runbook.md" in text for text in texts)
    assert "USD a month" in texts[-1]
    kinds = [each["type"] for each in sorted(widgets(name), key=lambda each: (each["y"], each["x"]))]
    assert kinds[0] == "text"
    assert ("text", "text") not in list(pairwise(kinds))


@pytest.mark.parametrize("name", STACKS)
def test_it_shows_every_alarm(name: str) -> None:
    """Those that wake people up first, at most a hundred in a widget."""
    shown = [each["properties"]["alarms"] for each in widgets(name, "alarm")]
    assert all(1 <= len(each) <= 100 for each in shown)
    found = [arn for each in shown for arn in each]
    site = stack(name).site
    start = f"arn:aws:cloudwatch:{site.region}:{site.account_id}:alarm:{site.prefix}-"
    assert all(arn.startswith(start) for arn in found)
    names = [arn.removeprefix(start) for arn in found]
    assert len(names) == len(set(names))
    assert set(alarms_of(stack(name))) < set(names)
    assert USERS_NOTICE in names[:3]


def test_limits_are_those_of_alarms() -> None:
    """A line across, where an alarm watches what the panel shows."""
    limits = {
        each["properties"]["title"]: [line["value"] for line in each["properties"]["annotations"]["horizontal"]]
        for each in widgets("prod", "metric")
        if "annotations" in each["properties"]
    }
    assert limits["Database: CPU, percent"] == [90]
    assert limits["Broker: memory, percent"] == [80]
    # Sums of five minutes, and a limit for a quarter of an hour.
    assert "Tasks that started and ended" not in limits


def test_the_bill_is_where_aws_sends_it() -> None:
    """AWS/Billing is in us-east-1 only, wherever the stack is."""
    bills = [each for each in widgets("prod", "metric") if series(each)[0][0] == "AWS/Billing"]
    assert [each["properties"]["region"] for each in bills] == ["us-east-1"]
    others = {each["properties"]["region"] for each in widgets("prod", "metric") if each not in bills}
    assert others == {"eu-west-1"}


def test_something_else_can_draw_it() -> None:
    """Panels are data: a title, and lines by label."""
    found = sections(stack("prod").settings, sources_of(stack("prod")))
    panels = [panel for section in found for panel in section.panels]
    assert len({panel.title for panel in panels}) == len(panels) > 20
    for panel in panels:
        assert panel.lines
        assert len({line.label for line in panel.lines}) == len(panel.lines)


def test_what_does_not_exist_is_not_shown() -> None:
    """Dev has no door and no Container Insights."""
    titles = {each["properties"].get("title") for each in widgets("dev")}
    assert not titles & {"Requests, and those that failed", "Nodes: how many"}
    off = stack_of(OFF)
    assert [each.panels for each in sections(off.settings, sources_of(off))][:3] == [(), (), ()]
