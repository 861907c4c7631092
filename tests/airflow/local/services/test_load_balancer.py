"""What stands in for the load balancer treats a request as the real one does."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from chart.listener import RESPONSE_HEADERS
from local.ports import LOOPBACK, Ports
from local.services.certificates import Certificates, certificates
from local.services.load_balancer import NAME, Told, process
from local.state import State

HOST = "airflow.localhost"
DEAD: set[int] = set()
"""Ports of targets that have died."""


class Target(BaseHTTPRequestHandler):
    """Says what arrived, and which of them it is."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.connection.getsockname()[1] in DEAD:
            self.close_connection = True
            return
        chunked = self.headers.get("Transfer-Encoding") == "chunked"
        body = b"" if chunked else self.rfile.read(int(self.headers.get("Content-Length", 0)))
        while chunked and (size := int(self.rfile.readline(), 16)):
            body += self.rfile.read(size)
            self.rfile.readline()
        if chunked:
            self.rfile.readline()
        seen = {
            "path": self.path,
            "headers": [[k.lower(), v] for k, v in self.headers.items()],
            "body": body.decode("latin-1"),
            "target": self.connection.getsockname()[1],
        }
        self.send_response(302 if self.path == "/away" else 200)
        text = json.dumps(seen).encode()
        for name, value in (
            ("Content-Length", str(len(text))),
            ("Location", "http://elsewhere.example/"),
            ("Set-Cookie", "a=1"),
            ("Set-Cookie", "b=2"),
            ("X-Frame-Options", "ALLOWALL"),
            ("Connection", "X-Hop"),
            ("X-Hop", "1"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass
class Front:
    """A load balancer that runs, with its two targets."""

    ports: Ports
    files: Certificates
    targets: list[ThreadingHTTPServer]

    def client(self) -> httpx.Client:
        trusting = ssl.create_default_context(cafile=str(self.files.authority))
        return httpx.Client(verify=trusting, base_url=f"https://{LOOPBACK}:{self.ports.https}")

    def get(self, path: str = "/", *, host: str = HOST, method: str = "GET", **options: Any) -> httpx.Response:
        headers = {"Host": host, **options.pop("headers", {})}
        with self.client() as client:
            return client.request(method, path, headers=headers, **options)

    def raw(self, request: str, port: int, *, secure: bool) -> str:
        """The answer to a request that no client would send."""
        with socket.create_connection((LOOPBACK, port)) as plain:
            context = ssl.create_default_context(cafile=str(self.files.authority))
            with context.wrap_socket(plain, server_hostname=HOST) if secure else plain as connection:
                connection.settimeout(5)
                connection.sendall(request.encode())
                return b"".join(iter(lambda: connection.recv(65536), b"")).decode("latin-1")


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    state = State(tmp_path_factory.mktemp("front") / "data")
    state.prepare()
    ports, files = Ports.free(), certificates(state)
    targets = [ThreadingHTTPServer((LOOPBACK, 0), Target) for _ in range(2)]
    for each in targets:
        Thread(target=each.serve_forever, daemon=True).start()
    addresses = [f"{LOOPBACK}:{each.server_port}" for each in targets]
    told = Told(
        host=HOST, https=ports.https, http=ports.http, targets=addresses,
        certificate=str(files.certificate), key=str(files.key),
    )  # fmt: skip
    made = process(told, state=state)
    running = subprocess.Popen(made.command, cwd=Path(__file__).parents[4])
    try:
        front = Front(ports=ports, files=files, targets=targets)
        for _ in range(100):
            try:
                front.get()
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield front
    finally:
        running.terminate()
        assert running.wait(10) == 0
        for each in targets:
            if each.server_port not in DEAD:
                die(each)


def die(target: ThreadingHTTPServer) -> None:
    """Takes no connection any more, and hangs up those that it has."""
    DEAD.add(target.server_port)
    target.shutdown()
    target.server_close()


def seen(answer: httpx.Response) -> dict[str, list[str]]:
    """Headers that a target got."""
    found: dict[str, list[str]] = {}
    for name, value in answer.json()["headers"]:
        found.setdefault(name, []).append(value)
    return found


def test_a_target_learns_who_came_and_how(front: Front) -> None:
    """X-Forwarded-For is continued, -Proto and -Port are the load balancer's; whatever else a client says of its way is
    handed on, and what only concerns one connection is not."""
    answer = front.get(
        headers={
            "X-Forwarded-For": "198.51.100.1",
            "X-Forwarded-Proto": "gopher",
            "X-Forwarded-Port": "70",
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Prefix": "/evil",
            "TE": "trailers",
            "a_field": "1",
        }
    )
    headers = seen(answer)
    assert headers["x-forwarded-for"] == [f"198.51.100.1, {LOOPBACK}"]
    assert headers["x-forwarded-proto"] == ["https"]
    assert headers["x-forwarded-port"] == [str(front.ports.https)]
    assert headers["x-forwarded-host"] == ["evil.example"]
    assert headers["x-forwarded-prefix"] == ["/evil"]
    assert headers["host"] == [HOST]
    assert headers["x-amzn-trace-id"]
    assert not {"te", "a_field"} & headers.keys()


@pytest.mark.parametrize(
    "path", ["/dags/a%20b%2Fc?x=%2F&y=a+b", "/a//b/../c", "/%65xecution/health", "/executions", "/auth/x;y=1"]
)
def test_a_path_arrives_as_it_was_sent(front: Front, path: str) -> None:
    """Nothing is decoded, normalised or encoded again."""
    request = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
    assert f'"path": "{path}"' in front.raw(request, front.ports.https, secure=True)


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        (HOST, "/", 200),
        (HOST.upper(), "/", 200),
        (f"{HOST}:{{port}}", "/", 200),
        (f"{HOST}:1", "/", 404),
        ("evil.example", "/", 404),
        (f"{HOST}.evil.example", "/", 404),
        (LOOPBACK, "/", 404),
        (HOST, "/execution", 404),
        (HOST, "/execution/health", 404),
        (HOST, "/execution/x?y=1", 404),
        (HOST, "/x?/execution/", 200),
    ],
)
def test_other_hosts_and_the_execution_api_are_not_found(front: Front, host: str, path: str, status: int) -> None:
    """Only requests for our host are handed on, and those to the execution API never."""
    answer = front.get(path, host=host.format(port=front.ports.https))
    assert answer.status_code == status
    assert (answer.text == "Not found") == (status == 404)


@pytest.mark.parametrize("target", ["@evil.example/", ".evil.example/", "http://evil.example/", "*"])
@pytest.mark.parametrize("secure", [True, False])
def test_a_strange_target_leads_nowhere(front: Front, target: str, secure: bool) -> None:  # noqa: FBT001
    """A request whose target is no path is refused: neither handed on to another server, nor sent there."""
    request = f"GET {target} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
    said = front.raw(request, front.ports.https if secure else front.ports.http, secure=secure)
    assert said.partition("\r\n")[0].endswith("400 Bad Request")
    assert "Location" not in said


def test_plain_http_is_sent_to_https_of_our_host(front: Front) -> None:
    """Whichever host it names, with path and query."""
    address = f"http://{LOOPBACK}:{front.ports.http}/dags?x=%2F"
    for host in (HOST, "evil.example"):
        answer = httpx.get(address, headers={"Host": host})
        assert answer.status_code == 301
        assert answer.headers["location"] == f"https://{HOST}:{front.ports.https}/dags?x=%2F"


@pytest.mark.parametrize("path", ["/", "/execution"])
def test_every_answer_has_the_headers_of_the_listener(front: Front, path: str) -> None:
    """Once each, in place of a target's own; the target's software is not named."""
    answer = front.get(path)
    for name, value in RESPONSE_HEADERS.items():
        assert answer.headers.get_list(name) == [value]
    assert answer.headers["server"] == NAME
    assert "x-hop" not in answer.headers


def test_answers_come_as_they_are(front: Front) -> None:
    """Redirects are the client's to follow, and each cookie is a header of its own."""
    answer = front.get("/away")
    assert answer.status_code == 302
    assert answer.headers["location"] == "http://elsewhere.example/"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_arrives_whole_and_packed_as_it_was(front: Front, chunked: bool) -> None:  # noqa: FBT001
    """Whatever its size and encoding, with or without a length."""
    body = bytes(range(256)) * 4096
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/octet-stream"}
    content = iter([body[:100_000], body[100_000:]]) if chunked else body
    answer = front.get("/", method="POST", content=content, headers=headers)
    assert answer.json()["body"].encode("latin-1") == body
    headers_seen = seen(answer)
    assert headers_seen["content-encoding"] == ["gzip"]
    assert headers_seen.get("content-length", []) == ([] if chunked else [str(len(body))])


def test_requests_go_to_healthy_targets_in_turn(front: Front) -> None:
    """Both get some; one that dies gets none soon; with none left, the client is told so."""

    def answering() -> set[int]:
        return {front.get().json()["target"] for _ in range(4)}

    first, second = front.targets
    assert answering() == {first.server_port, second.server_port}
    die(first)
    deadline = time.monotonic() + 10
    while any(front.get().status_code == 502 for _ in range(4)):
        assert time.monotonic() < deadline
    assert answering() == {second.server_port}
    die(second)
    assert front.get().status_code == 502
