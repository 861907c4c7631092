"""`python -m local.bench`: how long the platform takes to start, and how much it does. Prints Markdown for docs/."""

from __future__ import annotations

import argparse
import contextlib
import platform as machine
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from local import stack
from local.api import Api
from local.commands import CANARY, api, memory
from local.platform import ROOT, Platform
from local.ports import Ports
from local.postgres import forget
from local.problem import Problem
from local.processes import Processes
from local.publish import publish
from local.report import Report
from local.startup import running, wait_for_dags
from local.state import State

CANARY_RUNS = 5
MAPPED_TASKS = 200
MANY = "many_tasks"
NEW_DAG = """
from airflow.sdk import dag, task

@dag(schedule=None)
def bench_{number}():
    @task
    def only(): ...
    only()

bench_{number}()
"""
PUBLISHED = 3


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local.bench", description=__doc__)
    parser.add_argument("--settings", type=Path, default=ROOT / "Pulumi.local.yaml", help="stack file")
    options = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="alisio-bench-"))
    target = Platform(state=State(scratch / "data"), stack=stack.load(options.settings), ports=Ports.free())
    dags = scratch / "dags"
    shutil.copytree(ROOT / "dags", dags, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    shutil.copy(ROOT / "tests" / "e2e" / "dags" / f"{MANY}.py", dags)
    try:
        rows = [*_starts(target, dags)]
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    finally:
        forget(target.state)
        shutil.rmtree(scratch, ignore_errors=True)
    gib = psutil.virtual_memory().total / 2**30
    print(
        f"\n{psutil.cpu_count()} CPUs ({_cpu()}), {gib:.0f} GiB, {machine.system()}, "
        f"Python {machine.python_version()}\n"
    )
    print("| measured | value |\n|---|---|")
    print("\n".join(f"| {what} | {value} |" for what, value in rows))
    return 0


def _starts(target: Platform, dags: Path) -> Iterator[tuple[str, str]]:
    started = time.monotonic()
    with running(target, Report(), dags=dags):
        yield "first start, installation apart, until all are healthy", f"{time.monotonic() - started:.0f} s"
    started = time.monotonic()
    with running(target, Report(), dags=dags) as processes:
        yield "second start, until all are healthy", f"{time.monotonic() - started:.0f} s"
        client = api(target)
        wait_for_dags(client, {CANARY, MANY})
        for dag in (CANARY, MANY):
            client.unpause(dag)
        yield from _memory(processes, "idle")
        yield "canary, trigger to success", _spread([_run(client, CANARY) for _ in range(CANARY_RUNS)])
        seconds = _run(client, MANY, {"count": MAPPED_TASKS})
        yield f"{MAPPED_TASKS} mapped tasks", f"{MAPPED_TASKS / seconds:.1f} tasks/s"
        yield from _memory(processes, "after that")
        times = [_publish(target, client, dags, number) for number in range(PUBLISHED)]
        yield "publish until the DAG is there", _spread(times)


def _run(client: Api, dag: str, conf: dict[str, int] | None = None) -> float:
    started = time.monotonic()
    run = client.trigger(dag, conf)
    state = client.finished(dag, run, seconds=900)
    if state != "success":
        raise Problem(f"{dag} {run} is {state}.", "Look into its log, then measure again.")
    return time.monotonic() - started


def _publish(target: Platform, client: Api, dags: Path, number: int) -> float:
    (dags / f"bench_{number}.py").write_text(NEW_DAG.format(number=number))
    started = time.monotonic()
    publish(target, dags)
    wait_for_dags(client, {f"bench_{number}"})
    return time.monotonic() - started


def _memory(processes: Processes, when: str) -> Iterator[tuple[str, str]]:
    mib = {name: memory(process["pid"]) / 2**20 for name, process in processes.states().items() if process["pid"]}
    listed = ", ".join(f"{name} {size:.0f}" for name, size in mib.items())
    yield f"memory {when}", f"{sum(mib.values()):.0f} MiB: {listed}"


def _spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.1f} s (of {len(seconds)}: {min(seconds):.1f} to {max(seconds):.1f})"


def _cpu() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return machine.machine()


if __name__ == "__main__":
    sys.exit(main())
