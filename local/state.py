"""The data directory: where things lie, which run holds it, and whether the disk has room."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.install import unusable
from refused import Refused

DISK_GIB = 2
LONGEST_SOCKET = 100
"""Unix sockets refuse paths of more than 107 bytes."""


@dataclass(frozen=True)
class State:
    """Everything that the local platform remembers lies under `root`; deleting that forgets it."""

    root: Path

    @property
    def run(self) -> Path:
        """What one run writes and the next one does not need."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        """One file for each process."""
        return self.root / "logs"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets.json"

    @property
    def certificates(self) -> Path:
        return self.root / "certificates"

    @property
    def provider(self) -> Path:
        """Keys and people of the provider, with single sign-on."""
        return self.root / "provider"

    @property
    def series(self) -> Path:
        """What the parts have said about themselves in the last hours."""
        return self.root / "series.sqlite"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def broker(self) -> Path:
        return self.root / "broker"

    @property
    def buckets(self) -> Path:
        return self.root / "buckets"

    @property
    def airflow_home(self) -> Path:
        return self.root / "airflow"

    @property
    def pod_code(self) -> Path:
        """Our code that runs inside Airflow."""
        return self.run / "python"

    @property
    def access(self) -> Path:
        """What the api-server reads of who gets in, with single sign-on."""
        return self.run / "access"

    @property
    def trusted(self) -> Path:
        """The authorities that it trusts."""
        return self.run / "trusted.pem"

    @property
    def ports(self) -> Path:
        return self.run / "ports.json"

    @property
    def single_sign_on(self) -> Path:
        """It is there if the last run had single sign-on."""
        return self.run / "single-sign-on"

    @property
    def socket(self) -> Path:
        """The socket of the process manager, on a path that is short enough for one."""
        path = self.run / "processes.sock"
        if len(os.fsencode(path)) <= LONGEST_SOCKET:
            return path
        short = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"alisio-{os.getuid()}-{short}" / "processes.sock"

    def prepare(self) -> None:
        """Make the directories that every process may expect. Refuse a name that nothing runs from, and a full disk."""
        if reason := unusable(self.root):
            raise Refused(f"{self.root} cannot hold the data: {reason}.", "Choose another with --data DIRECTORY.")
        try:
            for path in (self.root, self.run, self.logs, self.buckets, self.airflow_home, self.socket.parent):
                path.mkdir(parents=True, exist_ok=True)
            self.run.chmod(0o700)
            self.socket.parent.chmod(0o700)
            (self.root / ".gitignore").write_text("*\n")
        except OSError as error:
            raise Refused(
                f"{self.root} cannot be written: {error.strerror}.", "Choose another with --data DIRECTORY."
            ) from None
        free = shutil.disk_usage(self.root).free / 2**30
        if free < DISK_GIB:
            raise Refused(
                f"{self.root} has {free:.1f} GiB free; the platform needs {DISK_GIB}.",
                "Free some space, or choose another directory with --data DIRECTORY.",
            )

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the directory for one run. The kernel releases it, however that run ends."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise Refused(
                    f"The platform of {self.root} already runs (process {file.read().strip() or 'unknown'}).",
                    "Look at it with `python -m local status`, or stop it with Ctrl-C in its terminal.",
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            os.set_inheritable(file.fileno(), False)  # noqa: FBT003  takes no keywords
            yield


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


@contextlib.contextmanager
def made_whole(path: Path) -> Iterator[Path]:
    """A place to make a directory in, which becomes `path` only when it is complete."""
    making = path.with_name(f"{path.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True, mode=0o700)
    yield making
    making.rename(path)
