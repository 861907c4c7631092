"""The collector hears what Airflow sends, and keeps it as CloudWatch's agent would send it on."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import statsd as client

from health.airflow_metrics import counter, gauge, timing
from health.metric import Metric
from local.ports import Ports
from local.processes.process import Process
from local.services import statsd
from local.services.series import KEPT_HOURS, Key, Series, reading, statistic
from local.services.statsd import Interval
from local.state import State

NOW = 1_800_000_000.0


def heard(*packets: str) -> dict[str, list[float]]:
    interval = Interval()
    for packet in packets:
        interval.hear(packet)
    return {key.wire: numbers for key, numbers in interval.heard.items()}


def test_an_interval_has_sums_last_values_and_distributions() -> None:
    """Counters are added up, sampled ones for all; of a gauge the last value counts; a timing keeps every value."""
    assert heard("a:1|c", "a:2|c\nb:7|g", "b:5|g", "t:3|ms", "t:4.5|ms", "s:1|c|@0.1") == {
        "a|c": [3],
        "b|g": [5],
        "t|ms": [3, 4.5],
        "s|c": [10],
    }


def test_a_gauge_may_be_told_by_how_much_it_changes() -> None:
    """So Airflow's client sends a negative value: zero, then the difference."""
    assert heard("g:0|g\ng:-4|g", "h:3|g", "h:+2|g") == {"g|g": [-4], "h|g": [5]}


def test_what_nobody_understands_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    """One wrong line costs that line, and says so."""
    assert heard("good:1|c\nwithout a value\nx:y|c\nz:1|what\n:|", "more:1|c") == {"good|c": [1], "more|c": [1]}
    assert len(caplog.records) == 4


def test_tags_are_dimensions_beside_the_kind() -> None:
    """As an alarm names them: whatever the order on the wire."""
    interval = Interval()
    interval.hear("airflow.ti.finish,state=failed,queue=a:1|c\nairflow.ti.finish,queue=a,state=failed:1|c")
    [(key, numbers)] = interval.heard.items()
    assert key == Key.of(counter("ti.finish", state="failed", queue="a"))
    assert numbers == [2]


def test_a_statistic_is_that_of_all_values_of_the_period(tmp_path: Path) -> None:
    """Sum, average, extremes, count and percentiles; None for a period in which nothing was heard."""
    metric = timing("t", statistic="p95")
    with Series(tmp_path / "series", write=True) as series:
        series.add(NOW, {Key.of(metric): range(1, 51)})
        series.add(NOW + 10, {Key.of(metric): range(51, 101)})
        series.add(NOW + 120, {Key.of(metric): [7]})
        found = {
            name: series.periods(timing("t", statistic=name), end=NOW + 180, seconds=60, count=3)
            for name in ("p95", "p50", "Maximum", "Minimum", "Sum", "Average", "SampleCount")
        }
    assert found == {
        "p95": [95, None, 7], "p50": [50, None, 7], "Maximum": [100, None, 7], "Minimum": [1, None, 7],
        "Sum": [5050, None, 7], "Average": [50.5, None, 7], "SampleCount": [100, None, 1],
    }  # fmt: skip
    assert statistic("p99.9", [1.0]) == 1


def test_series_are_told_apart_by_their_dimensions(tmp_path: Path) -> None:
    """The same name with other tags, or of another kind, is another series."""
    mine, other = gauge("q", statistic="Maximum", queue="a"), gauge("q", statistic="Maximum", queue="b")
    with Series(tmp_path / "series", write=True) as series:
        series.add(NOW, {Key.of(mine): [1], Key.of(other): [2], Key.of(counter("q", queue="a")): [3]})
        assert series.last(mine) == (NOW, 1)
        assert series.last(other) == (NOW, 2)
        assert series.last(gauge("q", statistic="Maximum")) is None


def test_old_points_are_forgotten_and_names_are_not(tmp_path: Path) -> None:
    """The file does not grow without end, and still knows what was ever on the wire."""
    metric = counter("a")
    key = Key(Key.of(metric).name, Key.of(metric).dimensions, wire="airflow.a|c")
    with Series(tmp_path / "series", write=True) as series:
        series.add(NOW, {key: [1]})
        series.add(NOW + KEPT_HOURS * 3600 + 1, {})
        assert series.last(metric) is None
        assert series.wire() == {"airflow.a|c": key}


def test_there_is_nothing_to_read_before_anything_was_collected(tmp_path: Path) -> None:
    """A reader makes no file."""
    with reading(tmp_path / "series") as series:
        assert series is None
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def collector(state: State) -> Iterator[tuple[Process, int]]:
    """A running one."""
    port = Ports.free().statsd
    process = statsd.process(state=state, port=port, seconds=0.2)
    running = subprocess.Popen(process.command, cwd=Path(__file__).parents[4])
    try:
        deadline = time.monotonic() + 20
        while not statsd.answers(port):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process, port
        running.send_signal(signal.SIGTERM)
        assert running.wait(5) == 0
    finally:
        running.kill()
        running.wait()


def total(file: Path, metric: Metric) -> float | None:
    with reading(file) as series:
        assert series
        [value] = series.periods(metric, end=time.time() + 1, seconds=60, count=1)
        return value


def test_nothing_is_lost_between_two_intervals(collector: tuple[Process, int], state: State) -> None:
    """Every packet of Airflow's own client is counted once, while intervals end and others read the file."""
    _, port = collector
    sender = client.StatsClient("127.0.0.1", port, "airflow")
    for number in range(2000):
        sender.incr("x,queue=a")
        sender.gauge("level", -number)
        if number % 100 == 0:
            time.sleep(0.02)
            total(state.series, counter("x", queue="a"))
    deadline = time.monotonic() + 10
    while total(state.series, counter("x", queue="a")) != 2000:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert total(state.series, gauge("level", statistic="Minimum")) == -1999


def test_it_says_whether_it_listens(collector: tuple[Process, int]) -> None:
    """A port that nobody listens on does not answer."""
    _, port = collector
    assert statsd.answers(port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        assert not statsd.answers(silent.getsockname()[1])
    assert not statsd.answers(Ports.free().statsd)
