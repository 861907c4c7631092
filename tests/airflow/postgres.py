"""A real PostgreSQL, with the programs and the certificates of the local platform."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg2

from chart.uris import metadata_uri
from local.ports import Ports
from local.services.certificates import certificates
from local.services.postgres import connect, postgres
from local.state import State

PASSWORD = "secret"
SECONDS = 30


class Postgres:
    """A server that can be killed, frozen, and started again on its port."""

    def __init__(self, folder: Path) -> None:
        self._state = State(folder)
        self._state.prepare()
        self.files = certificates(self._state)
        self._server = postgres(self._state)
        self._server.create(PASSWORD, self.files)
        self._port = Ports.free().postgres
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return metadata_uri(username="alisio", password=PASSWORD, host="127.0.0.1", port=self._port)

    @property
    def environment(self) -> dict[str, str]:
        """What libpq reads."""
        return {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(self.files.authority)}

    def connect(self, database: str) -> Any:
        connection = connect(database, port=self._port, password=PASSWORD, authority=self.files.authority)
        connection.autocommit = True
        return connection

    def start(self) -> None:
        process = self._server.process(self._port)
        with (self._state.logs / "postgres.log").open("ab") as log:
            self._running = subprocess.Popen(process.command, cwd=process.directory, user=process.user, stderr=log)
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(psycopg2.OperationalError):
                return self.connect("postgres").close()
            time.sleep(0.1)
        raise TimeoutError("PostgreSQL does not start")

    def kill(self) -> None:
        family = self._family()
        for each in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        if self._running:
            self._running.wait(SECONDS)
        psutil.wait_procs(family, timeout=SECONDS)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """The kernel still takes connections and acknowledges, and nobody answers."""
        family = self._family()
        _each(family, psutil.Process.suspend)
        try:
            yield
        finally:
            _each(family, psutil.Process.resume)

    def _family(self) -> list[psutil.Process]:
        assert self._running
        root = psutil.Process(self._running.pid)
        return [root, *root.children(recursive=True)]


def _each(family: list[psutil.Process], do: Callable[[psutil.Process], None]) -> None:
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            do(process)
