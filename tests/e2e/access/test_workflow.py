"""The workflow that docs/access.md gives to people runs a DAG, by GitHub's word alone."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import yaml
from door import FAB, Door

from tests.airflow.access.provider import Provider, signed

CHECKOUT = Path(__file__).parents[3]
SUBJECT = "repo:my-company@1/my-dags@2:environment:production"
REQUEST_TOKEN = "of-the-runner"
DAG = "from airflow.sdk import DAG\ndag = DAG('hello', schedule=None)\n"
START_SECONDS = 60


class GitHub(BaseHTTPRequestHandler):
    """Vouches for the job of this test, for the audience that it asks for."""

    provider: Provider

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        mine = self.headers.get("Authorization") == f"Bearer {REQUEST_TOKEN}" and query["api-version"] == ["2.0"]
        self.send_response(200 if mine else 401)
        self.end_headers()
        if mine:
            claims = {**self.provider.claims(), "sub": SUBJECT, "aud": query["audience"][0]}
            self.wfile.write(json.dumps({"value": signed(claims)}).encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def github(provider: Provider) -> Iterator[str]:
    """Where a runner asks for the job's token."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (GitHub,), {"provider": provider}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    provider.reset()
    yield f"http://127.0.0.1:{server.server_port}/token?api-version=2.0"
    server.shutdown()


@pytest.fixture(scope="module")
def dag(door: Door) -> str:
    """A DAG that Airflow knows."""
    dags = door.root / "home" / "dags"
    dags.mkdir(parents=True, exist_ok=True)
    (dags / "hello.py").write_text(DAG)
    door.airflow("dags", "reserialize", AIRFLOW__CORE__AUTH_MANAGER=FAB)
    return "hello"


@pytest.fixture
def machine(door: Door, provider: Provider, url: str) -> Iterator[None]:
    """The line of the settings that lets the job in."""
    line = {"issuer": provider.issuer, "subject": SUBJECT, "role": "User"}
    door.write("machines", {"audience": url, "machines": {"deploy": line}})
    yield
    door.write("machines", {"audience": url, "machines": {}})


Job = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def job(github: str, dag: str, url: str) -> Job:
    """The workflow's one step, as the runner starts it."""
    workflow = yaml.safe_load((CHECKOUT / "docs/examples/run-dag.yml").read_text())
    [step] = workflow["jobs"]["run"]["steps"]
    environment = {
        "PATH": os.environ["PATH"],
        "AIRFLOW_URL": url,
        "DAG": dag,
        "ACTIONS_ID_TOKEN_REQUEST_URL": github,
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN,
    }
    script = step["run"].replace("sleep 10", "sleep 1")

    def start() -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        return subprocess.Popen(["bash", "-c", script], env=environment, stdout=pipe, stderr=pipe, text=True)

    return start


def finish(url: str, dag: str, token: str, state: str) -> None:
    """In place of scheduler and workers: the run has ended so."""
    headers = {"Authorization": f"Bearer {token}"}
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        listed = httpx.get(f"{url}/api/v2/dags/{dag}/dagRuns", headers=headers)
        assert listed.status_code == 200, listed.text
        if waiting := [run["dag_run_id"] for run in listed.json()["dag_runs"] if run["state"] == "queued"]:
            path = f"{url}/api/v2/dags/{dag}/dagRuns/{waiting[0]}"
            assert httpx.patch(path, headers=headers, json={"state": state}).status_code == 200
            return
        time.sleep(0.5)
    raise AssertionError("no run was started")


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(("state", "status"), [("success", 0), ("failed", 1)])
def test_the_workflow_runs_a_dag_and_ends_as_it_does(
    job: Job, url: str, dag: str, provider: Provider, state: str, status: int
) -> None:
    """It starts a run, waits for its end, and succeeds only if the run did. What it prints is masked or no secret."""
    running = job()
    claims = {**provider.claims(), "sub": SUBJECT, "aud": url}
    token = httpx.post(f"{url}/auth/token", json={"assertion": signed(claims)}).json()["access_token"]
    finish(url, dag, token, state)
    out, err = running.communicate(timeout=START_SECONDS)
    assert running.returncode == status, err
    masked = [line.removeprefix("::add-mask::") for line in out.splitlines() if line.startswith("::add-mask::")]
    assert len(masked) == 1
    assert masked[0] not in out.replace(f"::add-mask::{masked[0]}", "") + err


def test_without_its_line_the_workflow_stops_at_the_door(job: Job, url: str) -> None:
    """It says that Airflow refused it, and fails."""
    running = job()
    out, err = running.communicate(timeout=START_SECONDS)
    assert running.returncode != 0
    assert "400" in err or "401" in err
    assert url not in out
