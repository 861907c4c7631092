"""The queue probe says what waits, and outlives every fault of the database. Against a real PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from chart.pod_code import place
from chart.queue_probe import MODULE
from health import airflow_metrics
from health.airflow_alarms import airflow_alarms
from local.install import ROOT
from local.stack import load
from runtime.queue_probe import ANSWER_SECONDS, UNSERVED, lines
from tests.airflow.postgres import Postgres

DATABASE = "airflow"
TABLE = "CREATE TABLE task_instance (queue text, state text, queued_dttm timestamptz)"
INSERT = "INSERT INTO task_instance VALUES (%s, %s, now() - make_interval(secs => %s))"
LOOK_SECONDS = 0.3
NOTHING = {
    "airflow.queue.tasks": 0,
    "airflow.queue.queued,queue=default": 0,
    "airflow.queue.oldest_seconds,queue=default": 0,
    "airflow.queue.queued,queue=heavy": 0,
    "airflow.queue.oldest_seconds,queue=heavy": 0,
    "airflow.queue.queued,queue=unserved": 0,
    "airflow.queue.oldest_seconds,queue=unserved": 0,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server with the one table."""
    made = Postgres(tmp_path_factory.mktemp("database"))
    made.start()
    try:
        with contextlib.closing(made.connect("postgres")) as connection:
            connection.cursor().execute(f"CREATE DATABASE {DATABASE}")
        with contextlib.closing(made.connect(DATABASE)) as connection:
            connection.cursor().execute(TABLE)
        yield made
    finally:
        made.kill()


class Probe:
    """A running probe, and the collector that it sends to."""

    def __init__(self, process: subprocess.Popen[str], collector: socket.socket) -> None:
        self.process = process
        self._collector = collector

    def told(self, *, seconds: float = 10.0) -> dict[str, float]:
        """All of a round that began after this call."""
        self.silent(seconds=0)
        found: dict[str, float] = {}
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(TimeoutError):
                name, _, value = self._collector.recv(4096).decode().removesuffix("|g").partition(":")
                if name == "airflow.queue.tasks":
                    found = {}
                found[name] = float(value)
            if found.keys() == NOTHING.keys():
                return found
        pytest.fail(f"only {found} within {seconds} s")

    def silent(self, *, seconds: float) -> bool:
        """Whether nothing comes for that long. What came before is forgotten."""
        self._collector.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                self._collector.recv(4096)
        self._collector.settimeout(max(seconds, 0.1))
        try:
            return not (seconds and self._collector.recv(4096))
        except TimeoutError:
            return True

    def end(self) -> tuple[float, str]:
        """Seconds that it took to end once it was told to, and all that it has said."""
        began = time.monotonic()
        self.process.terminate()
        said, _ = self.process.communicate(timeout=10)
        return time.monotonic() - began, said


@pytest.fixture
def probe(server: Postgres, tmp_path: Path) -> Iterator[Probe]:
    """It runs with the files of the pods, and nothing else of ours."""
    with contextlib.closing(server.connect(DATABASE)) as connection:
        connection.cursor().execute("DELETE FROM task_instance")
    place(tmp_path / "python")
    collector = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    collector.bind(("127.0.0.1", 0))
    environment = {
        **server.environment,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(tmp_path / "python"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": server.uri,
        "AIRFLOW__METRICS__STATSD_HOST": "localhost",
        "AIRFLOW__METRICS__STATSD_PORT": str(collector.getsockname()[1]),
        "ALISIO_WORKER_QUEUES": "default,heavy",
        "ALISIO_QUEUE_PROBE_SECONDS": str(LOOK_SECONDS),
    }
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", MODULE], env=environment, cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield Probe(process, collector)
    finally:
        process.kill()
        process.wait()
        collector.close()


def fill(server: Postgres, *rows: tuple[str, str, float]) -> None:
    with contextlib.closing(server.connect(DATABASE)) as connection:
        for row in rows:
            connection.cursor().execute(INSERT, row)


def test_it_says_what_waits_in_each_queue_and_how_long(server: Postgres, probe: Probe) -> None:
    """Queued tasks only; the oldest of each queue; all that no group serves under one name; zero where none waits."""
    assert probe.told() == NOTHING
    fill(
        server,
        ("default", "queued", 100), ("default", "queued", 300), ("default", "running", 5000),
        ("forgotten", "queued", 40), ("misspelt", "queued", 70),
    )  # fmt: skip
    told = probe.told()
    assert {name: value for name, value in told.items() if "oldest" not in name} == {
        "airflow.queue.tasks": 4,
        "airflow.queue.queued,queue=default": 2,
        "airflow.queue.queued,queue=heavy": 0,
        "airflow.queue.queued,queue=unserved": 2,
    }
    assert told["airflow.queue.oldest_seconds,queue=default"] == pytest.approx(300, abs=5)
    assert told["airflow.queue.oldest_seconds,queue=unserved"] == pytest.approx(70, abs=5)
    assert told["airflow.queue.oldest_seconds,queue=heavy"] == 0


def test_a_database_that_was_killed_costs_one_line(server: Postgres, probe: Probe) -> None:
    """It says nothing while the database is away, and goes on when that is back."""
    probe.told()
    server.kill()
    try:
        time.sleep(1)
        assert probe.silent(seconds=5 * LOOK_SECONDS)
    finally:
        server.start()
    assert probe.told() == NOTHING
    _, said = probe.end()
    assert said.count("\n") == 1, said
    assert "The database does not answer" in said
    assert "secret" not in said


def test_a_database_that_hangs_costs_one_line(server: Postgres, probe: Probe) -> None:
    """A server that takes connections and never answers is given up and tried again; nothing is sent meanwhile."""
    probe.told()
    with server.frozen():
        time.sleep(1)
        assert probe.silent(seconds=2 * ANSWER_SECONDS)
    assert probe.told() == NOTHING
    _, said = probe.end()
    assert said.count("\n") == 1, said
    assert f"no answer within {ANSWER_SECONDS:.0f} s" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_even_while_the_database_hangs(server: Postgres, probe: Probe, number: signal.Signals) -> None:
    """Its pod does not wait for it."""
    probe.told()
    with server.frozen():
        time.sleep(2 * LOOK_SECONDS)
        began = time.monotonic()
        probe.process.send_signal(number)
        assert probe.process.wait(5) == 0
        assert time.monotonic() - began < 1


def test_it_takes_little_memory_and_leaves_nothing_open(probe: Probe) -> None:
    """Half of what its container may have, at most; and no file or connection is left behind by a round."""
    probe.told()
    process = psutil.Process(probe.process.pid)
    files = process.num_fds()
    for _ in range(5):
        probe.told()
    assert process.memory_info().rss < 32 * 2**20
    assert process.num_fds() == files


def test_the_names_are_those_that_the_alarms_read() -> None:
    """What an alarm reads of the queues is what the probe sends."""
    settings = load(ROOT / "Pulumi.local.yaml").settings
    served = [group.queue_name for group in settings.airflow.worker_groups]
    sent = {line.partition(":")[0] for line in lines([], served)}
    read: set[Any] = set()
    for alarm in airflow_alarms(settings.airflow, settings.monitoring):
        for metric in alarm.metrics.values():
            if metric.name.startswith("airflow.queue."):
                tags = {key: value for key, value in metric.tags.items() if key != "metric_type"}
                read.add(",".join([metric.name, *(f"{key}={value}" for key, value in tags.items())]))
                assert metric.tags["metric_type"] == "gauge"
    assert read <= sent
    assert len(read) == 2 + len(served)
    assert airflow_metrics.UNSERVED == UNSERVED
