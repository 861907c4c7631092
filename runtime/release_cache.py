"""Releases on one host's disk, shared by its processes. This module knows neither S3 nor Airflow.

`<root>/versions/<release>/` is a release, complete and read-only. `<root>/current` is a link to one of them, and
`state.json` says which, with the ETag of the pointer that named it. Readers take no lock. A process that brings a
release waits only for another one that brings the same release.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from releases.format import MANIFEST
from releases.unpack import check_name, unpack

ABANDONED_SECONDS = 3600
REPARSE_SECONDS = 2
"""The dag-processor stamps a parse with the time when it collects the result. A parse during a switch may have read the
old release, and would count as done for half a minute. File times a little ahead of the clock make it parse again."""


@dataclass(frozen=True)
class State:
    """What was current when a process of this host looked last."""

    release: str | None
    """None if nothing was published yet."""
    etag: str | None
    seconds_ago: float


class ReleaseCache:
    """The releases below one folder."""

    def __init__(self, root: Path, versions: Path) -> None:
        self._root = root
        self._versions = versions
        self._incoming = root / "incoming"
        self._state = root / "state.json"
        self.current = root / "current"
        """A link to the current release; its own path never changes."""

    def path(self, release: str | None) -> Path:
        """Where a release lies, or will lie. For None it is the empty folder."""
        return self._versions / release if release else self._root / "empty"

    def has(self, release: str) -> bool:
        """Whether all files of a release are there. In one that is half removed or half written, some are missing."""
        # Runs at every task start, so it must be fast. The manifest was checked when it came, and is read-only.
        folder = str(self.path(release))
        try:
            files = json.loads(Path(folder, MANIFEST).read_bytes())["files"]
            return all(os.stat(f"{folder}/{path}").st_size == file["size"] for path, file in files.items())  # noqa: PTH116
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return False

    def install(self, release: str, fetch: Callable[[Path], None]) -> None:
        """Bring a release that is not there. `fetch` writes its archive to a path. A refused one leaves no trace."""
        self._incoming.mkdir(parents=True, exist_ok=True)
        self._remove_abandoned()
        with self._alone(release):
            if self.has(release):
                return
            archive, unpacked = self._incoming / f"{release}.tar", self._incoming / release
            try:
                _remove(archive, unpacked)
                fetch(archive)
                check_name(archive, release)
                unpacked.mkdir()
                unpack(archive, unpacked)
                self._put_in_place(unpacked, self.path(release))
            finally:
                _remove(archive, unpacked)

    def switch(self, release: str | None) -> None:
        """Make a release, or the empty folder, the current one."""
        path = self.path(release)
        if release is None:
            path.mkdir(parents=True, exist_ok=True)
        target = str(path.relative_to(self._root))
        if self.current.is_symlink() and str(self.current.readlink()) == target:
            return
        link = self._root / f"current.{os.getpid()}"
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        link.replace(self.current)
        # Airflow parses at once what is younger than its last parse. All files, as any may import a changed one.
        soon = time.time() + REPARSE_SECONDS
        for file in path.rglob("*"):
            if file.is_file():
                os.utime(file, (soon, soon))

    def state(self) -> State | None:
        """What is known, or None if no process looked yet."""
        try:
            known = json.loads(self._state.read_bytes())
            age = time.time() - self._state.stat().st_mtime
            return State(release=known["release"], etag=known["etag"], seconds_ago=max(0.0, age))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def note(self, *, release: str | None, etag: str | None) -> None:
        """Remember what is current."""
        unfinished = self._root / f"state.{os.getpid()}"
        unfinished.write_text(json.dumps({"release": release, "etag": etag}))
        unfinished.replace(self._state)

    def note_look(self) -> None:
        """Remember that this process looked just now, whether it found anything or not."""
        with contextlib.suppress(FileNotFoundError):
            os.utime(self._state)

    @contextlib.contextmanager
    def looking(self, *, wait: bool) -> Generator[bool]:
        """One process at a time looks for a new release. Yields False if another one does, and `wait` is false."""
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / "looking.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    @contextlib.contextmanager
    def _alone(self, release: str) -> Generator[None]:
        with (self._incoming / f"{release}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _put_in_place(self, unpacked: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        _spread_permissions(unpacked)
        if target.exists():
            # The old one is not complete. It moves away first, so that readers never see a mixture of the two.
            broken = self._incoming / f"{target.name}.broken"
            _remove(broken)
            target.rename(broken)
            unpacked.rename(target)
            _remove(broken)
            return
        unpacked.rename(target)

    def _remove_abandoned(self) -> None:
        """Remove what a process left that was killed while it brought a release."""
        for left in self._incoming.iterdir():
            if left.suffix == ".lock" or time.time() - left.lstat().st_mtime < ABANDONED_SECONDS:
                continue
            with (self._incoming / f"{left.name.partition('.')[0]}.lock").open("w") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                _remove(left)


def _spread_permissions(folder: Path) -> None:
    """Let the users read it that tasks run as (`run_as_user`), whatever the umask."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)


def _remove(*paths: Path) -> None:
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
