"""What the tests of releases and of watched prefixes do with a running platform."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from local import health
from local.airflow.api import Api
from local.differences import queue_url
from local.platform import Platform
from local.processes.manager import Processes
from local.publish import publish
from local.services.bucket_files import client
from scripts.dags.bucket import ReleaseBucket

WATCHED = "landing/weather/"
ASSET = "landed_weather"


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
        return queue_url(self.platform.stack.site.prefix, ASSET, self.platform.ports)

    @property
    def releases(self) -> ReleaseBucket:
        return ReleaseBucket(self.s3, self.platform.buckets.dags)

    def publish(self) -> str:
        """Publish the folder; the release's name."""
        publish(self.platform, self.folder)
        current = self.releases.current()
        assert current.pointer
        return current.pointer.release

    def log(self, process: str) -> str:
        """What a process has written so far."""
        return (self.platform.state.logs / f"{process}.log").read_text(errors="replace")

    def crash(self, name: str, *, pause: float) -> None:
        crash(self.processes, name, pause=pause)

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


def crash(processes: Processes, name: str, *, pause: float) -> None:
    """Kill -9, and start again after a pause. With the broker goes what stands before it."""
    front = f"{name}-tls"
    if front in processes.states():
        processes.kill(front)
    processes.crash(name, pause=pause)


def eventually(condition: Callable[[], object], *, seconds: float, every: float = 0.2) -> float:
    """Seconds until it is true. Fails when the time is over."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > seconds:
            pytest.fail(f"not within {seconds:.0f} s")
        time.sleep(every)
    return time.monotonic() - started
