"""The process manager in place of Kubernetes: supervisor.

Supervisor, as scheduler, dag-processor and triggerer rely on being restarted, with a growing pause, when they exit:
honcho stops everything instead, and circus brings ZeroMQ, an event loop and open TCP ports for the same. It stops each
process with a signal and a grace of its own, starts the database under another user, and answers over a Unix socket.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from supervisor.xmlrpc import SupervisorTransport

from local.problem import Problem
from local.state import State

STOP_SECONDS = 45


@dataclass(frozen=True, kw_only=True)
class Process:
    """One program to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    directory: Path
    user: str | None = None
    stop_signal: str = "TERM"
    stop_seconds: int = 10
    group: str | None = None
    """Processes of one group stop at the same time; groups one after another, the last one first."""


class Processes:
    """All programs of one data directory, under one supervisor."""

    def __init__(self, state: State, password: str) -> None:
        self._state = state
        self._password = password
        self._manager: subprocess.Popen[bytes] | None = None

    def open(self, processes: Sequence[Process]) -> None:
        """Start the manager; it starts nothing yet."""
        configuration = self._state.run / "processes.conf"
        write_private(configuration, self._configuration(processes))
        self._state.socket.unlink(missing_ok=True)
        command = [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--silent", "--configuration"]
        with (self._state.logs / "processes.log").open("ab") as log:
            self._manager = subprocess.Popen(
                [*command, configuration], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._state.run,
                # Not in the terminal's process group: Ctrl-C is for us, and we stop things in order.
                start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self._manager.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException, xmlrpc.client.Fault):
                self._ask("getState")
                return
            time.sleep(0.05)
        raise Problem("The process manager did not start.", f"Look into {self._state.logs}/processes.log")

    def start(self, *names: str) -> None:
        for name in names:
            self._ask("startProcess", self._full(name), False)  # noqa: FBT003  XML-RPC knows no keywords

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Signal a process and everything it started, as the kernel or Kubernetes would."""
        pid = self.states()[name]["pid"]
        # 0 is a process that does not run; for the kernel it would be our own group.
        if not pid:
            return
        # A process that was forked this instant is still in the manager's group.
        if os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)

    def crash(self, name: str, *, pause: float) -> None:
        """Kill -9, and a new one after a pause, as when Kubernetes finds it a place on another node."""
        self.kill(name)
        # The manager is quicker with a new one than a cluster would be; and while it notices, it refuses to stop any.
        # Not waited for: between fork and exec a new one is deaf to the stop's SIGTERM, and would live 10 s longer.
        while self.states()[name]["statename"] != "STOPPED":
            with contextlib.suppress(xmlrpc.client.Fault):
                self.stop(name, wait=False)
            with contextlib.suppress(ProcessLookupError):
                self.kill(name)
            time.sleep(0.02)
        time.sleep(pause)
        self.start(name)

    def stop(self, name: str, *, wait: bool = True) -> None:
        self._ask("stopProcess", self._full(name), wait)

    def states(self) -> dict[str, dict[str, Any]]:
        """What the manager knows of each process: statename, pid, start, exitstatus."""
        return {process["name"]: process for process in cast("list[dict[str, Any]]", self._ask("getAllProcessInfo"))}

    def alive(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException, xmlrpc.client.Fault):
            self._ask("getState")
            return True
        return False

    def close(self) -> None:
        """Stop everything, in the reverse of its order, and the manager."""
        if not self._manager:
            return
        with contextlib.suppress(OSError, http.client.HTTPException, xmlrpc.client.Fault):
            self._ask("shutdown")
        try:
            self._manager.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._manager.kill()
            self._manager.wait()
        self._manager = None
        self._state.socket.unlink(missing_ok=True)

    def _full(self, name: str) -> str:
        return f"{self.states()[name]['group']}:{name}"

    def _ask(self, question: str, *arguments: Any) -> Any:
        transport = SupervisorTransport("local", self._password, f"unix://{self._state.socket}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport) as server:
            return getattr(server.supervisor, question)(*arguments)

    def _configuration(self, processes: Sequence[Process]) -> str:
        run, logs = self._state.run, self._state.logs
        lines = [
            *("[unix_http_server]", f"file={self._state.socket}", "chmod=0700", "username=local"),
            f"password={_escaped(self._password)}",
            *("[supervisord]", f"pidfile={run}/processes.pid", f"logfile={logs}/processes.log", "logfile_maxbytes=5MB"),
            *("logfile_backups=1", f"childlogdir={logs}", "nocleanup=true", "strip_ansi=true", "umask=077"),
            *(["user=root"] if os.geteuid() == 0 else []),
            *(
                "[rpcinterface:supervisor]",
                "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
            ),
        ]
        for order, process in enumerate(processes):
            lines += self._section(process, order)
        groups = dict.fromkeys(process.group for process in processes if process.group)
        for order, group in enumerate(groups, start=len(processes)):
            members = ",".join(process.name for process in processes if process.group == group)
            lines += [f"[group:{group}]", f"programs={members}", f"priority={order}"]
        return "\n".join(map(str, lines)) + "\n"

    def _section(self, process: Process, order: int) -> list[str]:
        command = list(process.command)
        if process.environment:
            # Supervisor's own `environment=` would need every quote, percent sign and comma escaped.
            file = self._state.run / f"{process.name}.json"
            write_private(file, json.dumps(dict(process.environment)))
            command = [sys.executable, "-m", "local.processes.with_environment", str(file), *command]
        root = Path(__file__).resolve().parents[2]
        return [
            f"[program:{process.name}]",
            f"command={_escaped(' '.join(_quoted(word) for word in command))}",
            f"directory={_escaped(str(process.directory))}",
            f'environment=PYTHONPATH="{_escaped(str(root))}"',
            *([f"user={process.user}"] if process.user else []),
            *("autostart=false", "autorestart=true", "startsecs=1", "startretries=1000000", f"priority={order}"),
            *(f"stopsignal={process.stop_signal}", f"stopwaitsecs={process.stop_seconds}", "killasgroup=true"),
            *("redirect_stderr=true", f"stdout_logfile={_escaped(str(self._state.logs))}/{process.name}.log"),
            *("stdout_logfile_maxbytes=20MB", "stdout_logfile_backups=1"),
        ]


def write_private(path: Path, text: str) -> None:
    """A file that only its owner reads, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
