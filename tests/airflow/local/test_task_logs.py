"""Logs of tasks that still run: where they are asked for, and who may read them."""

from __future__ import annotations

import importlib
import ipaddress
from pathlib import Path

import pytest
from airflow.api_fastapi.auth.tokens import JWTGenerator
from airflow.utils import net
from fastapi.testclient import TestClient

from chart.config import airflow_config
from local import stack
from local.airflow import alisio_local
from local.install import ROOT
from local.ports import LOOPBACK

KEY = "k" * 64


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of all log folders, as the log server is told of it."""
    monkeypatch.setenv("AIRFLOW__LOGGING__BASE_LOG_FOLDER", str(tmp_path / "task-logs"))
    monkeypatch.setenv("AIRFLOW__API__SECRET_KEY", KEY)
    return tmp_path / "task-logs"


def token(path: str, key: str = KEY) -> str:
    """What the api-server shows to a log server."""
    generator = JWTGenerator(
        secret_key=key, issuer=None, valid_for=60, algorithm="HS512", audience="task-instance-logs"
    )
    return generator.generate({"filename": path})


def test_workers_are_found_by_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """On AWS a worker calls itself by what this function of Airflow returns: an address, which needs no DNS."""
    settings = stack.load(ROOT / "Pulumi.prod.yaml").settings
    config = airflow_config(settings.airflow, settings.monitoring, log_folder="s3://logs")
    module, _, name = config["core"]["hostname_callable"].rpartition(".")
    # As /etc/hosts of a pod has it: the pod's own name, and its address.
    monkeypatch.setattr(net, "getfqdn", lambda: "localhost")
    assert ipaddress.ip_address(getattr(importlib.import_module(module), name)())


def test_here_they_are_found_on_the_loopback_interface() -> None:
    """The address that tasks give is the one that the log server listens on."""
    assert alisio_local.address() == LOOPBACK


def test_one_server_shows_the_logs_of_all_processes(folder: Path) -> None:
    """A log is found in the folder of the process that writes it, though the folder was made after the start."""
    server = TestClient(alisio_local.log_server())
    for process in ("worker-main", "triggerer"):
        path = f"dag_id=d/{process}.log"
        assert server.get(f"/log/{path}", headers={"Authorization": token(path)}).status_code == 404
        (folder / process / "dag_id=d").mkdir(parents=True)
        (folder / process / path).write_text(f"of {process}")
        assert server.get(f"/log/{path}", headers={"Authorization": token(path)}).text == f"of {process}"


@pytest.mark.parametrize("given", ["no token", "another key", "of another file"])
def test_a_log_needs_the_api_servers_token(folder: Path, given: str) -> None:
    """Without a token that the api-server made for this very file, nothing is shown."""
    server = TestClient(alisio_local.log_server())
    (folder / "worker-main").mkdir()
    (folder / "worker-main" / "a.log").write_text("secret")
    headers = {
        "no token": {},
        "another key": {"Authorization": token("a.log", key="x" * 64)},
        "of another file": {"Authorization": token("b.log")},
    }[given]
    assert server.get("/log/a.log", headers=headers).status_code == 403


def test_nothing_beside_the_folders_is_shown(folder: Path) -> None:
    """A path that leads out of them finds nothing, even with a token for it."""
    (folder / "worker-main").mkdir(parents=True)
    (folder.parent / "secrets.json").write_text("secret")
    (folder / "worker-main" / "link.log").symlink_to(folder.parent / "secrets.json")
    server = TestClient(alisio_local.log_server())
    for path in ("../../secrets.json", "link.log"):
        assert "secret" not in server.get(f"/log/{path}", headers={"Authorization": token(path)}).text
