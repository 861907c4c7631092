"""The process manager in place of Kubernetes: supervisor.

Scheduler, dag-processor and triggerer rely on being started again when they exit, after a pause that grows. Supervisor
does that. Honcho stops everything instead, and circus needs ZeroMQ, an event loop and open TCP ports for the same.
Supervisor also gives each process its own stop signal and grace, starts the database as another user, and answers over
a Unix socket.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import time
import xmlrpc.client
from collections.abc import Sequence
from typing import Any, cast

import psutil
from supervisor.xmlrpc import SupervisorTransport

from local.processes.configuration import ENVIRONMENT, USER, configuration
from local.processes.process import Process, python
from local.state import State, write_private
from refused import Refused

START_SECONDS = 20
STOP_SECONDS = 45
NO_ANSWER = (OSError, http.client.HTTPException, xmlrpc.client.Fault)


class Processes:
    """All programs of one data directory, under one supervisor."""

    def __init__(self, state: State, password: str) -> None:
        self._state = state
        self._password = password
        self._manager: subprocess.Popen[bytes] | None = None

    def open(self, processes: Sequence[Process]) -> None:
        """Start the manager. It starts no process yet."""
        file = self._state.run / "processes.conf"
        write_private(file, configuration(processes, state=self._state, password=self._password))
        self._state.socket.unlink(missing_ok=True)
        command = python("supervisor.supervisord", "--nodaemon", "--silent", "--configuration", file)
        with (self._state.logs / "processes.log").open("ab") as log:
            self._manager = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._state.run,
                env={**os.environ, **ENVIRONMENT},
                # Not in the terminal's process group: Ctrl-C is for us, and we stop things in order.
                start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._manager.poll() is None:
            if self.alive():
                return
            time.sleep(0.05)
        raise Refused("The process manager did not start.", f"Look into {self._state.logs}/processes.log")

    def start(self, *names: str) -> None:
        for name in names:
            self._ask("startProcess", self._full(name), False)  # noqa: FBT003  XML-RPC knows no keywords

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Signal a process and everything it started, as the kernel or Kubernetes would."""
        pid = self.states()[name]["pid"]
        # 0 stands for a process that does not run. For the kernel it would be our own group.
        if not pid:
            return
        # A process that was forked this instant is still in the manager's group.
        if os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)

    def crash(self, name: str, *, pause: float) -> None:
        """Kill -9, and start a new one after a pause, as Kubernetes does when it moves a pod to another node."""
        self.take_away(name)
        time.sleep(pause)
        self.start(name)

    def take_away(self, name: str) -> None:
        """Kill -9, and let nothing start in its place."""
        self.kill(name)
        # The manager starts a new one sooner than a cluster would. Until it has noticed the crash, it cannot stop any.
        # Do not wait for it to stop: between fork and exec the new one ignores SIGTERM, and would live 10 s longer.
        while self.states()[name]["statename"] != "STOPPED":
            with contextlib.suppress(xmlrpc.client.Fault):
                self.stop(name, wait=False)
            with contextlib.suppress(ProcessLookupError):
                self.kill(name)
            time.sleep(0.02)

    def hang(self, name: str, *, pause: float) -> None:
        """Stop a process and everything it started from running, and let them go on after a pause.

        Whoever talks to it sees no error: the kernel still accepts connections for it, and nobody answers.
        """
        family = self._suspended(name)
        try:
            time.sleep(pause)
        finally:
            for process in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.resume()

    def _suspended(self, name: str) -> list[psutil.Process]:
        """The members of a process's family, each suspended. Not by its group: PostgreSQL's have one each."""
        root = psutil.Process(self.states()[name]["pid"])
        family: dict[int, psutil.Process] = {}
        # A child may have started another one before its own turn came.
        while new := [each for each in [root, *root.children(recursive=True)] if each.pid not in family]:
            for process in new:
                family[process.pid] = process
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.suspend()
        return list(family.values())

    def stop(self, name: str, *, wait: bool = True) -> None:
        self._ask("stopProcess", self._full(name), wait)

    def states(self) -> dict[str, dict[str, Any]]:
        """What the manager knows of each process: statename, pid, start, exitstatus."""
        return {process["name"]: process for process in cast("list[dict[str, Any]]", self._ask("getAllProcessInfo"))}

    def alive(self) -> bool:
        """Whether the manager answers."""
        with contextlib.suppress(*NO_ANSWER):
            self._ask("getState")
            return True
        return False

    def close(self) -> None:
        """Stop everything, in the reverse of its order, and then the manager."""
        if not self._manager:
            return
        with contextlib.suppress(*NO_ANSWER):
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
        transport = SupervisorTransport(USER, self._password, f"unix://{self._state.socket}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport) as server:
            return getattr(server.supervisor, question)(*arguments)


def memory(pid: int) -> int:
    """Bytes of a process and of everything it started. What several share is counted once, in equal parts (PSS)."""
    total = 0
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        try:
            info = process.memory_full_info()
        except psutil.Error:
            continue
        total += getattr(info, "pss", info.rss)
    return total
