"""No task is lost because a part died or hung: one after another, while a run of many tasks goes on.

ALISIO_FAULT_TASKS (300) and ALISIO_FAULT_PAUSE (12 s for broker and database, and for all that hangs; 60 at most) make
it longer.
"""

from __future__ import annotations

import datetime
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from outages import OUTAGE
from stage import crash

from chart.config import RECOVERY
from local import health, stack
from local.airflow.api import Api
from local.install import ROOT
from local.platform import Platform
from local.ports import Ports
from local.processes.manager import Processes
from local.report import Report
from local.startup import running, wait_for_dags
from local.state import State

TASKS = int(os.environ.get("ALISIO_FAULT_TASKS", "300"))
RESTART = 3.0
"""Seconds until Kubernetes has a new container on the same node."""
FAULTS = {
    "broker": OUTAGE,
    "worker-main": RESTART,
    "scheduler": RESTART,
    "dag-processor": RESTART,
    "triggerer": RESTART,
    "api-server": RESTART,
    "postgres": OUTAGE,
}
KILLS_TASKS = "worker-main"
HANGS = ("broker", "postgres", "scheduler", "api-server")
"""As in a failover of RDS or ElastiCache, or on a node that is out of memory: the address stays, and nobody answers."""
RUN_SECONDS = 900


@dataclass
class Fault:
    """One part killed or frozen, and when everything was well again."""

    name: str
    away: float
    at: datetime.datetime
    recovery: float = 0.0
    tried_again: set[int] = field(default_factory=set[int])
    """Tasks whose try was running when it happened, and was not the last one."""
    lost: set[int] = field(default_factory=set[int])
    """Tasks that never succeeded, and whose last try was running when it happened."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run went, and what it suffered."""

    faults: list[Fault]
    state: str
    tasks: int
    ends: Counter[str]
    """How often each task wrote its last line."""


def test_no_task_is_lost_whatever_is_killed(
    api: Api, platform: Platform, processes: Processes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every task of the run succeeds; only those in the hands of a killed worker are tried again; none that has ended
    begins once more."""

    def kill(name: str) -> None:
        crash(processes, name, pause=FAULTS[name])

    outcome = run_through(api, platform, tmp_path, faults=FAULTS, strike=kill)
    with capsys.disabled():
        print_table(outcome, what="kill -9 of")
    in_the_worker = next(fault for fault in outcome.faults if fault.name == KILLS_TASKS).tried_again
    assert_nothing_is_lost(outcome, may_be_tried_again=in_the_worker)


def test_no_task_is_lost_whatever_hangs(
    api: Api, platform: Platform, processes: Processes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every task of the run succeeds at its first try while a part takes connections and does not answer; afterwards
    everything is well without a restart by hand."""

    def freeze(name: str) -> None:
        processes.hang(name, pause=OUTAGE)

    outcome = run_through(api, platform, tmp_path, faults=dict.fromkeys(HANGS, OUTAGE), strike=freeze)
    with capsys.disabled():
        print_table(outcome, what="freeze of")
    assert_nothing_is_lost(outcome, may_be_tried_again=set())


def run_through(
    api: Api, platform: Platform, folder: Path, *, faults: Mapping[str, float], strike: Callable[[str], None]
) -> Outcome:
    """A run of many tasks, during which one part after another has its fault."""
    folder.chmod(0o777)
    ledger = folder / "ledger"
    run = api.trigger("many_tasks", {"count": TASKS, "seconds": 0.5, "ledger": str(ledger)})
    suffered: list[Fault] = []
    for number, (name, away) in enumerate(faults.items()):
        wait_for_progress(ledger, ended=(number + 1) * TASKS // (len(faults) + 2))
        fault = Fault(name=name, away=away, at=datetime.datetime.now(datetime.UTC))
        suffered.append(fault)
        started = time.monotonic()
        strike(name)
        healthy(platform, since=time.time())
        fault.recovery = time.monotonic() - started
    state = api.finished("many_tasks", run, seconds=RUN_SECONDS)
    tasks = [task for task in api.tasks("many_tasks", run) if task["task_id"] == "work"]
    for task in tasks:
        if task["try_number"] > 1 or task["state"] != "success":
            blame(suffered, api, run, task)
    ends = Counter(line for line in ledger.read_text().splitlines() if line.endswith("end"))
    return Outcome(faults=suffered, state=state, tasks=len(tasks), ends=ends)


def assert_nothing_is_lost(outcome: Outcome, *, may_be_tried_again: set[int]) -> None:
    assert outcome.state == "success"
    assert outcome.tasks == TASKS
    assert not [fault for fault in outcome.faults if fault.lost]
    assert not [fault for fault in outcome.faults if fault.tried_again - may_be_tried_again], "a fault has cost a try"
    assert set(outcome.ends) == {f"{number} end" for number in range(TASKS)}
    # A worker can be killed between a task's last line and the word of it.
    twice = {int(line.split()[0]) for line, count in outcome.ends.items() if count > 1}
    assert twice <= may_be_tried_again, "a task that had ended began once more"


def blame(faults: list[Fault], api: Api, run: str, task: Mapping[str, Any]) -> None:
    """For each try that did not succeed: the first fault after it had begun."""
    number = task["map_index"]
    path = f"dags/many_tasks/dagRuns/{run}/taskInstances/work/{number}/tries"
    for attempt in api.call("GET", path)["task_instances"]:
        if attempt["state"] == "success":
            continue
        began = datetime.datetime.fromisoformat(attempt["start_date"] or task["queued_when"])
        cause = next((fault for fault in faults if fault.at >= began), faults[-1])
        was_last = attempt["try_number"] == task["try_number"]
        (cause.lost if was_last else cause.tried_again).add(number)


def test_a_worker_that_is_told_to_stop_finishes_its_task(api: Api, processes: Processes) -> None:
    """SIGTERM is no loss: the task in hand ends well, at its first try."""
    run = api.trigger("one_long_task", {"seconds": 15})
    while not any(task["state"] == "running" for task in api.tasks("one_long_task", run)):
        time.sleep(0.5)
    stopping = threading.Thread(target=processes.stop, args=("worker-heavy",))
    stopping.start()
    assert api.finished("one_long_task", run, seconds=60) == "success"
    stopping.join()
    processes.start("worker-heavy")
    [task] = api.tasks("one_long_task", run)
    assert task["try_number"] == 1


@pytest.mark.parametrize("how", [crash, Processes.hang], ids=["killed", "frozen"])
@pytest.mark.parametrize("fault", ["broker", "postgres"])
def test_an_outage_burns_no_try(
    api: Api, platform: Platform, processes: Processes, fault: str, how: Callable[..., None]
) -> None:
    """Tasks that may run once only survive a broker or a database that is away, or does not answer, while they are
    being queued and run."""
    assert failed_without_retries(api, processes, fault=fault, how=how) == 0
    healthy(platform, since=time.time())


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory, dag_folder: Path) -> Iterator[tuple[Api, Processes]]:
    """A platform like the other, without the recovery settings."""
    defaults = {
        "celery": {
            "operation_timeout": "1.0",
            "task_publish_max_retries": "3",
            "sync_parallelism": "0",
            "extra_celery_config": json.dumps({}),
        },
        "workers": {
            "execution_api_timeout": "5.0",
            "execution_api_retries": "5",
            "execution_api_retry_wait_max": "90",
            "max_failed_heartbeats": "3",
        },
        "core": {"default_task_retries": "0"},
    }
    assert all(set(keys) <= set(RECOVERY[section]) for section, keys in defaults.items())
    platform = Platform(
        state=State(tmp_path_factory.mktemp("careless")),
        stack=stack.load(ROOT / "Pulumi.local.yaml"),
        ports=Ports.free(),
        overrides={"config": defaults},
    )
    with running(platform, Report(), dags=dag_folder) as processes:
        api = platform.api()
        wait_for_dags(api, {"no_retries"})
        api.unpause("no_retries")
        yield api, processes


def test_without_the_recovery_settings_the_same_outage_loses_tasks(careless: tuple[Api, Processes]) -> None:
    """The settings are what protects the tasks; with Airflow's defaults the test above would fail."""
    # Three at most: an outage can fall between two messages, and hit none.
    assert any(failed_without_retries(*careless, fault="broker", how=crash) for _ in range(3))


def failed_without_retries(api: Api, processes: Processes, *, fault: str, how: Callable[..., None]) -> int:
    """How many tasks without retries do not succeed when a part is away while they are queued and run."""
    runs = [api.trigger("no_retries", {"count": 20})]
    while sum(task["state"] == "success" for task in api.tasks("no_retries", runs[0])) < 3:
        time.sleep(0.3)
    outage = threading.Thread(target=how, args=(processes, fault), kwargs={"pause": OUTAGE})
    outage.start()
    if fault != "postgres":  # without which nobody can ask for a run
        time.sleep(2)
        runs.append(api.trigger("no_retries", {"count": 20}))
    outage.join()
    for run in runs:
        api.finished("no_retries", run, seconds=300)
    return sum(task["state"] != "success" for run in runs for task in api.tasks("no_retries", run))


def healthy(platform: Platform, *, since: float) -> None:
    """Wait until every part is well again, and has said so after the fault."""
    checks = health.checks(platform, since=since)
    for _ in health.wait(checks, seconds=180, alive=lambda: None):
        pass


def wait_for_progress(ledger: Path, *, ended: int) -> None:
    """Wait until so many tasks have ended."""
    deadline = time.monotonic() + RUN_SECONDS
    while time.monotonic() < deadline:
        if ledger.exists() and sum(line.endswith("end") for line in ledger.read_text().splitlines()) >= ended:
            return
        time.sleep(0.5)
    raise TimeoutError(f"fewer than {ended} tasks have ended")


def print_table(outcome: Outcome, *, what: str) -> None:
    title = f"{outcome.tasks} tasks; {what}"
    print(f"\n{title:<24}{'away, s':>9}{'all well after, s':>19}{'tried again':>13}{'lost':>6}")
    for fault in outcome.faults:
        counts = f"{len(fault.tried_again):>13}{len(fault.lost):>6}"
        print(f"{fault.name:<24}{fault.away:>9.0f}{fault.recovery:>19.1f}{counts}")
