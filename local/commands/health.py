"""`health`: does the platform do its work? What its metrics say now, and which of the stack's alarms fire."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from console import out, write
from health.airflow_alarms import HEARTBEATS, canary_queues
from health.airflow_metrics import UNSERVED, counter, gauge, timing
from health.evaluation import State
from health.metric import Metric
from local.alarms import Verdict, evaluate, local_alarms
from local.commands.running import running_platform
from local.platform import Platform
from local.services.series import Series, reading
from refused import FAILED, Refused

RECENT_SECONDS = 300
DURATIONS = {
    "scheduler loop": (timing("scheduler.scheduler_loop_duration", statistic="Average"), 0.001),
    "parsing of all DAGs": (gauge("dag_processing.total_parse_time", statistic="Maximum"), 1.0),
    "start of a scheduled run, p95": (timing("dagrun.schedule_delay", statistic="p95"), 0.001),
}
"""Metrics, and the seconds that each counts in."""
Seen = dict[str, Any]


def health(*, data: Path, settings: Path, as_json: bool) -> int:
    """Show it. The exit status says whether an alarm fires that would wake somebody up."""
    platform = running_platform(data, settings)
    if not platform.stack.settings.monitoring.raises_alarms:
        raise Refused("alisio:monitoring has no alarms.", f"Take enabled and alarms out of it in {settings}.")
    now = time.time()
    with reading(platform.state.series) as series:
        if series is None:
            raise Refused("Nothing was collected yet.", "Start the platform anew with `make local`.")
        seen = _seen(platform, series, now)
        verdicts = evaluate(
            local_alarms(platform.stack.settings), series, at=now, since=platform.state.ports.stat().st_mtime
        )
    if as_json:
        write(json.dumps({**seen, "alarms": [_told(verdict) for verdict in verdicts]}, indent=2))
    else:
        _show(seen, verdicts)
    return FAILED if any(verdict.fires and verdict.pages for verdict in verdicts) else 0


def _seen(platform: Platform, series: Series, now: float) -> Seen:
    airflow = platform.stack.settings.airflow

    def ago(metric: Metric) -> float | None:
        found = series.last(metric)
        return round(now - found[0], 1) if found else None

    def latest(metric: Metric) -> float | None:
        found = series.last(metric, since=now - RECENT_SECONDS)
        return found[1] if found else None

    def recent(metric: Metric, seconds: float) -> float | None:
        [value] = series.periods(metric, end=now, seconds=RECENT_SECONDS, count=1)
        return None if value is None else round(value * seconds, 3)

    queues = [*(group.queue_name for group in airflow.worker_groups), UNSERVED]
    return {
        "heartbeats": {part: {"ago": ago(counter(f"{part}_heartbeat"))} for part in HEARTBEATS.values()},
        "queues": {
            queue: {
                "queued": latest(gauge("queue.queued", statistic="Maximum", queue=queue)),
                "oldest": latest(gauge("queue.oldest_seconds", statistic="Maximum", queue=queue)),
            }
            for queue in queues
        },
        "canary": {
            queue: {
                "ago": ago(counter("canary.success", queue=queue)),
                "took": latest(gauge("canary.seconds", statistic="Maximum", queue=queue)),
            }
            for queue in canary_queues(airflow)
        },
        "durations": {name: {"seconds": recent(metric, unit)} for name, (metric, unit) in DURATIONS.items()},
    }


def _told(verdict: Verdict) -> Mapping[str, Any]:
    return {
        "name": verdict.alarm.name,
        "title": verdict.alarm.title,
        "state": verdict.state.value,
        "pages": verdict.pages,
        "action": verdict.alarm.action,
        "lacks_seconds": round(verdict.lacks_seconds),
    }


def _show(seen: Seen, verdicts: list[Verdict]) -> None:
    for title, columns in (
        ("heartbeats", {"ago": "last beat"}),
        ("queues", {"queued": "queued", "oldest": "oldest"}),
        ("canary", {"ago": "last success", "took": "took"}),
        ("durations", {"seconds": "last 5 minutes"}),
    ):
        table = Table(title, *columns.values(), box=None, pad_edge=False)
        for name, values in seen[title].items():
            table.add_row(name.replace("_", "-"), *(_cell(column, values[column]) for column in columns))
        out.print(table, "")
    for verdict in (each for each in verdicts if each.fires):
        style = "red" if verdict.pages else "yellow"
        out.print(Text.assemble((f"ALARM  {verdict.alarm.title}", style), f"  ({verdict.alarm.name})"))
        out.print(f"       {verdict.alarm.action}")
    waiting = [verdict for verdict in verdicts if verdict.state is State.INSUFFICIENT_DATA]
    for verdict in waiting:
        out.print(f"?      {verdict.alarm.name} can tell in {verdict.lacks_seconds / 60:.0f} min")
    well = sum(verdict.state is State.OK for verdict in verdicts)
    out.print(Text.assemble(("ok", "green"), f"     {well} of {len(verdicts)} alarms"))


def _cell(column: str, value: float | None) -> str:
    if value is None:
        return "not heard"
    match column:
        case "ago":
            return f"{value:.0f} s ago"
        case "queued":
            return f"{value:.0f}"
        case _:
            return f"{value:.1f} s"
