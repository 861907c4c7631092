"""The platform on one machine does what the one on AWS does."""

from __future__ import annotations

import socket
import ssl
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from chart.parts import Part
from local.airflow.api import Api
from local.differences import worker_name
from local.install import ROOT
from local.platform import Platform
from local.processes.manager import Processes

SHIPPED = sorted(path.stem for path in (ROOT / "dags").glob("*.py"))


@pytest.mark.parametrize("dag", SHIPPED)
def test_every_shipped_dag_succeeds(api: Api, s3: Any, platform: Platform, dag: str) -> None:
    """A run of each DAG that ships ends in success, started through the REST API."""
    line = b"date,precipitation,temp_max,temp_min,wind,weather\n2026-02-03,1.5,9,2,3,rain\n"
    s3.put_object(Bucket=platform.buckets.data, Key=f"landing/weather/{dag}/first.csv", Body=line)
    assert api.finished(dag, api.trigger(dag), seconds=120) == "success"


def test_the_canary_passes_through_every_queue(api: Api, platform: Platform) -> None:
    """Each worker group runs its share of the canary, and each share is deferred once."""
    run = api.trigger("platform_canary")
    assert api.finished("platform_canary", run, seconds=120) == "success"
    tasks = api.tasks("platform_canary", run)
    assert {task["queue"] for task in tasks} == {group["queue"] for group in platform.groups}
    assert {task["hostname"] != "" for task in tasks} == {True}
    events = api.call(
        "GET", "eventLogs", params={"dag_id": "platform_canary", "run_id": run, "event": "deferred", "limit": 100}
    )
    deferred = {task["task_id"] for task in tasks if task["task_id"].startswith("deferral")}
    assert len(deferred) == len(platform.groups), events


@pytest.mark.parametrize("dag", SHIPPED)
def test_a_run_does_not_keep_the_dag_processor_busy(api: Api, dag: str) -> None:
    """A file is parsed when it changes and every half minute, not without a pause once a run of its DAG has ended."""
    assert api.finished(dag, api.trigger(dag), seconds=120) == "success"
    parsed = set[str]()
    until = time.monotonic() + 8
    while time.monotonic() < until:
        parsed.add(api.call("GET", f"dags/{dag}")["last_parsed_time"])
        time.sleep(0.2)
    assert len(parsed) <= 3, parsed


def test_logs_come_from_the_bucket(api: Api, s3: Any, platform: Platform) -> None:
    """What the API shows of a task's log is what lies in the log bucket: when it is gone there, it is gone."""
    run = api.trigger("many_tasks", {"count": 1})
    assert api.finished("many_tasks", run, seconds=60) == "success"
    # A task is a success a moment before its log is in the bucket; until then the server of running tasks has it.
    prefix = f"logs/dag_id=many_tasks/run_id={run}/task_id=work/"
    deadline = time.monotonic() + 30
    while not (found := s3.list_objects_v2(Bucket=platform.buckets.logs, Prefix=prefix).get("Contents")):
        assert time.monotonic() < deadline, "the log is not in the bucket"
        time.sleep(0.5)
    assert "Returned value was: 0" in api.log("many_tasks", run, "work", map_index=0)
    for each in found:
        s3.delete_object(Bucket=platform.buckets.logs, Key=each["Key"])
    while "Returned value was: 0" in (shown := api.log("many_tasks", run, "work", map_index=0)):
        assert time.monotonic() < deadline, shown
        time.sleep(0.5)


def test_flower_shows_every_worker(platform: Platform, processes: Processes) -> None:
    """Flower lists a worker for each group, and nobody sees it without the password."""
    url = f"http://127.0.0.1:{platform.ports.flower}/api/workers"
    assert httpx.get(url).status_code == httpx.codes.UNAUTHORIZED
    workers = httpx.get(url, params={"refresh": "1"}, auth=("flower", platform.passwords.flower), timeout=20).json()
    assert set(workers) == {worker_name(group["name"]) for group in platform.groups}


def test_everything_listens_on_loopback_only(platform: Platform, processes: Processes) -> None:
    """No process of the platform can be reached from another machine."""
    pids: set[int] = set()
    for process in processes.states().values():
        parent = psutil.Process(process["pid"])
        pids |= {parent.pid, *(child.pid for child in parent.children(recursive=True))}
    listening = [each for each in psutil.net_connections("inet") if each.status == "LISTEN" and each.pid in pids]
    open_to = {each.laddr[0] for each in listening}  # pyright: ignore
    assert open_to == {"127.0.0.1"}


@pytest.mark.parametrize("part", ["postgres", "broker"])
def test_no_part_speaks_without_tls(platform: Platform, processes: Processes, part: str) -> None:
    """Database and broker refuse plain text, even with the right password."""
    import psycopg2
    import redis

    if part == "postgres":
        with pytest.raises(psycopg2.OperationalError, match="no encryption"):
            psycopg2.connect(
                host="127.0.0.1", port=platform.ports.postgres, user="alisio", dbname="airflow",
                password=platform.passwords.database, sslmode="disable",
            )  # fmt: skip
    else:
        plain = redis.Redis(
            host="127.0.0.1", port=platform.ports.broker, password=platform.passwords.broker, socket_timeout=3
        )
        with pytest.raises(redis.RedisError):
            plain.ping()


@pytest.mark.parametrize("part", ["postgres", "broker"])
def test_a_foreign_certificate_authority_is_refused(platform: Platform, processes: Processes, part: str) -> None:
    """The certificates are signed by this data directory's own authority: the system's trust none of them."""
    if part == "broker":
        with (
            socket.create_connection(("127.0.0.1", platform.ports.broker), timeout=5) as plain,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")
        return
    import certifi
    import psycopg2

    with pytest.raises(psycopg2.OperationalError, match="certificate verify failed"):
        psycopg2.connect(
            host="127.0.0.1", port=platform.ports.postgres, user="alisio", dbname="airflow",
            password=platform.passwords.database, sslmode="verify-full", sslrootcert=certifi.where(),
        )  # fmt: skip


def test_the_broker_never_evicts(platform: Platform, processes: Processes) -> None:
    """A full broker refuses work; it does not drop queued tasks. And nobody gets in without the password."""
    import redis

    broker = platform.broker_client()
    assert broker.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert int(broker.config_get("maxmemory")["maxmemory"]) > 0
    stranger = redis.Redis(
        host="127.0.0.1", port=platform.ports.broker, ssl=True, ssl_ca_certs=str(platform.files.authority)
    )
    with pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_no_secret_is_in_a_log_or_a_command_line(platform: Platform, processes: Processes) -> None:
    """Generated passwords stand in files that only their owner reads, and nowhere else."""
    secrets = vars(platform.passwords).values()
    for log in platform.state.logs.glob("*.log"):
        text = log.read_text(errors="replace")
        assert not [secret for secret in secrets if secret in text], log
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        assert not [secret for secret in secrets if secret in line], process
    for path in (platform.state.secrets, *platform.state.run.glob("*.json"), platform.state.run / "processes.conf"):
        assert path.name == "ports.json" or path.stat().st_mode & 0o077 == 0, path


def test_the_users_own_credentials_stay_outside(platform: Platform, processes: Processes) -> None:
    """No variable of the person's shell reaches a component: least of all AWS credentials."""
    environment = platform.environment.of(Part.SCHEDULER)
    assert environment["AWS_ACCESS_KEY_ID"] == "local"
    assert not {name for name in environment if name.startswith("AWS_PROFILE") or name == "AWS_SESSION_TOKEN"}
    assert Path(environment["AIRFLOW_HOME"]).is_relative_to(platform.state.root)
