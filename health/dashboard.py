"""The dashboard of a stack, as CloudWatch reads it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from health.alarm import Alarm
from health.alarms import alarms
from health.composite import composites
from health.metric import MetricSource
from health.panel import BILLING, BILLING_REGION, BILLING_SOURCE, Line, Panel, Section
from health.panels import sections
from settings import Site, StackSettings

RUNBOOK = "docs/runbook.md"
COLUMNS = 24
PANEL_WIDTH = 8
PANEL_HEIGHT = 6
TEXT_HEIGHT = 2
MOST_ALARMS = 100
"""In one widget."""

Widget = dict[str, Any]


def dashboard(settings: StackSettings, sources: Mapping[str, MetricSource[str]], site: Site) -> dict[str, Any]:
    """Its body. `sources` is what exists, by subject."""
    watching = alarms(settings, sources)
    widgets: list[Widget] = []
    for section in sections(settings, sources):
        widgets += _placed(_section(section, watching, {**sources, BILLING: BILLING_SOURCE}, site), below=widgets)
        if section.shows_alarms:
            widgets += _placed(_states(watching, site), below=widgets)
    return {"start": "-PT12H", "periodOverride": "inherit", "widgets": widgets}


def _section(
    section: Section, watching: Sequence[Alarm], sources: Mapping[str, MetricSource[str]], site: Site
) -> Iterator[Widget]:
    yield {
        "type": "text",
        "width": COLUMNS,
        "height": TEXT_HEIGHT,
        "properties": {"markdown": f"## {section.question}\n{section.text} What to do is in `{RUNBOOK}`."},
    }
    for panel in section.panels:
        yield _graph(panel, watching, sources, site)


def _states(watching: Sequence[Alarm], site: Site) -> Iterator[Widget]:
    """The state of every alarm, those that wake people up first."""
    above = [each.name for each in composites(watching)]
    names = [*above, *(alarm.name for alarm in watching)]
    for start in range(0, len(names), MOST_ALARMS):
        shown = names[start : start + MOST_ALARMS]
        yield {
            "type": "alarm",
            "width": COLUMNS,
            # Four in a row.
            "height": 2 + (len(shown) + 3) // 4,
            "properties": {"title": "Alarms", "alarms": [_arn(name, site) for name in shown]},
        }


def _graph(panel: Panel, watching: Sequence[Alarm], sources: Mapping[str, MetricSource[str]], site: Site) -> Widget:
    is_bill = any(line.subject == BILLING for line in panel.lines)
    limits = [{"label": title, "value": value} for value, title in panel.limits(watching).items()]
    return {
        "type": "metric",
        "width": PANEL_WIDTH,
        "height": PANEL_HEIGHT,
        "properties": {
            "title": panel.title,
            "region": BILLING_REGION if is_bill else site.region,
            "view": "timeSeries",
            "period": panel.period_seconds,
            "yAxis": {"left": {"min": 0}},
            "metrics": [_series(line, sources[line.subject]) for line in panel.lines],
            **({"annotations": {"horizontal": limits}} if limits else {}),
        },
    }


def _series(line: Line, source: MetricSource[str]) -> list[Any]:
    dimensions = [part for pair in line.metric.dimensions(source).items() for part in pair]
    shown = {"label": line.label, "stat": line.metric.statistic}
    return [source.namespace, line.metric.name, *dimensions, shown]


def _placed(widgets: Iterator[Widget], *, below: Sequence[Widget]) -> list[Widget]:
    """Each beside the one before, or in the next row where it has no room."""
    x, y, height = 0, max((each["y"] + each["height"] for each in below), default=0), 0
    placed: list[Widget] = []
    for widget in widgets:
        if x + widget["width"] > COLUMNS:
            x, y, height = 0, y + height, 0
        placed.append({**widget, "x": x, "y": y})
        x, height = x + widget["width"], max(height, widget["height"])
    return placed


def _arn(alarm: str, site: Site) -> str:
    return f"arn:aws:cloudwatch:{site.region}:{site.account_id}:alarm:{site.prefix}-{alarm}"
