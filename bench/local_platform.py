"""What the benchmarks of the local platform share: a platform with a bundle of choice, and a run of mapped tasks."""

from __future__ import annotations

import datetime
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from console import err
from local import stack
from local.airflow.api import Api
from local.install import ROOT
from local.platform import Platform
from local.ports import Ports
from local.processes.manager import Processes
from local.report import Report
from local.startup import running, wait_for_dags
from local.state import State
from settings.stack_file import read_yaml

Bundle = Literal["release", "s3", "local"]
TASKS = 200
RUN_SECONDS = 900
MAPPED = "bench_mapped"
DAG = """
from airflow.sdk import dag, get_current_context, task

@dag(schedule=None, max_active_tasks=64, params={"count": 10})
def bench_mapped():
    @task
    def numbers() -> list[int]:
        return list(range(get_current_context()["params"]["count"]))

    @task
    def work(number: int) -> None: ...

    work.expand(number=numbers())

bench_mapped()
"""
BESIDE = "NUMBER = {index}\n" + "#" * 1500 + "\n"
"""A module that a bundle has to bring and to list. Neither of the words is in it without which Airflow parses no file:
what is measured is the bundle."""


@dataclass(frozen=True)
class Rate:
    """How fast the mapped tasks of a run went through one worker."""

    tasks_per_second: float
    start_seconds: float
    """Median of a task: from queued to its own start."""


def dag_folder(place: Path, *, beside: int = 0) -> Path:
    """The DAGs that ship, the mapped one, and modules beside them."""
    folder = place / "dags"
    shutil.copytree(ROOT / "dags", folder, ignore=shutil.ignore_patterns("__pycache__", ".ruff_cache"))
    (folder / f"{MAPPED}.py").write_text(DAG)
    if beside:
        (folder / "beside").mkdir()
    for index in range(beside):
        (folder / "beside" / f"module_{index:04}.py").write_text(BESIDE.format(index=index))
    return folder


def platform(place: Path, bundle: Bundle, folder: Path) -> Platform:
    """Pulumi.local.yaml with the bundle of choice, on free ports."""
    local = read_yaml(ROOT / "Pulumi.local.yaml")
    if bundle == "s3":
        local["config"]["alisio:airflow"]["dags"] = {"bundle": "s3"}
    settings = place / "Pulumi.local.yaml"
    settings.write_text(yaml.safe_dump(local))
    read = stack.load(settings)
    overrides = {"dagProcessor": {"dagBundleConfigList": [_local_bundle(folder)]}} if bundle == "local" else {}
    return Platform(state=State(place / "data"), stack=read, ports=Ports.free(), overrides=overrides)


@contextmanager
def started(it: Platform, folder: Path) -> Iterator[tuple[Processes, Api, float]]:
    """The platform, healthy: its processes, its API, the seconds that it took."""
    begun = time.monotonic()
    with running(it, Report(err), dags=folder) as processes:
        yield processes, it.api(), time.monotonic() - begun


def mapped_rate(api: Api, *, tasks: int = TASKS) -> Rate:
    """Run the mapped tasks; a few before, so that no worker process imports Airflow for the first time."""
    wait_for_dags(api, {MAPPED})
    api.unpause(MAPPED)
    _run(api, count=16)
    work = _run(api, count=tasks)
    begin, end = min(_time(task, "start_date") for task in work), max(_time(task, "end_date") for task in work)
    waits = sorted(_time(task, "start_date") - _time(task, "queued_when") for task in work)
    return Rate(tasks_per_second=len(work) / (end - begin), start_seconds=waits[len(waits) // 2])


def shared_machine() -> str:
    """A word of warning when somebody else uses this machine; to be asked before anything is started."""
    load = os.getloadavg()[0]
    return f"shared machine: load average {load:.1f} at the start on {os.cpu_count()} cores" if load > 1 else ""


def _run(api: Api, *, count: int) -> list[Any]:
    run = api.trigger(MAPPED, {"count": count})
    state = api.finished(MAPPED, run, seconds=RUN_SECONDS)
    work = [task for task in api.tasks(MAPPED, run) if task["task_id"] == "work"]
    if state != "success" or len(work) != count or any(task["state"] != "success" for task in work):
        raise SystemExit(f"the run of {count} tasks is {state}, with {len(work)} tasks: nothing to measure")
    return work


def _time(task: Any, key: str) -> float:
    return datetime.datetime.fromisoformat(task[key]).timestamp()


def _local_bundle(folder: Path) -> dict[str, Any]:
    return {
        "name": "dags",
        "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {"path": str(folder), "refresh_interval": 5},
    }
