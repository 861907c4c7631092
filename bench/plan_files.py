"""Whether the plan of prod costs the same with 5,000 DAG files as with 10: `python -m bench.plan_files`.

`pulumi up` publishes `dags/` as one release, so the number of resources does not grow with the number of files; what is
left is reading them. Each plan runs in a copy of the checkout that has nothing but its DAGs generated, in turn, so that
a busy machine slows both.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from bench.plan import Cost, run

ROOT = Path(__file__).resolve().parent.parent
FEW, MANY = 10, 5000
ROUNDS = 7
GOAL = 1.1
"""Flat: within this of the plan of FEW. The spread of the same plan from one round to the next is about as large."""
CODE = ("components", "plan", "runtime", "scripts", "settings")
FILE = "from airflow.sdk import dag\n# {index}\n" + "#" * 1500 + "\n"
FOLDER_SIZE = 100


def checkout(place: Path, *, files: int) -> Path:
    """The program in a place of its own, with generated DAGs."""
    place.mkdir()
    for name in CODE:
        # Not as links: the plan finds the project by its own path. With the bytecode, which is no file's cost.
        shutil.copytree(ROOT / name, place / name)
    for path in [*ROOT.glob("*.py"), *ROOT.glob("Pulumi*.yaml"), *ROOT.glob("requirements*.txt")]:
        (place / path.name).symlink_to(path)
    for index in range(files):
        folder = place / "dags" / f"team_{index // FOLDER_SIZE:03}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"dag_{index:05}.py").write_text(FILE.format(index=index))
    return place


def plan(place: Path) -> tuple[Cost, float, int]:
    """What a plan costs, the seconds of a processor in that, and how many resources it has."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with contextlib.chdir(place):
        cost, printed = run([sys.executable, "-m", "plan", "prod", "--json"])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cost, processor, len(json.loads(printed)["resources"])


def main() -> int:
    """Measure and print."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="alisio-bench-") as scratch:
        places = {count: checkout(Path(scratch, str(count)), files=count) for count in (FEW, MANY)}
        # Once before the clock: it writes what bytecode was not there.
        resources = {count: plan(place)[2] for count, place in places.items()}
        rounds = [{count: plan(place)[:2] for count, place in places.items()} for _ in range(ROUNDS)]
    medians = {
        count: (
            statistics.median(each[count][0].seconds for each in rounds),
            statistics.median(each[count][1] for each in rounds),
            statistics.median(each[count][0].mib for each in rounds),
        )
        for count in places
    }
    print(f"{'plan of prod, median of ' + str(ROUNDS):<30}{'resources':>10}{'seconds':>9}{'CPU s':>8}{'MiB':>7}")
    for count, (seconds, processor, mib) in medians.items():
        print(f"{f'{count:,} DAG files':<30}{resources[count]:>10}{seconds:>9.2f}{processor:>8.2f}{mib:>7.0f}")
    slower, busier, larger = (many / few for few, many in zip(*(medians[count] for count in places), strict=True))
    print(f"{f'ratio (goal: at most {GOAL})':<40}{slower:>9.2f}{busier:>8.2f}{larger:>7.2f}")
    if load > 1:
        print(f"shared machine: load average {load:.1f} at the start; then the CPU seconds say more than the seconds")
    reached = max(slower, busier, larger) <= GOAL and len(set(resources.values())) == 1
    print("ok" if reached else "MISS")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
