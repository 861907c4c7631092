"""Each alarm about Airflow fires because of a real fault, by its own rule, and clears once that is over.

Time runs ALISIO_HEALTH_FASTER times as fast for the alarms: `local.alarms.evaluate` says what that means. Beside
anything else, two cores are too slow for it, so `make test-alarms` runs it, and `make test-e2e` does not.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hurry import CAPACITY, FASTER, Row, Watcher, hurried
from stage import Stage, eventually

from health.airflow_alarms import HEARTBEATS
from health.composite import TELEMETRY_DOWN
from local.alarms import local_alarms
from local.install import ROOT
from local.report import Report
from local.services import statsd
from local.services.series import Key, reading
from local.startup import running, wait_for_dags

pytestmark = pytest.mark.skipif(
    "ALISIO_HEALTH_FASTER" not in os.environ, reason="ALISIO_HEALTH_FASTER says nothing: `make test-alarms` does"
)

DAGS = {"platform_canary", "failing", "sleeping", "misspelt", "unattended", "deferring", "punctual"}
BROKEN = "raise RuntimeError('no dag: airflow cannot import this')\n"
"""Without the two words Airflow would not even try: `[core] dag_discovery_safe_mode`."""
CANARY = ("canary.default", "canary.heavy")
WAIT_SECONDS = 150
FREEZE_SECONDS = 6.0
EVERY_SECONDS = 10
"""The time from one scheduled run to the next."""


@pytest.fixture(scope="module")
def hurry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A platform of its own, as the faults would disturb other tests."""
    folder = tmp_path_factory.mktemp("published") / "dags"
    shutil.copytree(
        Path(__file__).parent / "faulty_dags", folder, ignore=shutil.ignore_patterns("__pycache__", ".ruff_cache")
    )
    shutil.copyfile(ROOT / "dags" / "platform_canary.py", folder / "platform_canary.py")
    made = hurried(tmp_path_factory.mktemp("hurry"))
    with running(made, Report(), dags=folder) as processes:
        api = made.api()
        wait_for_dags(api, DAGS)
        yield Stage(platform=made, processes=processes, api=api, folder=folder)


@pytest.fixture(scope="module")
def watcher(hurry: Stage) -> Iterator[Watcher]:
    with Watcher(hurry.platform) as looking:
        yield looking


def test_each_alarm_fires_by_a_real_fault_and_clears(
    hurry: Stage, watcher: Watcher, capsys: pytest.CaptureFixture[str]
) -> None:
    """No alarm is a wish: faults one after another, and at the same time those that do not touch each other."""
    for dag in sorted(DAGS):
        hurry.api.unpause(dag)
    watcher.strike("two thirds of all tasks fail", "tasks-fail")
    failing = hurry.api.trigger("failing")
    watcher.cleared(*CANARY, "dag-processor-gone", "scheduler-gone", "triggerer-gone", seconds=WAIT_SECONDS)

    queues_without_workers(hurry, watcher)
    watcher.fired("tasks-fail", seconds=WAIT_SECONDS)
    fail(hurry, "failing", failing)
    watcher.heal("tasks-fail")
    watcher.cleared(*CANARY, seconds=WAIT_SECONDS)

    sleeping = everything_full(hurry, watcher)
    workers_killed(hurry, watcher, sleeping)
    silence(hurry, watcher)
    watcher.cleared(*(row.alarm for row in watcher.rows), seconds=WAIT_SECONDS)

    with capsys.disabled():
        print_table(watcher.rows)
    alarms = {alarm.name for alarm in local_alarms(hurry.platform.stack.settings)}
    assert {row.alarm for row in watcher.rows} == alarms | {TELEMETRY_DOWN}
    assert all(row.began < row.fired and row.ended < row.cleared for row in watcher.rows), watcher.rows


def queues_without_workers(hurry: Stage, watcher: Watcher) -> None:
    """A group's only worker is away, a task names a queue that no group serves, and nobody parses DAGs."""
    heavy = (*CANARY, "oldest-queued.heavy")
    watcher.strike("worker of heavy stopped", *heavy)
    watcher.strike("task in a queue that nobody serves", "oldest-queued.unserved")
    watcher.strike("dag-processor stopped", "dag-processor-gone")
    for name in ("worker-heavy", "dag-processor"):
        hurry.processes.take_away(name)
    misspelt = hurry.api.trigger("misspelt")
    hurry.api.trigger("unattended")
    watcher.fired("oldest-queued.unserved", "oldest-queued.heavy", "dag-processor-gone", seconds=WAIT_SECONDS)
    hurry.processes.start("dag-processor")
    fail(hurry, "misspelt", misspelt)
    watcher.heal("oldest-queued.unserved", "dag-processor-gone")
    watcher.fired(*CANARY, seconds=WAIT_SECONDS)
    hurry.processes.start("worker-heavy")
    watcher.heal(*heavy)


def everything_full(hurry: Stage, watcher: Watcher) -> str:
    """Triggerer and scheduler have no room, and a published file cannot be imported. Returns the run that sleeps."""
    watcher.strike("as many deferred tasks as fit", "triggerer-full")
    deferring = hurry.api.trigger("deferring")
    eventually(lambda: count(hurry, "deferring", deferring, "deferred") == CAPACITY, seconds=60)
    watcher.strike("as many running tasks as there are slots", "no-slot")
    sleeping = hurry.api.trigger("sleeping")
    watcher.strike("file with an error published", "import-errors")
    (hurry.folder / "broken.py").write_text(BROKEN)
    hurry.publish()
    # Some of the slots are lost to tasks that were given up while their messages stayed: docs/runbook.md.
    eventually(lambda: count(hurry, "sleeping", sleeping, "running") > 0, seconds=60)
    watcher.fired("triggerer-full", "no-slot", "import-errors", seconds=WAIT_SECONDS)
    (hurry.folder / "broken.py").unlink()
    hurry.publish()
    fail(hurry, "deferring", deferring)
    watcher.heal("triggerer-full", "import-errors")
    return sleeping


def workers_killed(hurry: Stage, watcher: Watcher, sleeping: str) -> None:
    """A worker dies with its tasks, the others of the run find none, and the scheduler hardly gets to run."""
    waiting = ("tasks-wait", "oldest-queued.default")
    watcher.heal("no-slot")
    watcher.strike("worker killed with its tasks", "killed-without-heartbeat", *waiting)
    hurry.processes.take_away("worker-main")
    watcher.strike("scheduler frozen for 6 s of each 10", "runs-start-late")
    with slow_scheduler(hurry):
        watcher.fired("runs-start-late", "killed-without-heartbeat", *waiting, seconds=WAIT_SECONDS)
    watcher.heal("runs-start-late")
    fail(hurry, "sleeping", sleeping)
    hurry.processes.start("worker-main")
    watcher.heal("killed-without-heartbeat", *waiting)
    # The killed tasks' slots are free at once, with luck; at the latest when the scheduler starts anew.


def silence(hurry: Stage, watcher: Watcher) -> None:
    """Two parts are gone, and then nobody hears any of them."""
    gone = ("scheduler-gone", "triggerer-gone")
    watcher.strike("scheduler stopped", "scheduler-gone")
    watcher.strike("triggerer stopped", "triggerer-gone")
    for name in ("scheduler", "triggerer"):
        hurry.processes.take_away(name)
    watcher.fired(*gone, seconds=WAIT_SECONDS)
    assert not watcher.firing([TELEMETRY_DOWN]), "the dag-processor still beats"
    for name in ("scheduler", "triggerer"):
        hurry.processes.start(name)
    watcher.heal(*gone)
    watcher.cleared(*gone, seconds=WAIT_SECONDS)

    watcher.strike("collector stopped", TELEMETRY_DOWN)
    hurry.processes.stop(statsd.NAME)
    watcher.fired(TELEMETRY_DOWN, *HEARTBEATS, seconds=WAIT_SECONDS)
    hurry.processes.start(statsd.NAME)
    watcher.heal(TELEMETRY_DOWN)
    watcher.cleared(TELEMETRY_DOWN, *HEARTBEATS, seconds=WAIT_SECONDS)


@contextlib.contextmanager
def slow_scheduler(hurry: Stage) -> Iterator[None]:
    """It stands still when a run is due, and for a while after that."""
    stop = threading.Event()

    def freeze() -> None:
        while not stop.wait(EVERY_SECONDS - 0.5 - time.time() % EVERY_SECONDS):
            hurry.processes.hang("scheduler", pause=FREEZE_SECONDS)

    freezing = threading.Thread(target=freeze)
    freezing.start()
    try:
        yield
    finally:
        stop.set()
        freezing.join()


def count(hurry: Stage, dag: str, run: str, state: str) -> int:
    return sum(task["state"] == state for task in hurry.api.tasks(dag, run))


def fail(hurry: Stage, dag: str, run: str) -> None:
    """As somebody does in the UI who gives a run up."""
    hurry.api.call("PATCH", f"dags/{dag}/dagRuns/{run}", json={"state": "failed"})


def test_every_metric_of_an_alarm_was_on_the_wire(hurry: Stage, watcher: Watcher) -> None:
    """An alarm on what nobody sends would never fire: name, kind and tags of each were heard."""
    alarms = local_alarms(hurry.platform.stack.settings)
    wanted = {Key.of(metric) for alarm in alarms for metric in alarm.metrics.values()}
    with reading(hurry.platform.state.series) as series:
        assert series
        heard = set(series.wire().values())
    assert len(wanted) > len(alarms) - len(HEARTBEATS)
    assert wanted - heard == set()


def print_table(rows: list[Row]) -> None:
    print(f"\n{'alarm':<28}{'fault':<44}{'fires, s':>9}{'clears, s':>10}  at {FASTER:.0f} times the speed")
    for row in rows:
        print(f"{row.alarm:<28}{row.fault:<44}{row.fired - row.began:>9.0f}{row.cleared - row.ended:>10.0f}")
