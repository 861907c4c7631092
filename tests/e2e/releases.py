"""A platform whose DAGs come in releases and whose data bucket is watched, for the tests of both."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from local import commands, health, stack
from local.api import Api
from local.bucket_files import client
from local.platform import ROOT, Platform
from local.ports import Ports
from local.postgres import forget
from local.processes import Processes
from local.publish import publish
from local.report import Report
from local.startup import running, wait_for_dags
from local.state import State
from scripts.dags.bucket import ReleaseBucket

WATCHED = "landing/weather/"
ASSET = "landed_weather"
SHORT_TASK_HEARTBEATS = {
    # 300 on AWS: a killed worker is not waited for so long.
    "config": {
        "scheduler": {
            "task_instance_heartbeat_timeout": "60",
            "task_instance_heartbeat_timeout_detection_interval": "5",
        }
    },
}


@dataclass(frozen=True)
class Stage:
    """A running platform, and the folder that was published to it."""

    platform: Platform
    processes: Processes
    api: Api
    folder: Path

    @property
    def s3(self) -> Any:
        return client("s3", self.platform.emulator)

    @property
    def sqs(self) -> Any:
        return client("sqs", self.platform.emulator, self.platform.stack.site.region)

    @property
    def queue(self) -> str:
        """The queue that tells of new objects."""
        name = stack.queue_name(self.platform.stack, ASSET)
        return f"{self.platform.emulator}/{stack.EMULATED_ACCOUNT}/{name}"

    @property
    def releases(self) -> ReleaseBucket:
        return ReleaseBucket(self.s3, self.platform.buckets.dags)

    def publish(self) -> str:
        """Publish the folder; the release's name."""
        publish(self.platform, self.folder)
        current = self.releases.current()
        assert current
        return current.pointer.release

    def log(self, process: str) -> str:
        """What a process has written so far."""
        return (self.platform.state.logs / f"{process}.log").read_text(errors="replace")

    def crash(self, name: str, *, pause: float) -> None:
        """Kill -9, and start again after a pause. With the broker goes what stands before it."""
        front = f"{name}-tls"
        if front in self.processes.states():
            self.processes.kill(front)
        self.processes.crash(name, pause=pause)

    @contextlib.contextmanager
    def without(self, name: str) -> Iterator[None]:
        """A part is away, and comes back."""
        self.processes.stop(name)
        try:
            yield
        finally:
            self.processes.start(name)
            for _ in health.wait(
                {name: health.checks(self.platform, since=time.time())[name]}, seconds=60, alive=lambda: None
            ):
                pass

    def returned(self, dag: str, run: str, task: str) -> Any:
        """What a task of a run returned; None where it has not."""
        path = f"dags/{dag}/dagRuns/{run}/taskInstances/{task}/xcomEntries/return_value"
        try:
            return self.api.call("GET", path)["value"]
        except httpx.HTTPStatusError as error:
            if error.response.status_code == httpx.codes.NOT_FOUND:
                return None
            raise


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A platform of its own for each file of tests: they stop parts of it."""
    root = tmp_path_factory.mktemp("stage")
    folder = root / "dags"
    shutil.copytree(ROOT / "dags", folder, ignore=shutil.ignore_patterns("__pycache__", ".ruff_cache"))
    shutil.copytree(Path(__file__).parent / "dags_releases", folder, dirs_exist_ok=True)
    platform = Platform(
        state=State(root / "data"),
        stack=stack.load(_settings(root)),
        ports=Ports.free(),
        overrides=SHORT_TASK_HEARTBEATS,
    )
    try:
        with running(platform, Report(), dags=folder) as processes:
            api = commands.api(platform)
            dags = {path.stem for path in folder.glob("*.py")}
            wait_for_dags(api, dags)
            for dag in dags:
                api.unpause(dag)
            yield Stage(platform=platform, processes=processes, api=api, folder=folder)
    finally:
        # For root the database lies elsewhere, under a name that the next test in this directory would find.
        forget(platform.state)


def eventually(condition: Callable[[], object], *, seconds: float, every: float = 0.2) -> float:
    """Seconds until it is true. Fails when the time is over."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > seconds:
            pytest.fail(f"not within {seconds:.0f} s")
        time.sleep(every)
    return time.monotonic() - started


def _settings(root: Path) -> Path:
    """The local stack with releases and a watched prefix, whatever else it says."""
    settings = yaml.safe_load((ROOT / "Pulumi.local.yaml").read_text())
    config = settings["config"]
    config["alisio:airflow"]["dags"] = {"bundle": "release", "publisher": "command"}
    config["alisio:buckets"] = {"watches": [{"prefix": WATCHED, "asset": ASSET}]}
    path = root / "Pulumi.local.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path
