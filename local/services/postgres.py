"""PostgreSQL in place of RDS: TLS only, SCRAM passwords, run as an ordinary user even under root."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local.problem import Problem
from local.services.certificates import Certificates
from local.services.postgres_programs import Programs, programs
from local.state import State, made_whole

USERS_FOR_ROOT = ("postgres", "nobody")
"""PostgreSQL refuses to run as root."""
MASTER = "alisio"
"""The superuser, as RDS's master user is; named by the settings of the data store there."""

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "ssl": "on",
    "ssl_cert_file": "server.pem",
    "ssl_key_file": "server.key",
    "ssl_min_protocol_version": "TLSv1.2",
    "password_encryption": "scram-sha-256",
    # What a laptop has: RDS's own would take a quarter of its memory.
    "shared_buffers": "64MB",
    "max_connections": "200",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
ACCESS = "hostssl all all 127.0.0.1/32 scram-sha-256\n"
"""pg_hba.conf as `rds.force_ssl` has it: nobody without TLS, nobody without a password."""


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

    def command(self, port: int) -> list[str]:
        """The server in the foreground."""
        options = [f"--{name.replace('_', '-')}={value}" for name, value in {**SETTINGS, "port": str(port)}.items()]
        return [str(self.programs.postgres), "-D", str(self.data), *options]

    def create(self, password: str, files: Certificates) -> None:
        """Make the data directory, completely or not at all; give it the certificates of this platform."""
        if self.link and not os.path.lexists(self.link):
            # Whoever deleted the platform's data directory forgot this database, and its password.
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
                    *("--pgdata", directory, "--username", MASTER, "--pwfile", secret, "--auth", "scram-sha-256"),
                    *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
                ]
            )
        finally:
            secret.unlink()
        (directory / "pg_hba.conf").write_text(ACCESS)

    def _check_version(self) -> None:
        written_by = (self.data / "PG_VERSION").read_text().strip()
        if written_by != self.programs.major:
            raise Problem(
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
        identity = (
            {"user": self.owner, "group": pwd.getpwnam(self.owner).pw_gid, "extra_groups": []} if self.owner else {}
        )
        result = subprocess.run(command, capture_output=True, text=True, cwd=self.home, check=False, **identity)
        if result.returncode:
            raise Problem(f"{command[0]} failed: {result.stderr.strip()}", "Put that right, then start again.")


def postgres(state: State) -> Postgres:
    """Where the database of this data directory lies, and what serves it."""
    owner = _ordinary_user() if os.geteuid() == 0 else None
    home = _home(state, owner)
    home.mkdir(parents=True, exist_ok=True)
    if owner:
        user = pwd.getpwnam(owner)
        os.chown(home, user.pw_uid, user.pw_gid)
    link = None if home == state.postgres else state.postgres
    return Postgres(home=home, programs=programs(home), owner=owner, link=link)


def forget(state: State) -> None:
    """Remove the database, wherever it lies."""
    for home in {state.postgres, _elsewhere(state)}:
        shutil.rmtree(home, ignore_errors=True)


def _ordinary_user() -> str:
    known = {user.pw_name for user in pwd.getpwall()}
    for name in USERS_FOR_ROOT:
        if name in known:
            return name
    raise Problem(
        "PostgreSQL refuses to run as root, and this machine has no user `nobody`.", "Run this as an ordinary user."
    )


def _home(state: State, owner: str | None) -> Path:
    if owner is None or all(directory.stat().st_mode & 0o001 for directory in (state.root, *state.root.parents)):
        return state.postgres
    return _elsewhere(state)


def _elsewhere(state: State) -> Path:
    """For a checkout under /root, which the user of the database may not enter."""
    return Path("/var/tmp") / f"alisio-postgres-{hashlib.sha256(os.fsencode(state.root)).hexdigest()[:12]}"
