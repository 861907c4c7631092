"""The log of what still runs is there to read, from the process that runs it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from stage import eventually

from local.airflow.api import Api
from local.platform import Platform

SERVED = re.compile(r"http://([^/:]+):(\d+)/log/dag_id=live/[^'\"\\ ]+")
"""Where the api-server got a log from: the first lines of what it shows."""


def shown(api: Api, run: str, task: str) -> str:
    """What the API shows of its log; nothing before the scheduler has given it a first try."""
    try:
        return api.log("live", run, task)
    except httpx.HTTPStatusError as error:
        if error.response.status_code == httpx.codes.NOT_FOUND:
            return ""
        raise


def instance(api: Api, run: str, task: str) -> Mapping[str, Any]:
    return next(each for each in api.tasks("live", run) if each["task_id"] == task)


@pytest.mark.parametrize(
    ("task", "state", "line"),
    [("speaks", "running", "said while it runs"), ("waits", "deferred", "trigger starting")],
    ids=["of a task in a worker", "of a task in the triggerer"],
)
def test_a_log_is_there_while_its_task_still_runs(
    api: Api, platform: Platform, tmp_path: Path, task: str, state: str, line: str
) -> None:
    """The API shows what a task has said so far, over the address of the worker or triggerer that runs it."""
    tmp_path.chmod(0o777)
    gate = tmp_path / "gate"
    run = api.trigger("live", {"gate": str(gate)})
    try:
        eventually(lambda: line in shown(api, run, task), seconds=90)
        log = shown(api, run, task)
        now = instance(api, run, task)
    finally:
        gate.touch()
    assert now["state"] == state, "it must be the log of a task that has not ended"
    server = SERVED.search(log)
    assert server, log
    assert ipaddress.ip_address(server[1])
    assert int(server[2]) == platform.ports.task_logs
    if state == "running":
        assert now["hostname"] == server[1]
    assert api.finished("live", run, seconds=90) == "success"
    # Ended, it comes from the bucket.
    eventually(lambda: line in (log := shown(api, run, task)) and not SERVED.search(log), seconds=30)


def test_nobody_reads_a_live_log_without_the_key(platform: Platform, api: Api) -> None:
    """The log server shows nothing to whoever has no token of the API server's."""
    assert httpx.get(f"{platform.ports.task_logs_url}/log/anything").status_code == httpx.codes.FORBIDDEN
