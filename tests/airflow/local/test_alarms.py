"""The alarms of the local stack, by their own rules, on series in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from health.airflow_alarms import HEARTBEATS
from health.airflow_metrics import counter, gauge, timing
from health.composite import TELEMETRY_DOWN, USERS_NOTICE
from health.evaluation import BEYOND, State
from health.metric import Metric
from local.alarms import evaluate, local_alarms
from local.install import ROOT
from local.services.series import Key, Series
from local.stack import load

SETTINGS = load(ROOT / "Pulumi.local.yaml").settings
ALARMS = local_alarms(SETTINGS)
# A whole multiple of every period, and of every period by FASTER.
BEGIN = 1_799_999_900.0 // 3600 * 3600
HOUR = 3600.0
FASTER = 20.0
SILENT = 60.0 * (5 + BEYOND)
"""Seconds without a beat until nobody beats: five minutes, and those before that are looked at for a beat."""


@pytest.fixture
def series(tmp_path: Path) -> Iterator[Series]:
    """An empty file."""
    with Series(tmp_path / "series", write=True) as made:
        yield made


def fill(series: Series, metric: Metric, value: Callable[[float], float | None], *, step: float = 10.0) -> None:
    """An hour of one series, by the seconds since its begin."""
    for number in range(int(HOUR / step)):
        found = value(number * step)
        if found is not None:
            series.add(BEGIN + number * step, {Key.of(metric): [found]})


def healthy(series: Series, *, but: Sequence[str] = (), until: float = HOUR) -> None:
    """An hour in which all is well; some parts fall silent after a while."""
    for part in HEARTBEATS.values():
        last = until if part in but else HOUR
        fill(series, counter(f"{part}_heartbeat"), lambda second, last=last: 2 if second < last else None)
    for queue in ("default", "heavy"):
        fill(series, counter("canary.success", queue=queue), lambda second: 1 if second % 300 == 40 else None)


def states(series: Series, *, at: float = BEGIN + HOUR, since: float = 0.0, faster: float = 1.0) -> dict[str, State]:
    verdicts = evaluate(ALARMS, series, at=at, since=since, faster=faster)
    return {verdict.alarm.name: verdict.state for verdict in verdicts}


def firing(series: Series, **how: float) -> set[str]:
    return {name for name, state in states(series, **how).items() if state is State.ALARM}


def test_a_healthy_hour_raises_no_alarm(series: Series) -> None:
    """Every alarm can tell, and none fires."""
    healthy(series)
    assert set(states(series).values()) == {State.OK}


def test_a_part_that_falls_silent_is_gone_after_a_while(series: Series) -> None:
    """Not before the last of the minutes is over. The scheduler's alarm wakes somebody up, the others do not."""
    healthy(series, but=["scheduler"], until=HOUR - SILENT)
    assert firing(series) == {"scheduler-gone", USERS_NOTICE}
    assert firing(series, at=BEGIN + HOUR - 1) == set()


def test_when_all_fall_silent_it_is_their_metrics(series: Series) -> None:
    """The alarm over all three says so."""
    healthy(series, but=list(HEARTBEATS.values()), until=HOUR - SILENT)
    assert firing(series) == {*HEARTBEATS, TELEMETRY_DOWN, USERS_NOTICE}


def test_what_was_heard_of_an_earlier_run_does_not_count(series: Series) -> None:
    """Until a run is as old as an alarm looks back, the alarm cannot tell. It says so, and how long it takes."""
    since = BEGIN + HOUR + 7200
    verdicts = {each.alarm.name: each for each in evaluate(ALARMS, series, at=since + 240, since=since)}
    gone = verdicts["scheduler-gone"]
    assert gone.state is State.INSUFFICIENT_DATA
    assert gone.lacks_seconds == 60
    assert verdicts[TELEMETRY_DOWN].state is State.OK
    later = {each.alarm.name: each for each in evaluate(ALARMS, series, at=since + 300, since=since)}
    assert later["scheduler-gone"].fires
    assert verdicts["canary.default"].lacks_seconds == 1200


def test_a_quick_fault_is_told_even_of_a_young_run(series: Series) -> None:
    """What needs no more data than there is fires at once."""
    metric = gauge("queue.oldest_seconds", statistic="Maximum", queue="default")
    fill(series, metric, lambda second: second)
    found = states(series, at=BEGIN + 600, since=BEGIN)
    assert found["oldest-queued.default"] is State.ALARM
    assert found["oldest-queued.heavy"] is State.OK
    assert found["no-slot"] is State.INSUFFICIENT_DATA


def test_faster_divides_periods_and_multiplies_measured_time(series: Series) -> None:
    """A queue in which a task waits for 30 s has it waiting for 10 minutes where time runs twenty times as fast."""
    healthy(series)
    waiting = gauge("queue.oldest_seconds", statistic="Maximum", queue="default")
    late = timing("dagrun.schedule_delay", statistic="Minimum")
    fill(series, waiting, lambda _: 30)
    fill(series, late, lambda _: 7000)
    for part in HEARTBEATS.values():
        fill(series, counter(f"{part}_heartbeat"), lambda _: 1, step=1.0)
    for queue in ("default", "heavy"):
        fill(series, counter("canary.success", queue=queue), lambda _: 1)
    assert firing(series) == set()
    assert firing(series, faster=FASTER) == {"oldest-queued.default", "runs-start-late", USERS_NOTICE}


def test_a_stack_without_alarms_has_none_here() -> None:
    """The settings hold on one machine, too."""
    quiet = SETTINGS.model_copy(update={"monitoring": SETTINGS.monitoring.model_copy(update={"alarms": False})})
    assert local_alarms(quiet) == []
    assert ALARMS


def test_one_scheduler_is_all_that_there_is() -> None:
    """The settings may ask for two. Here nobody misses the second."""
    assert SETTINGS.airflow.scheduler.replicas > 1
    assert "fewer-schedulers" not in {alarm.name for alarm in ALARMS}
