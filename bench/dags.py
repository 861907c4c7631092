"""How DAGs reach a host: releases, Airflow's S3DagBundle, and a local folder, side by side.

    python -m bench.dags [--files 10,100,1000,5000]

Needs .venv-airflow. The S3 emulator runs in this process and counts; each bundle loads in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.dags_emulator import Emulator
from releases.build import build_release
from releases.pointer import archive_key, pointer_key, pointer_to

KINDS = ("local", "release", "s3")
STEPS = {"first": "first load", "same": "refresh, no change", "changed": "refresh, 1 changed", "task": "task start"}
FILE = "from airflow.sdk import dag\n# {index}\n" + "#" * 1500 + "\n"
GOAL_FILES = 1000
FEWER_REQUESTS = 20
LESS_TIME = 10


@dataclass(frozen=True)
class Cost:
    """What one step took."""

    requests: float
    seconds: float
    size: float
    """Bytes of the answers' bodies."""


Costs = dict[tuple[int, str, str], Cost]
"""By number of files, bundle, and step."""


class Loader:
    """A host: an empty disk, and a process that loads onto it."""

    def __init__(self, kind: str, emulator: Emulator, bucket: str, folder: Path, home: Path) -> None:
        environment = {
            **os.environ,
            **emulator.environment(),
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(home / "bundles"),
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
            "PYTHONWARNINGS": "ignore",
        }
        self._emulator = emulator
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.dags_load", kind, bucket, str(folder)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        while self._line() != "ready":
            pass

    def do(self, step: str, *, files: int, times: int = 1) -> Cost:
        """Have one step done. The number of files that it ends with must be right: a fast wrong bundle wins nothing."""
        assert self._process.stdin
        self._emulator.forget()
        self._process.stdin.write(f"{step}\n")
        self._process.stdin.flush()
        seconds, found = self._line().split()
        if int(found) != files:
            raise SystemExit(f"{step}: {found} files on disk, {files} in the bucket")
        requests, size = len(self._emulator.requests) / times, self._emulator.bytes_sent / times
        return Cost(requests=requests, seconds=float(seconds), size=size)

    def close(self) -> None:
        self._process.communicate(timeout=60)

    def _line(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"the loader ended with status {self._process.wait()}")
        return line.strip()


def measure(kind: str, count: int, emulator: Emulator) -> dict[str, Cost]:
    """All steps of one bundle with some files."""
    from bench.dags_load import TASKS

    with tempfile.TemporaryDirectory(prefix="alisio-bench-") as scratch:
        folder = Path(scratch, "dags")
        folder.mkdir()
        for index in range(count):
            (folder / f"dag_{index:05}.py").write_text(FILE.format(index=index))
        bucket = emulator.bucket()
        _store(kind, emulator.client(), bucket, sorted(folder.iterdir()), folder)
        loader = Loader(kind, emulator, bucket, folder, Path(scratch, "home"))
        costs = {"first": loader.do("first", files=count)}
        if kind == "release":
            # The dag-processor follows from its first refresh on.
            loader.do("refresh", files=count)
        costs["same"] = loader.do("refresh", files=count)
        changed = folder / "dag_00000.py"
        changed.write_text(changed.read_text() + "# changed\n")
        _store(kind, emulator.client(), bucket, [changed], folder)
        costs["changed"] = loader.do("refresh", files=count)
        costs["task"] = loader.do("task", files=count, times=TASKS)
        loader.close()
        return costs


def _store(kind: str, s3: Any, bucket: str, changed: list[Path], folder: Path) -> None:
    if kind == "s3":
        with ThreadPoolExecutor(4) as pool:
            list(
                pool.map(
                    lambda file: s3.put_object(Bucket=bucket, Key=f"dags/{file.name}", Body=file.read_bytes()), changed
                )
            )
    if kind == "release":
        release = build_release(folder, into=folder.parent)
        s3.put_object(Bucket=bucket, Key=archive_key(release.sha256), Body=release.archive.read_bytes())
        document = pointer_to(release, published_by="bench").document()
        s3.put_object(Bucket=bucket, Key=pointer_key(), Body=document.encode())


def table(costs: Costs, counts: Sequence[int]) -> list[str]:
    """Rows for people: each step with its three bundles, and how many times S3DagBundle takes what a release takes."""
    lines = [
        f"{'':28}{'LocalDagBundle':>16}{'ReleaseDagBundle':>30}{'S3DagBundle':>30}{'S3 / release':>20}",
        f"{'files  step':28}{'seconds':>16}" + f"{'requests  seconds      KiB':>30}" * 2 + f"{'requests  seconds':>20}",
    ]
    for count in counts:
        for step, title in STEPS.items():
            local, release, s3 = (costs[count, kind, step] for kind in KINDS)
            lines.append(
                f"{count:5}  {title:21}{local.seconds:16.4f}{_cells(release)}{_cells(s3)}"
                f"{_ratio(s3.requests, release.requests):>11}{_ratio(s3.seconds, release.seconds):>9}"
            )
    return lines


def goals(costs: Costs, counts: Sequence[int]) -> list[tuple[str, bool]]:
    """What the design promises, and whether it is so."""
    same = [costs[count, "release", "same"].requests for count in counts]
    task = [costs[count, "release", "task"].requests for count in counts]
    found = [
        (f"one request when nothing changed, whatever the number of files: {same}", set(same) == {1}),
        (f"no request at the start of a task whose release is on disk: {task}", set(task) == {0}),
    ]
    if GOAL_FILES in counts:
        release, s3 = costs[GOAL_FILES, "release", "first"], costs[GOAL_FILES, "s3", "first"]
        fewer, faster = s3.requests / release.requests, s3.seconds / release.seconds
        found += [
            (
                f"{FEWER_REQUESTS}x fewer requests at the first load of {GOAL_FILES}: {fewer:.0f}x",
                fewer >= FEWER_REQUESTS,
            ),
            (f"{LESS_TIME}x less time at the first load of {GOAL_FILES}: {faster:.0f}x", faster >= LESS_TIME),
        ]
    return found


def _cells(cost: Cost) -> str:
    return f"{cost.requests:12.0f}{cost.seconds:9.4f}{cost.size / 1024:9.0f}"


def _ratio(more: float, less: float) -> str:
    return f"{more / less:.0f}x" if less else "-"


def main() -> int:
    parser = argparse.ArgumentParser(description="DAG releases against Airflow's own bundles.")
    parser.add_argument("--files", default="10,100,1000,5000", help="numbers of files")
    counts = [int(count) for count in parser.parse_args().files.split(",")]
    costs: Costs = {}
    with Emulator() as emulator:
        for count in counts:
            for kind in KINDS:
                print(f"{count} files, {kind} ...", file=sys.stderr, flush=True)
                costs.update({(count, kind, step): cost for step, cost in measure(kind, count, emulator).items()})
    print("\n".join(table(costs, counts)))
    reached = goals(costs, counts)
    print("\n" + "\n".join(f"{'ok  ' if ok else 'MISS'}  {text}" for text, ok in reached))
    return 0 if all(ok for _, ok in reached) else 1


if __name__ == "__main__":
    sys.exit(main())
