"""A real PostgreSQL with Airflow's own schema, TLS only; queued and running tasks are rows of `task_instance`."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, final

import psycopg

from chart.uris import DATABASE, metadata_uri
from local.differences import DATABASE_USER
from local.ports import LOOPBACK
from local.services.certificates import Certificates
from local.services.postgres import USERS_FOR_ROOT, Postgres
from local.services.postgres_programs import Programs
from tests.engine.parts import Part
from tests.engine.programs import CHECKOUT

AIRFLOW_PYTHON: Final = CHECKOUT / ".venv-airflow" / "bin" / "python"
"""Has Airflow, whose migrations make the schema, and the wheel with the server's programs."""
FIND_PROGRAMS: Final = """
import pathlib, sys
from local.services.postgres_programs import programs
found = programs(pathlib.Path(sys.argv[1]))
print(found.directory, found.major, sep="\\n")
"""


@final
class Database:
    """One server, gone with its data when the `with` ends. Its folder is where an ordinary user may go."""

    def __init__(self, files: Certificates, port: int) -> None:
        self._files = files
        self._port = port
        self._password = secrets.token_urlsafe(24)
        self._closing = contextlib.ExitStack()
        self._server: Part | None = None

    def __enter__(self) -> Database:
        with self._closing:
            home = Path(tempfile.mkdtemp(prefix="alisio-keda-", dir="/var/tmp"))
            self._closing.callback(shutil.rmtree, home, ignore_errors=True)
            home.chmod(0o755)
            found = subprocess.run(
                [AIRFLOW_PYTHON, "-c", FIND_PROGRAMS, home], cwd=CHECKOUT, text=True, capture_output=True, check=True
            )
            directory, major = found.stdout.split()
            owner = USERS_FOR_ROOT[-1] if os.geteuid() == 0 else None
            if owner:
                shutil.chown(home, owner)
            server = Postgres(home=home, programs=Programs(Path(directory), major), owner=owner)
            server.create(self._password, self._files)
            process = server.process(self._port)
            self._server = Part(
                name="postgres", command=process.command, log=home / "postgres.log", user=owner,
                stop_signal=signal.SIGINT,
            )  # fmt: skip
            self._closing.callback(self._server.stop)
            self.start()
            with self.connect("postgres") as connection:
                connection.execute(f"CREATE DATABASE {DATABASE}")
            self._migrate(home)
            self._closing = self._closing.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def start(self) -> None:
        assert self._server is not None
        self._server.start(self._answers)

    def stop(self) -> None:
        assert self._server is not None
        self._server.stop()

    def uri(self, port: int) -> str:
        """As Airflow's pods have it, by another way than the server's own port where something stands between."""
        return metadata_uri(username=DATABASE_USER, password=self._password, host=LOOPBACK, port=port)

    def connect(self, name: str = DATABASE) -> psycopg.Connection:
        return psycopg.connect(
            host=LOOPBACK, port=self._port, user=DATABASE_USER, password=self._password, dbname=name, autocommit=True,
            sslmode="verify-full", sslrootcert=str(self._files.authority), connect_timeout=3,
        )  # fmt: skip

    def set_tasks(self, queue: str, **states: int) -> None:
        """Let the queue hold so many tasks of each state, such as `running=3`, beside two that are done.

        Foreign keys are not looked at: for KEDA a task needs no run and no DAG.
        """
        wanted = [*(state for state, count in states.items() for _ in range(count)), "success", "failed"]
        with self.connect() as connection, connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute("DELETE FROM task_instance WHERE queue = %s", (queue,))
            for number, state in enumerate(wanted):
                connection.execute(
                    "INSERT INTO task_instance (id, task_id, dag_id, run_id, map_index, try_number, max_tries,"
                    " pool, pool_slots, queue, state)"
                    " VALUES (gen_random_uuid(), 'task', 'dag', %s, %s, 1, 0, 'default_pool', 1, %s, %s)",
                    (queue, number, queue, state),
                )

    def _answers(self) -> bool:
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _migrate(self, home: Path) -> None:
        environment: Mapping[str, str] = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "AIRFLOW_HOME": str(home / "airflow"),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self.uri(self._port),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": str(self._files.authority),
        }
        subprocess.run(
            [AIRFLOW_PYTHON, "-m", "airflow", "db", "migrate"], cwd=home, env=environment, text=True,
            capture_output=True, check=True,
        )  # fmt: skip
