"""How many tasks a second one worker does with DAGs from a release, from Airflow's S3DagBundle, from a local folder.

    python -m bench.task_rate [--rounds 2] [--runs 3] [--files 1000]

Needs .venv-airflow. Each bundle has a platform of its own, and they take turns: what else the machine does hits all.
One run differs from the next by a tenth, with the same bundle: a single one says nothing about a goal of 95 %.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

from bench.local_platform import TASKS, Bundle, Rate, dag_folder, mapped_rate, platform, shared_machine, started

OF_LOCAL = 0.95
OF_S3 = 2.0
NAMES: dict[Bundle, str] = {"release": "ReleaseDagBundle", "s3": "S3DagBundle", "local": "LocalDagBundle"}


def measure(bundle: Bundle, place: Path, *, files: int, runs: int) -> list[Rate]:
    """One start of the platform with this bundle, and the tasks through it, so many times."""
    place.mkdir(exist_ok=True)
    # Where the database server's user, too, can pass: it is another one when we are root.
    place.chmod(0o755)
    folder = place / "dags"
    if not folder.exists():
        dag_folder(place, beside=files)
    with started(platform(place, bundle, folder), folder) as (_, api, _):
        return [mapped_rate(api) for _ in range(runs)]


def shown(values: Iterable[float]) -> str:
    return "  ".join(f"{value:.2f}" for value in values)


def main() -> int:
    parser = argparse.ArgumentParser(description="Tasks per second with three DAG bundles.")
    parser.add_argument("--rounds", type=int, default=2, help="how often each bundle is measured (default: 2)")
    parser.add_argument("--runs", type=int, default=3, help="runs in each start; one with S3DagBundle (default: 3)")
    parser.add_argument("--files", type=int, default=1000, help="Python modules beside the DAGs (default: 1000)")
    options = parser.parse_args()
    shared = shared_machine()
    rates: dict[Bundle, list[Rate]] = {bundle: [] for bundle in get_args(Bundle)}
    with tempfile.TemporaryDirectory(prefix="alisio-bench-") as scratch:
        Path(scratch).chmod(0o755)
        for number in range(options.rounds):
            for bundle, found in rates.items():
                print(f"round {number + 1}, {NAMES[bundle]} ...", file=sys.stderr, flush=True)
                # S3DagBundle takes minutes for each, and is not close to its goal.
                runs = 1 if bundle == "s3" else options.runs
                new = measure(bundle, Path(scratch, bundle), files=options.files, runs=runs)
                print(f"  {shown(rate.tasks_per_second for rate in new)} tasks/s", file=sys.stderr, flush=True)
                found += new
    print(f"{TASKS} mapped tasks, one worker, {options.files} modules beside the DAGs. {shared}".rstrip())
    print(f"{'':20}{'median':>9}{'queued -> started, s':>23}   tasks/s of each run")
    middle = {bundle: statistics.median(rate.tasks_per_second for rate in found) for bundle, found in rates.items()}
    for bundle, found in rates.items():
        waited = statistics.median(rate.start_seconds for rate in found)
        each = shown(rate.tasks_per_second for rate in found)
        print(f"{NAMES[bundle]:20}{middle[bundle]:>9.2f}{waited:>23.2f}   {each}")
    of_local, of_s3 = middle["release"] / middle["local"], middle["release"] / middle["s3"]
    goals = [
        (f"release / local: {of_local:.2f} (goal: at least {OF_LOCAL})", of_local >= OF_LOCAL),
        (f"release / s3: {of_s3:.2f} (goal: at least {OF_S3})", of_s3 >= OF_S3),
    ]
    print("\n".join(f"{'ok  ' if ok else 'MISS'}  {text}" for text, ok in goals))
    return 0 if all(ok for _, ok in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
