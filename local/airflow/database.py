"""The databases and what is in them: made, migrated, and with the one user, where that was not done yet."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import versions
from chart import admin
from chart.uris import DATABASE
from local.airflow.processes import airflow
from local.differences import WAREHOUSE
from local.install import LOCK
from refused import Refused


@dataclass(frozen=True, kw_only=True)
class Databases:
    """The metadata database, and a warehouse to load into."""

    connect: Callable[[str], Any]
    """A connection as the superuser, by the database's name."""
    home: Path
    """Lives as long as the database's server."""
    environment: Mapping[str, str]
    """Of `airflow`."""
    directory: Path
    logs: Path
    warehouse_password: str
    admin: tuple[str, str] | None
    """User and password of the UI and the API. None with single sign-on."""

    def create(self) -> None:
        """Both databases; the warehouse with a user of its own."""
        from psycopg2 import sql

        connection = self.connect("postgres")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                _create_missing(cursor, DATABASE, owner=None)
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (WAREHOUSE,))
                verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
                statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}")
                password = sql.Literal(self.warehouse_password)
                cursor.execute(statement.format(verb, sql.Identifier(WAREHOUSE), password))
                _create_missing(cursor, WAREHOUSE, owner=WAREHOUSE)
        finally:
            connection.close()

    def is_migrated(self) -> bool:
        """Whether this very set of packages has migrated this very database."""
        return self._stamp.exists() and self._stamp.read_text() == _packages()

    def migrate(self) -> None:
        """Bring the schema to the installed version of Airflow and its providers."""
        self._run(["db", "migrate"])
        self._stamp.write_text(_packages())

    def lacks_admin(self) -> bool:
        """Whether the one user is wanted, and not there yet."""
        return self.admin is not None and not self._admin_stamp.exists()

    def create_admin(self) -> None:
        """Make the one user, with the generated password."""
        assert self.admin
        username, password = self.admin
        self._run(admin.create_admin(username=username, password=password))
        self._admin_stamp.touch()

    @property
    def _stamp(self) -> Path:
        return self.home / "migrated"

    @property
    def _admin_stamp(self) -> Path:
        return self.home / "has-admin"

    def _run(self, command: Sequence[str]) -> None:
        result = subprocess.run(
            airflow(*command),
            env=self.environment,
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
        )
        log = self.logs / f"{'-'.join(command[:2])}.log"
        log.write_text(result.stdout + result.stderr)
        if result.returncode:
            last = "\n     ".join((result.stderr or result.stdout).strip().splitlines()[-5:])
            raise Refused(f"airflow {' '.join(command[:2])} failed:\n     {last}", f"The whole output is in {log}")


def _create_missing(cursor: Any, name: str, *, owner: str | None) -> None:
    from psycopg2 import sql

    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
    if cursor.fetchone():
        return
    owned = sql.SQL(" OWNER {}").format(sql.Identifier(owner)) if owner else sql.SQL("")
    cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + owned)


def _packages() -> str:
    return f"{versions.AIRFLOW} {hashlib.sha256(LOCK.read_bytes()).hexdigest()}"
