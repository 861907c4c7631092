"""The stack's alarms about Airflow, by their own rules, on what the collector has heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from health import evaluation
from health.airflow_alarms import airflow_alarms
from health.alarm import Alarm
from health.composite import Composite, composites
from health.evaluation import State
from health.metric import Metric
from local.services.series import Series
from settings import StackSettings


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """An alarm's state at a time."""

    alarm: Alarm | Composite
    state: State
    lacks_seconds: float = 0.0
    """How much longer the platform has to run until the alarm can tell."""

    @property
    def fires(self) -> bool:
        return self.state is State.ALARM

    @property
    def pages(self) -> bool:
        return isinstance(self.alarm, Alarm) and self.alarm.pages


def local_alarms(settings: StackSettings) -> list[Alarm]:
    """Those that there is something to read for: here nobody measures database, broker and network."""
    if not settings.monitoring.raises_alarms:
        return []
    # One process of each part runs here, whatever the settings say.
    one = settings.airflow.scheduler.model_copy(update={"replicas": 1})
    return list(airflow_alarms(settings.airflow.model_copy(update={"scheduler": one}), settings.monitoring))


def evaluate(
    alarms: Sequence[Alarm], series: Series, *, at: float, since: float = 0.0, faster: float = 1.0
) -> list[Verdict]:
    """The state of each alarm, and of the alarms over them, from the periods that are complete at a time.

    What was heard before `since` does not count: then another run of the platform was heard, or none. CloudWatch's
    alarms wait as long for the first data of a new stack (`warmUpMinutes`).

    `faster` is for tests. Time runs as many times faster: periods are divided by it, and each measured second or
    millisecond counts as many. Counts, thresholds and M of N stay. The platform must run faster along with it, or
    something that happens once a minute is missed: its heartbeats (`[scheduler] scheduler_heartbeat_sec`,
    `[scheduler] job_heartbeat_sec`, `[triggerer] job_heartbeat_sec`), the canary (ALISIO_CANARY_MINUTES), the probe
    (ALISIO_QUEUE_PROBE_SECONDS), the collector (`Platform.collect_seconds`), and whatever a fault waits for, such as
    `[scheduler] task_instance_heartbeat_timeout` or `[dag_processor] min_file_process_interval`.
    """
    found = [_verdict(alarm, series, at=at, since=since, faster=faster) for alarm in alarms]
    states: dict[str, State] = {verdict.alarm.name: verdict.state for verdict in found}
    for composite in composites(alarms):
        states[composite.name] = composite.state(states)
        found.append(Verdict(alarm=composite, state=states[composite.name]))
    return found


def _verdict(alarm: Alarm, series: Series, *, at: float, since: float, faster: float) -> Verdict:
    period = alarm.period_seconds / faster
    # CloudWatch's periods begin at whole multiples of their length, too.
    end = at // period * period
    _, of = alarm.datapoints
    count = min(evaluation.periods(alarm), max(0, int((end - since) // period)))
    state = evaluation.state(alarm, _read(alarm, series, end=end, period=period, count=count, faster=faster))
    lacks = max(0.0, since + of * period - end)
    if lacks and (alarm.missing == "breaching" or state is not State.ALARM):
        state = State.INSUFFICIENT_DATA
    return Verdict(alarm=alarm, state=state, lacks_seconds=lacks)


def _read(
    alarm: Alarm, series: Series, *, end: float, period: float, count: int, faster: float
) -> Mapping[str, Sequence[float | None]]:
    found: dict[str, Sequence[float | None]] = {}
    for name, metric in alarm.metrics.items():
        scale = faster if _measures_time(metric) else 1.0
        values = series.periods(metric, end=end, seconds=period, count=count)
        found[name] = [None if value is None else value * scale for value in values]
    return found


def _measures_time(metric: Metric) -> bool:
    return metric.tags.get("metric_type") == "timing" or metric.name.endswith("seconds")
