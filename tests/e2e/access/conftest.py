"""Two api-servers, PostgreSQL, a provider that lies when a test says so, and something in place of Flower."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from door import CAP_SECONDS, GROUPS, RESCUE, Door, browser

from local.ports import Ports
from tests.airflow.access.provider import Provider


class Flower(BaseHTTPRequestHandler):
    """Answers whatever is asked, and says what arrived."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps({"path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "_token=of-flower")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="package")
def provider() -> Iterator[Provider]:
    with Provider() as running:
        yield running


@pytest.fixture(scope="package")
def ports() -> Ports:
    return Ports.free()


@pytest.fixture(scope="package")
def door(tmp_path_factory: pytest.TempPathFactory, provider: Provider, ports: Ports) -> Iterator[Door]:
    """The database and the files; no server yet."""
    root = tmp_path_factory.mktemp("door")
    flower = ThreadingHTTPServer(("127.0.0.1", 0), Flower)
    Thread(target=flower.serve_forever, daemon=True).start()
    made = Door(root, provider)
    try:
        made.prepare(ports.api_server)
        made.environment["ALISIO_FLOWER_URL"] = f"http://127.0.0.1:{flower.server_port}"
        yield made
    finally:
        made.close()
        flower.shutdown()


@pytest.fixture(scope="package")
def url(door: Door, ports: Ports) -> str:
    """The api-server that browsers come to."""
    door.serve(ports.api_server)
    return f"http://127.0.0.1:{ports.api_server}"


@pytest.fixture(scope="package")
def other(door: Door, ports: Ports, url: str) -> str:
    """Another api-server of the same database."""
    door.serve(ports.flower)
    return f"http://127.0.0.1:{ports.flower}"


@pytest.fixture
def enter(provider: Provider, url: str) -> Callable[..., httpx.Client]:
    """A browser in which somebody of these claims has just gone through the login."""

    def through(sub: str, *groups: str, at: str = url, **claims: Any) -> httpx.Client:
        provider.reset(sub=sub, groups=list(groups), **claims)
        client = browser(at)
        client.get("/auth/login/")
        return client

    return through


@pytest.fixture(scope="package")
def people(provider: Provider, url: str) -> dict[str, httpx.Client]:
    found: dict[str, httpx.Client] = {"nobody": browser(url)}
    for role, group in GROUPS.items():
        provider.reset(sub=f"table-{role}", groups=[group])
        found[role] = browser(url)
        found[role].get("/auth/login/")
    return found


@pytest.fixture(scope="package")
def short(door: Door, ports: Ports, url: str) -> str:
    """An api-server with a cap of seconds, and with break-glass on."""
    door.make_rescue()
    door.write("short", door.access(session_hours=CAP_SECONDS / 3600, break_glass=RESCUE))
    address = f"http://127.0.0.1:{ports.task_logs}"
    door.serve(ports.task_logs, ALISIO_ACCESS=str(door.root / "short.json"), AIRFLOW__API__BASE_URL=address)
    return address
