"""The platform on one machine in numbers: `python -m bench.local`, in .venv-airflow.

How long it takes to start for the first time and again, how much memory each process takes, how fast the canary is, how
many tasks a second one worker does, and how soon Airflow shows a DAG that was just published.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.local_platform import TASKS, dag_folder, mapped_rate, platform, shared_machine, started
from local.airflow.api import Api
from local.commands.up import CANARY, CANARY_SECONDS
from local.platform import Platform
from local.processes.manager import Processes, memory
from local.publish import publish
from local.startup import wait_for_dags

CANARIES = 3
PUBLICATIONS = 5
VISIBLE_GOAL = 10.0
IDLE_SECONDS = 20
NEW_DAG = """
from airflow.sdk import dag, task

@dag(schedule=None)
def {name}():
    @task
    def only(): ...
    only()

{name}()
"""


def canary(api: Api) -> list[float]:
    """Seconds from trigger to success, of some runs one after another."""
    wait_for_dags(api, {CANARY})
    # Its own schedule would start a run for which ours would have to wait.
    api.call("PATCH", f"dags/{CANARY}", json={"is_paused": True})
    for run in api.call("GET", f"dags/{CANARY}/dagRuns", params={"limit": 10})["dag_runs"]:
        api.unpause(CANARY)
        api.finished(CANARY, run["dag_run_id"], seconds=CANARY_SECONDS)
    api.unpause(CANARY)
    taken: list[float] = []
    for _ in range(CANARIES):
        begun = time.monotonic()
        state = api.finished(CANARY, api.trigger(CANARY), seconds=CANARY_SECONDS)
        taken.append(time.monotonic() - begun)
        if state != "success":
            raise SystemExit(f"the canary is {state}: nothing to measure")
    return taken


def visible(api: Api, it: Platform, folder: Path) -> list[float]:
    """Seconds from the publish command to the API's list of DAGs, of some new DAGs one after another."""
    taken: list[float] = []
    for index in range(PUBLICATIONS):
        name = f"bench_new_{index}"
        (folder / f"{name}.py").write_text(NEW_DAG.format(name=name))
        begun = time.monotonic()
        publish(it, folder)
        wait_for_dags(api, {name})
        taken.append(time.monotonic() - begun)
    return taken


def memory_of_each(processes: Processes) -> dict[str, float]:
    """MiB of each process with its children; what several share is counted once, in equal parts (PSS)."""
    return {name: memory(state["pid"]) / 2**20 for name, state in processes.states().items()}


def note(text: str) -> None:
    """Progress; and what is known already, should a later step fail."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    shared = shared_machine()
    with tempfile.TemporaryDirectory(prefix="alisio-bench-") as scratch:
        place = Path(scratch)
        # The database server's user, who is another one when we are root, has to pass.
        place.chmod(0o755)
        folder = dag_folder(place)
        it = platform(place, "release", folder)
        with started(it, folder) as (processes, api, first):
            note(f"first start {first:.1f} s")
            canaries = canary(api)
            note(f"canary {canaries}")
            seen = visible(api, it, folder)
            note(f"publish to visible {seen}")
            rate = mapped_rate(api)
            note(f"{rate}")
        with started(it, folder) as (processes, _, second):
            time.sleep(IDLE_SECONDS)
            mib = memory_of_each(processes)
            begun = time.monotonic()
        stop = time.monotonic() - begun
    rows = [
        ("first start: empty directory to healthy, s", f"{first:.1f}"),
        ("second start, s", f"{second:.1f}"),
        ("stop, s", f"{stop:.1f}"),
        (f"canary, trigger to success, median of {CANARIES}, s", f"{statistics.median(canaries):.1f}"),
        ("canary, slowest, s", f"{max(canaries):.1f}"),
        (f"tasks per second, {TASKS} mapped tasks, 8 at once", f"{rate.tasks_per_second:.2f}"),
        ("task, queued to started, median, s", f"{rate.start_seconds:.2f}"),
        (f"publish to visible, median of {PUBLICATIONS}, s", f"{statistics.median(seen):.1f}"),
        ("publish to visible, slowest, s", f"{max(seen):.1f}"),
        *((f"memory of {name}, idle, PSS, MiB", f"{size:.0f}") for name, size in mib.items()),
        ("memory in all, MiB", f"{sum(mib.values()):.0f}"),
    ]
    for name, value in rows:
        print(f"{name:<52}{value:>10}")
    if shared:
        print(shared)
    reached = max(seen) <= VISIBLE_GOAL
    print(f"{'ok  ' if reached else 'MISS'}  publish to visible within {VISIBLE_GOAL:.0f} s: {max(seen):.1f}")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
