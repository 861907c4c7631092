"""The databases and their content: made, migrated, and with the one user, when they are not there yet."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Sequence

import versions
from chart import admin
from chart.secrets import ADMIN_PASSWORD, ADMIN_USERNAME, Secret
from chart.uris import DATABASE
from local.health import connect
from local.platform import Platform, airflow
from local.problem import Problem
from local.stack import WAREHOUSE


def create(platform: Platform) -> None:
    """The metadata database, and a warehouse to load into with a user of its own."""
    from psycopg2 import sql

    connection = connect(platform, "postgres")
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            _create_missing(cursor, DATABASE, owner=None)
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (WAREHOUSE,))
            verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
            statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}")
            password = sql.Literal(platform.passwords.warehouse)
            cursor.execute(statement.format(verb, sql.Identifier(WAREHOUSE), password))
            _create_missing(cursor, WAREHOUSE, owner=WAREHOUSE)
    finally:
        connection.close()


def is_migrated(platform: Platform) -> bool:
    """Whether this very set of packages has migrated this very database."""
    stamp = platform.database.home / "migrated"
    return stamp.exists() and stamp.read_text() == _packages()


def migrate(platform: Platform) -> None:
    """Bring the schema to the installed version of Airflow and its providers."""
    _run(platform, ["db", "migrate"])


def create_admin(platform: Platform) -> None:
    """The one user; its password is the generated one. Ends what `is_migrated` asks for."""
    username, password = login(platform)
    _run(platform, admin.create_admin(username=username, password=password))
    (platform.database.home / "migrated").write_text(_packages())


def login(platform: Platform) -> tuple[str, str]:
    """User and password of the UI and the API."""
    secret = platform.secrets[Secret.ADMIN.value]
    return secret[ADMIN_USERNAME], secret[ADMIN_PASSWORD]


def _create_missing(cursor: object, name: str, *, owner: str | None) -> None:
    from psycopg2 import sql

    run = cursor.execute  # type: ignore[attr-defined]
    run("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
    if cursor.fetchone():  # type: ignore[attr-defined]
        return
    owned = sql.SQL(" OWNER {}").format(sql.Identifier(owner)) if owner else sql.SQL("")
    run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + owned)


def _run(platform: Platform, command: Sequence[str]) -> None:
    environment = platform.environment.of("migrateDatabaseJob")
    result = subprocess.run(
        airflow(*command), env=environment, cwd=platform.state.run, capture_output=True, text=True, check=False
    )
    log = platform.state.logs / f"{'-'.join(command[:2])}.log"
    log.write_text(result.stdout + result.stderr)
    if result.returncode:
        last = "\n     ".join((result.stderr or result.stdout).strip().splitlines()[-5:])
        raise Problem(f"airflow {' '.join(command[:2])} failed:\n     {last}", f"The whole output is in {log}")


def _packages() -> str:
    from local.install import LOCK

    return f"{versions.AIRFLOW} {hashlib.sha256(LOCK.read_bytes()).hexdigest()}"
