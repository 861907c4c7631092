"""PostgreSQL in place of RDS: TLS only, SCRAM passwords, run as an ordinary user even under root."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.differences import DATABASE_USER, POSTGRES_SETTINGS, SERVER_GRACE_SECONDS
from local.ports import LOOPBACK
from local.processes.process import Process
from local.services.certificates import Certificates
from local.services.postgres_programs import Programs, programs
from local.state import State, made_whole
from refused import Refused

NAME = "postgres"
USERS_FOR_ROOT = ("postgres", "nobody")
"""PostgreSQL refuses to run as root."""
SETTINGS = {
    "ssl": "on",
    "ssl_min_protocol_version": "TLSv1.2",
    "password_encryption": "scram-sha-256",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
"""As on RDS."""
ACCESS = f"hostssl all all {LOOPBACK}/32 scram-sha-256\n"
"""pg_hba.conf. Nobody gets in without TLS, as with `rds.force_ssl`, and nobody without a password."""


@dataclass(frozen=True)
class Postgres:
    """A data directory and the programs that serve it."""

    home: Path
    programs: Programs
    owner: str | None
    link: Path | None = None
    """Stands in the platform's data directory when the home lies elsewhere, and points at it."""

    @property
    def data(self) -> Path:
        return self.home / "data"

    def process(self, port: int) -> Process:
        """The server in the foreground."""
        settings = {**SETTINGS, **POSTGRES_SETTINGS, "port": str(port)}
        options = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        return Process(
            name=NAME,
            command=[str(self.programs.postgres), "-D", str(self.data), *options],
            directory=self.data,
            user=self.owner,
            # Fast shutdown. After TERM it would wait for every client.
            stop_signal="INT",
            stop_seconds=SERVER_GRACE_SECONDS,
        )

    def create(self, password: str, files: Certificates) -> None:
        """Make the data directory, completely or not at all. Give it the certificates of this platform."""
        if self.link and not os.path.lexists(self.link):
            # Somebody deleted the platform's data directory, and with it the password of this database.
            shutil.rmtree(self.data, ignore_errors=True)
            self.link.symlink_to(self.home)
        if not self.data.exists():
            with made_whole(self.data) as making:
                self._initialize(making, password)
        self._check_version()
        for source, name in ((files.certificate, "server.pem"), (files.key, "server.key")):
            shutil.copyfile(source, self.data / name)
            self._give(self.data / name, mode=0o600)

    def _initialize(self, directory: Path, password: str) -> None:
        self._give(directory, mode=0o700)
        secret = directory.with_name("password.making")
        secret.touch(mode=0o600)
        secret.write_text(password)
        self._give(secret, mode=0o600)
        try:
            self._run(
                [
                    self.programs.initdb,
                    *(
                        "--pgdata",
                        directory,
                        "--username",
                        DATABASE_USER,
                        "--pwfile",
                        secret,
                        "--auth",
                        "scram-sha-256",
                    ),
                    *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
                ]
            )
        finally:
            secret.unlink()
        (directory / "pg_hba.conf").write_text(ACCESS)

    def _check_version(self) -> None:
        written_by = (self.data / "PG_VERSION").read_text().strip()
        if written_by != self.programs.major:
            raise Refused(
                f"{self.data} was written by PostgreSQL {written_by}; "
                f"{self.programs.postgres} is {self.programs.major}.",
                "Install that version again, or forget the data with `make local-reset`.",
            )

    def _give(self, path: Path, *, mode: int) -> None:
        path.chmod(mode)
        if self.owner:
            user = pwd.getpwnam(self.owner)
            os.chown(path, user.pw_uid, user.pw_gid)

    def _run(self, command: Sequence[str | Path]) -> None:
        result = subprocess.run(
            command, capture_output=True, text=True, cwd=self.home, check=False, **_identity(self.owner)
        )
        if result.returncode:
            raise Refused(f"{command[0]} failed: {result.stderr.strip()}", "Correct that, then start again.")


def postgres(state: State) -> Postgres:
    """The database of this data directory: where it lies, and which programs serve it."""
    owner = _ordinary_user() if os.geteuid() == 0 else None
    home = _home(state, owner)
    home.mkdir(parents=True, exist_ok=True)
    if owner:
        user = pwd.getpwnam(owner)
        os.chown(home, user.pw_uid, user.pw_gid)
    link = None if home == state.postgres else state.postgres
    return Postgres(home=home, programs=programs(home), owner=owner, link=link)


def connect(name: str, *, port: int, password: str, authority: Path) -> Any:
    """A connection to a database as the superuser. It verifies certificate and host name."""
    import psycopg2

    return psycopg2.connect(
        host=LOOPBACK, port=port, user=DATABASE_USER, password=password, dbname=name,
        sslmode="verify-full", sslrootcert=str(authority), connect_timeout=3,
    )  # fmt: skip


def forget(state: State) -> None:
    """Remove the database, wherever it lies."""
    for home in {state.postgres, _elsewhere(state)}:
        shutil.rmtree(home, ignore_errors=True)


def _identity(owner: str | None) -> Mapping[str, Any]:
    return {"user": owner, "group": pwd.getpwnam(owner).pw_gid, "extra_groups": []} if owner else {}


def _ordinary_user() -> str:
    known = {user.pw_name for user in pwd.getpwall()}
    for name in USERS_FOR_ROOT:
        if name in known:
            return name
    raise Refused(
        "PostgreSQL refuses to run as root, and this machine has no user `nobody`.", "Run this as an ordinary user."
    )


def _home(state: State, owner: str | None) -> Path:
    if owner is None or all(directory.stat().st_mode & 0o001 for directory in (state.root, *state.root.parents)):
        return state.postgres
    return _elsewhere(state)


def _elsewhere(state: State) -> Path:
    """For a checkout under /root, which the database's user may not enter."""
    return Path("/var/tmp") / f"alisio-postgres-{hashlib.sha256(os.fsencode(state.root)).hexdigest()[:12]}"
