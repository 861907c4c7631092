"""From an object landing to its run, and where the time goes: `python -m bench.landing`, in .venv-airflow.

    python -m bench.landing [--objects 200] [--seconds 60] [--stations 20] [--beside 4]

Objects land one after another, while other DAGs run. Every part is real but S3 and SQS, which the emulator is. Each
stage's time comes from who did it: the message, the asset event, the run, and the task that the report names.
"""

from __future__ import annotations

import argparse
import datetime
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from bench.landing_load import BESIDE, DAG, Beside, land, reports
from bench.local_platform import dag_folder, platform, shared_machine, started
from local.airflow.api import Api
from local.platform import Platform
from local.startup import wait_for_dags

MEDIAN_GOAL, P95_GOAL = 5.0, 10.0
DONE_SECONDS = 600
STAGES = (
    ("landed -> message in the queue", "landed", "message"),
    ("message -> asset event (triggerer)", "message", "event"),
    ("asset event -> run made (scheduler; the run before)", "event", "queued"),
    ("run made -> run started", "queued", "started"),
    ("run started -> task queued (scheduler)", "started", "task_queued"),
    ("task queued -> task started (worker)", "task_queued", "task_started"),
    ("task started -> done", "task_started", "done"),
)
"""Name, begin and end. A run takes what has landed before it looks: for the last ones a stage ends before it begins."""


@dataclass(frozen=True)
class Way:
    """When one object reached each point of its way, in seconds since the epoch."""

    at: Mapping[str, float | None]

    def between(self, begin: str, end: str) -> float | None:
        """None where it has skipped a point: a run may take an object before its message is read."""
        first, second = self.at[begin], self.at[end]
        return None if first is None or second is None else max(0.0, second - first)


def ways(api: Api, landed: Mapping[str, float], told: Mapping[str, Any], since: float) -> list[Way]:
    """The way of each object, by its report."""
    messages = _messages(api, since)
    runs = {name: api.call("GET", f"dags/{DAG}/dagRuns/{name}") for name in {each["run"] for each in told.values()}}
    tasks = {(name, task["task_id"], task["map_index"]): task for name in runs for task in api.tasks(DAG, name)}
    found: list[Way] = []
    for key, at in landed.items():
        report = told[key]
        run = runs[report["run"]]
        task = tasks[report["run"], report["task"], report["map_index"]]
        sent, event = messages.get(key, (None, None))
        found.append(
            Way(
                at={
                    "landed": at,
                    "message": sent,
                    "event": event,
                    "queued": _time(run["queued_at"]),
                    "started": _time(run["start_date"]),
                    "task_queued": _time(task["queued_when"]),
                    "task_started": _time(task["start_date"]),
                    "done": _time(task["end_date"]),
                }
            )
        )
    return found


def _messages(api: Api, since: float) -> dict[str, tuple[float | None, float]]:
    """When S3 sent the message about a key, and when Airflow knew it as an asset event."""
    query = {
        "limit": 1000,
        "order_by": "timestamp",
        "timestamp_gte": datetime.datetime.fromtimestamp(since, datetime.UTC).isoformat(),
    }
    found: dict[str, tuple[float | None, float]] = {}
    for event in api.call("GET", "assets/events", params=query)["asset_events"]:
        for message in event["extra"].get("payload", {}).get("message_batch", ()):
            for record in json.loads(message["Body"]).get("Records", ()):
                sent = datetime.datetime.fromisoformat(record["eventTime"]).timestamp()
                found[unquote_plus(record["s3"]["object"]["key"])] = (sent, _time(event["timestamp"]))
    return found


def _time(text: str) -> float:
    return datetime.datetime.fromisoformat(text).timestamp()


def spread(seconds: Sequence[float]) -> tuple[float, float, float]:
    """Median, 95 % and the worst."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return cuts[49], cuts[94], max(seconds)


def measure(it: Platform, api: Api, options: argparse.Namespace) -> tuple[list[Way], int]:
    """Land the objects while the DAGs beside run, and wait until each has its report."""
    wait_for_dags(api, {DAG, *BESIDE})
    with Beside(api, count=options.beside) as beside:
        # Once through, so that no worker process imports for the first time.
        land(it, "warm", objects=10, seconds=5, stations=5)
        reports(it, "warm", count=10, seconds=DONE_SECONDS)
        time.sleep(15)
        since = time.time()
        landed = land(it, "bench", objects=options.objects, seconds=options.seconds, stations=options.stations)
        told = reports(it, "bench", count=options.objects, seconds=DONE_SECONDS)
        time.sleep(5)
    found = ways(api, landed, told, since)
    return found, beside.finished


def main() -> int:
    parser = argparse.ArgumentParser(description="From an object landing to its run, and where the time goes.")
    parser.add_argument("--objects", type=int, default=200, help="how many land (default: 200)")
    parser.add_argument("--seconds", type=float, default=60, help="in how much time (default: 60)")
    parser.add_argument("--stations", type=int, default=20, help="of how many stations (default: 20)")
    parser.add_argument("--beside", type=int, default=4, help="tasks of other DAGs at the same time (default: 4)")
    options = parser.parse_args()
    shared = shared_machine()
    with tempfile.TemporaryDirectory(prefix="alisio-bench-") as scratch:
        place = Path(scratch)
        # The database server's user, who is another one when we are root, has to pass.
        place.chmod(0o755)
        folder = dag_folder(place)
        for name, text in BESIDE.items():
            (folder / f"{name}.py").write_text(text)
        it = platform(place, "release", folder)
        with started(it, folder) as (_, api, _):
            print("the platform is up, objects land ...", file=sys.stderr, flush=True)
            found, others = measure(it, api, options)
    return report(found, others, options, shared)


def report(found: Sequence[Way], others: int, options: argparse.Namespace, shared: str) -> int:
    print(
        f"{options.objects} objects of {options.stations} stations in {options.seconds:g} s, "
        f"{others} tasks of other DAGs meanwhile"
    )
    print(f"{'seconds':<54}{'p50':>7}{'p95':>7}{'worst':>7}")
    for name, begin, end in (*STAGES, ("landed -> done", "landed", "done")):
        line("  " + name, [each for way in found if (each := way.between(begin, end)) is not None])
    median, p95, _ = line("landed -> its run started", [way.between("landed", "started") or 0.0 for way in found])
    if shared:
        print(shared)
    goals = [
        (f"median within {MEDIAN_GOAL:g} s: {median:.1f}", median <= MEDIAN_GOAL),
        (f"p95 within {P95_GOAL:g} s: {p95:.1f}", p95 <= P95_GOAL),
    ]
    print("\n".join(f"{'ok  ' if ok else 'MISS'}  {text}" for text, ok in goals))
    return 0 if all(ok for _, ok in goals) else 1


def line(name: str, seconds: Sequence[float]) -> tuple[float, float, float]:
    found = spread(seconds)
    print(f"{name:<54}{found[0]:>7.1f}{found[1]:>7.1f}{found[2]:>7.1f}")
    return found


if __name__ == "__main__":
    sys.exit(main())
