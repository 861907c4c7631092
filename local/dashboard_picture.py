"""Draws the stack's dashboard from its own JSON: `make dashboard`, while `make local` runs.

What Airflow sends is drawn as the collector heard it. What only AWS measures is left empty, and says so.
"""

from __future__ import annotations

import math
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console import refuse
from health.dashboard import COLUMNS, dashboard
from health.evaluation import State
from health.metric import Metric
from health.subjects import airflow_namespace, expected_sources
from local.alarms import evaluate, local_alarms
from local.commands.running import running_platform
from local.install import ROOT
from local.services.series import Series, reading
from refused import Refused
from settings import Stack

PICTURE = ROOT / "docs" / "pictures" / "dashboard.png"
POINT_SECONDS = 60
"""Most panels have a point each five minutes on AWS. Here a platform has run for minutes."""
MOST_MINUTES = 60
ONLY_ON_AWS = "only on AWS"
COLOURS = {
    State.OK.value: "#2ca02c",
    State.ALARM.value: "#d62728",
    State.INSUFFICIENT_DATA.value: "#7f7f7f",
    ONLY_ON_AWS: "#d5d9dd",
}
IN_A_ROW = 4
DPI = 90
COLUMN_INCHES = 0.55
ROW_INCHES = 0.31
HEAD_ROWS = 1
TITLE_INCHES = 0.28
TICKS_INCHES = 0.55
GAP_INCHES = 0.1
Widget = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A series, and what the dashboard calls it."""

    label: str
    values: list[float | None]


@dataclass(frozen=True, kw_only=True)
class Window:
    """The complete minutes that are drawn."""

    end: float
    minutes: int

    @staticmethod
    def of(*, since: float, now: float) -> Window:
        """All of them since the platform began to run, the last hour at most."""
        end = now // POINT_SECONDS * POINT_SECONDS
        return Window(end=end, minutes=min(MOST_MINUTES, int((end - since) // POINT_SECONDS)))


def curves(widget: Widget, series: Series, window: Window, namespace: str) -> list[Curve] | None:
    """What a graph shows. None where nobody here measures it."""
    found: list[Curve] = []
    for theirs, name, *dimensions, shown in widget["properties"]["metrics"]:
        if theirs != namespace:
            return None
        tags = dict(zip(dimensions[::2], dimensions[1::2], strict=True))
        metric = Metric(name=name, statistic=shown["stat"], tags=tags)
        values = series.periods(metric, end=window.end, seconds=POINT_SECONDS, count=window.minutes)
        found.append(Curve(label=shown["label"], values=values))
    return found


def limits(widget: Widget) -> dict[str, float]:
    """The limits that hold for a minute's points, too: a sum over another time is another number."""
    properties = widget["properties"]
    sums = any(metric[-1]["stat"] == "Sum" for metric in properties["metrics"])
    if sums and properties["period"] != POINT_SECONDS:
        return {}
    return {each["label"]: each["value"] for each in properties.get("annotations", {}).get("horizontal", [])}


def alarm_states(stack: Stack, series: Series, *, now: float, since: float) -> dict[str, str]:
    """The state of each alarm that can be evaluated here."""
    verdicts = evaluate(local_alarms(stack.settings), series, at=now, since=since)
    return {verdict.alarm.name: verdict.state.value for verdict in verdicts}


def draw(stack: Stack, series: Series, *, since: float, now: float, file: Path) -> None:
    """The whole dashboard, each widget in its place."""
    window = Window.of(since=since, now=now)
    if window.minutes < 1:
        raise Refused("No minute is complete yet.", "Wait for the next one.")
    states = alarm_states(stack, series, now=now, since=since)
    body = dashboard(stack.settings, expected_sources(stack.settings, stack.site.prefix), stack.site)
    sheet = Sheet(rows=max(widget["y"] + widget["height"] for widget in body["widgets"]))
    sheet.head(f"{stack.site.prefix}: the last {window.minutes} minutes, with a point a minute")
    for widget in body["widgets"]:
        match widget["type"]:
            case "text":
                sheet.text(widget)
            case "alarm":
                sheet.alarms(widget, states, prefix=f"{stack.site.prefix}-")
            case _:
                sheet.graph(widget, curves(widget, series, window, airflow_namespace(stack.site.prefix)))
    sheet.figure.savefig(file, pil_kwargs={"optimize": True}, metadata={"Software": None})


class Sheet:
    """The paper. Its head is above the dashboard's first row."""

    def __init__(self, *, rows: int) -> None:
        from matplotlib.figure import Figure

        width, height = COLUMNS * COLUMN_INCHES, (rows + HEAD_ROWS) * ROW_INCHES
        self.figure: Any = Figure(figsize=(width, height), dpi=DPI, facecolor="#f2f3f3")
        self._size = (width, height)

    def head(self, text: str) -> None:
        self._write(GAP_INCHES, GAP_INCHES, text, size=11)

    def text(self, widget: Widget) -> None:
        left, top = self._corner(widget)
        question, _, text = widget["properties"]["markdown"].removeprefix("## ").partition("\n")
        self._write(left + GAP_INCHES, top + 0.1, question, size=13, weight="bold")
        self._write(left + GAP_INCHES, top + 0.32, textwrap.fill(text.replace("`", ""), 200), size=8)

    def alarms(self, widget: Widget, states: Mapping[str, str], *, prefix: str) -> None:
        """The state of each, and a mark in its colour."""
        from matplotlib.patches import Rectangle

        axes = self._axes(widget, below=0.05, ticks=False)
        names = [arn.rpartition(":")[2].removeprefix(prefix) for arn in widget["properties"]["alarms"]]
        axes.set(xlim=(0, IN_A_ROW), ylim=(math.ceil(len(names) / IN_A_ROW), 0))
        for index, name in enumerate(names):
            row, column = divmod(index, IN_A_ROW)
            state = states.get(name, ONLY_ON_AWS)
            axes.add_patch(Rectangle((column + 0.02, row + 0.15), 0.03, 0.7, color=COLOURS[state]))
            axes.text(column + 0.07, row + 0.5, f"{name}: {state}", va="center", size=7)

    def graph(self, widget: Widget, found: Sequence[Curve] | None) -> None:
        """Its curves and limits, or that there are none."""
        axes = self._axes(widget, below=0.22, ticks=bool(found))
        if found is None:
            axes.text(0.5, 0.5, ONLY_ON_AWS, ha="center", va="center", size=10, color="#7f7f7f")
            return
        for curve in found:
            minutes = range(-len(curve.values), 0)
            values = [math.nan if value is None else value for value in curve.values]
            axes.plot(minutes, values, label=curve.label, linewidth=1.3, marker="o", markersize=2.5)
            axes.set_xlim(-len(values), 0)
        for label, value in limits(widget).items():
            axes.axhline(value, color=COLOURS[State.ALARM.value], linewidth=1, linestyle="--", label=label)
        axes.set_ylim(0, max(1.0, axes.get_ylim()[1]))
        axes.tick_params(labelsize=7)
        axes.grid(color="#e5e5e5")
        axes.legend(loc="best", fontsize=6.5, framealpha=0.7, edgecolor="none")

    def _axes(self, widget: Widget, *, below: float, ticks: bool) -> Any:
        """The place of a widget, with room for its title, and below for the ticks."""
        left, top = self._corner(widget)
        width, height = widget["width"] * COLUMN_INCHES, widget["height"] * ROW_INCHES
        wide, high = width - TICKS_INCHES - GAP_INCHES, height - TITLE_INCHES - below
        x, y = self._place(left + TICKS_INCHES, top + TITLE_INCHES + high)
        axes = self.figure.add_axes((x, y, wide / self._size[0], high / self._size[1]))
        axes.set_title(widget["properties"]["title"], size=9, loc="left", weight="bold", pad=4)
        if not ticks:
            axes.set(xticks=[], yticks=[])
        return axes

    def _corner(self, widget: Widget) -> tuple[float, float]:
        return widget["x"] * COLUMN_INCHES, (widget["y"] + HEAD_ROWS) * ROW_INCHES

    def _place(self, left: float, top: float) -> tuple[float, float]:
        """Inches from the upper left corner, as matplotlib counts: in parts, from the lower left one."""
        return left / self._size[0], 1 - top / self._size[1]

    def _write(self, left: float, top: float, text: str, **look: Any) -> None:
        # Without mathematics: a dollar is a dollar.
        self.figure.text(*self._place(left, top), text, va="top", parse_math=False, **look)


def main(data: Path) -> None:
    platform = running_platform(data, ROOT / "Pulumi.local.yaml")
    with reading(platform.state.series) as series:
        if series is None:
            raise Refused("Nothing was collected yet.", "Start the platform anew with `make local`.")
        since = platform.state.ports.stat().st_mtime
        draw(platform.stack, series, since=since, now=time.time(), file=PICTURE)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".local")
    except Refused as error:
        sys.exit(refuse(error))
