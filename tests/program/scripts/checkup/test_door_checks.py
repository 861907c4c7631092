"""What somebody outside sees of Airflow's address, asked of a real server over TLS."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import trustme

from scripts.checkup import door
from scripts.checkup.deployed import Deployed

WELL = {"metadatabase": {"status": "healthy"}, "scheduler": {"status": "healthy"}, "triggerer": {"status": None}}
HOST = "localhost"


@contextmanager
def served(status: int, body: str, *, named: str = HOST, trusted: bool = True) -> Generator[Callable[[], str]]:
    """Yields the question to a server with this answer, whose certificate is of a name."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == door.HEALTH else 404)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    authority: Any = trustme.CA()
    context, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert(named).configure_cert(context)
    if trusted:
        authority.configure_trust(trusting)
    server = HTTPServer((HOST, 0), Answers)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield lambda: door.health(HOST, port=server.server_port, context=trusting)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_platform_that_is_well_has_no_problem() -> None:
    """A part without a status is one that this stack does not run."""
    with served(200, json.dumps(WELL)) as ask:
        assert ask() == ""


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (200, json.dumps({**WELL, "scheduler": {"status": "unhealthy"}}), "scheduler not healthy: "),
        (503, "", "it answers 503: "),
        (200, "<html>", "it answers, and that is not Airflow"),
        (200, "[1]", "it answers, and that is not Airflow"),
    ],
)
def test_what_is_wrong_is_said(status: int, body: str, problem: str) -> None:
    with served(status, body) as ask:
        assert ask().startswith(problem)


def test_a_certificate_is_verified() -> None:
    """Of another name, or of an authority that nobody trusts: whoever answers may be anybody."""
    with served(200, json.dumps(WELL), named="other.example") as ask:
        assert ask().startswith("its certificate is refused: Hostname mismatch")
    with served(200, json.dumps(WELL), trusted=False) as ask:
        assert ask().startswith("its certificate is refused: ")


def test_nobody_there_is_said() -> None:
    with served(200, "") as ask:
        pass
    assert ask().startswith("it does not answer (")


def test_a_name_that_does_not_resolve_is_said() -> None:
    def stack(domain: str | None) -> Deployed:
        return Deployed(prefix="alisio-dev", domain=domain, resources=[], client=lambda _: None)

    assert door.name(stack(None)) == door.name(stack(HOST)) == ""
    assert door.name(stack("airflow.invalid")).startswith("airflow.invalid does not resolve here (")
