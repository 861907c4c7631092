"""Ports on the loopback interface."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from local.state import State
from refused import Refused

LOOPBACK = "127.0.0.1"
SINGLE_SIGN_ON = ("https", "http", "provider")
"""Ports that are used with single sign-on only."""
DATAGRAMS = ("statsd",)
"""Ports of UDP. The others are of TCP."""


@dataclass(frozen=True)
class Ports:
    """Where each server listens, on the loopback interface and nowhere else."""

    api_server: int = 8080
    flower: int = 5555
    postgres: int = 15432
    broker: int = 16379
    emulator: int = 15000
    task_logs: int = 8793
    statsd: int = 8125
    """Of UDP, where all others are of TCP."""
    https: int = 8443
    http: int = 8088
    provider: int = 9443
    """These three are used with single sign-on only."""

    @property
    def api_url(self) -> str:
        """Airflow's UI and API."""
        return f"http://{LOOPBACK}:{self.api_server}"

    @property
    def flower_url(self) -> str:
        return f"http://{LOOPBACK}:{self.flower}"

    @property
    def emulator_url(self) -> str:
        """S3, SQS and Secrets Manager."""
        return f"http://{LOOPBACK}:{self.emulator}"

    @property
    def task_logs_url(self) -> str:
        """Logs of tasks that still run."""
        return f"http://{LOOPBACK}:{self.task_logs}"

    @property
    def provider_url(self) -> str:
        """Where people log in, with single sign-on. Another site than Airflow's for a browser, as on AWS."""
        return f"https://localhost:{self.provider}"

    @staticmethod
    def free() -> Ports:
        """Ports that nothing uses now."""
        sockets = {field.name: socket.socket(type=_kind(field.name)) for field in fields(Ports)}
        try:
            for each in sockets.values():
                each.bind((LOOPBACK, 0))
            return Ports(**{name: each.getsockname()[1] for name, each in sockets.items()})
        finally:
            for each in sockets.values():
                each.close()

    def check(self, unused: Sequence[str] = ()) -> None:
        """Refuse ports that somebody else listens on, but for those that are not used."""
        mine = [(field.name, getattr(self, field.name)) for field in fields(self) if field.name not in unused]
        taken = [(name, port) for name, port in mine if _taken(port, _kind(name))]
        if not taken:
            return
        lines = [
            f"port {port} (for {name.replace('_', '-')}) is used by {_owner(port, _kind(name))}" for name, port in taken
        ]
        raise Refused(
            "; ".join(lines) + ".",
            f"Stop that, or choose others: --port {taken[0][0].replace('_', '-')}={taken[0][1] + 1}, or --free-ports.",
        )


def remember(ports: Ports, state: State, *, single_sign_on: bool) -> None:
    """Write down the ports of this run, and whether it has single sign-on, for the other commands."""
    state.ports.write_text(json.dumps(asdict(ports)))
    if single_sign_on:
        state.single_sign_on.touch()
    else:
        state.single_sign_on.unlink(missing_ok=True)


def remembered(state: State) -> Ports:
    """The ports of the last run with this data directory."""
    try:
        return Ports(**json.loads(state.ports.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        raise Refused(f"No platform has run with {state.root} yet.", "Start it with `make local`.") from None


def _kind(name: str) -> socket.SocketKind:
    return socket.SOCK_DGRAM if name in DATAGRAMS else socket.SOCK_STREAM


def _taken(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(type=kind) as probe:
        if kind == socket.SOCK_STREAM:
            # As the servers do it: without this, connections of a stopped run in TIME_WAIT look like a server.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def _owner(port: int, kind: socket.SocketKind) -> str:
    import psutil

    stream = kind == socket.SOCK_STREAM
    status = psutil.CONN_LISTEN if stream else psutil.CONN_NONE
    try:
        for connection in psutil.net_connections(kind="tcp" if stream else "udp"):
            if connection.status == status and connection.laddr[1] == port and connection.pid:  # pyright: ignore
                return f"process {connection.pid} ({psutil.Process(connection.pid).name()})"
    except psutil.Error:
        pass
    return "another process"
