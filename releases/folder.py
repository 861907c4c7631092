"""Which files of a folder are published. Releases, and Airflow's own S3 bundle, take the same."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from releases.format import (
    MAX_FILE_BYTES,
    POD_PACKAGE,
    ReleaseError,
    clashes,
    excess,
    path_problem,
)
from releases.ignored import ignored_by_git, is_leftover

KINDS = (
    (stat.S_ISLNK, "is a link; put what it leads to in its place"),
    (stat.S_ISFIFO, "is a pipe; a release holds files"),
    (stat.S_ISSOCK, "is a socket; a release holds files"),
)
GONE = "went away while the folder was read; try again"


@dataclass(frozen=True)
class Source:
    """A file of the folder, before it is read."""

    path: Path
    size: int
    executable: bool
    """Whether its owner may run it: the one bit of the mode that git keeps, too."""


@dataclass(frozen=True)
class Contents:
    """What a folder gives to a release."""

    sources: dict[str, Source]
    """By path inside the folder, sorted."""
    left_out: tuple[str, ...]
    """What is not published, because git ignores it. Caches and editors' leftovers are not worth a word."""


def read_folder(folder: Path) -> Contents:
    """The files that are published. A ReleaseError tells every mistake in the folder at once."""
    if not folder.is_dir():
        raise ReleaseError(f"{folder} is not a folder; name the one that holds the DAGs")
    search = _Search()
    search.into(folder)
    if problem := excess(source.size for source in search.sources.values()):
        search.problems.append(problem)
    refuse([*search.problems, *clashes(search.sources)], folder)
    if not search.sources:
        raise ReleaseError(f"{folder} holds no file; an empty release would remove every DAG")
    return Contents(sources=dict(sorted(search.sources.items())), left_out=tuple(sorted(search.left_out)))


def refuse(problems: Iterable[str], folder: Path) -> None:
    """Raise a ReleaseError if there is any problem."""
    if listed := sorted(problems):
        raise ReleaseError(f"{folder} has mistakes:\n" + "\n".join(f"  {problem}" for problem in listed))


def unreadable(path: str, error: OSError) -> str:
    """A problem, in the system's words."""
    return f"{path!r} {GONE}" if isinstance(error, FileNotFoundError) else f"{path!r} cannot be read: {error.strerror}"


@dataclass
class _Search:
    """A walk through a folder. What is wrong is noted, and the walk goes on."""

    sources: dict[str, Source] = field(default_factory=dict[str, Source])
    problems: list[str] = field(default_factory=list[str])
    left_out: list[str] = field(default_factory=list[str])

    def into(self, folder: Path) -> None:
        self._folder(folder, "", ignored_by_git(folder))

    def _folder(self, folder: str | Path, inside: str, ignored: frozenset[str], checkout: str = "") -> None:
        """`ignored` are paths below `checkout`: the folder itself, or another repository's checkout in it."""
        try:
            with os.scandir(folder) as found:
                entries = list(found)
        except OSError as error:
            self.problems.append(unreadable(inside or ".", error))
            return
        if inside and any(entry.name == ".git" for entry in entries):
            ignored, checkout = ignored_by_git(Path(folder)), inside
        for entry in entries:
            path = f"{inside}{unicodedata.normalize('NFC', entry.name)}"
            if is_leftover(entry.name):
                continue
            is_folder = entry.is_dir(follow_symlinks=False)
            if f"{path}/"[len(checkout) :] in ignored or path[len(checkout) :] in ignored:
                self.left_out.append(f"{path}/" if is_folder else path)
            elif is_folder and (problem := path_problem(path)):
                # It would be the same for all that is in it. And a path is never too long to be opened.
                self.problems.append(f"{path!r} {problem}")
            elif is_folder:
                self._folder(entry.path, f"{path}/", ignored, checkout)
            else:
                self._file(path, entry)

    def _file(self, path: str, entry: os.DirEntry[str]) -> None:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            self.problems.append(unreadable(path, error))
            return
        if problem := _problem(path, entry, status):
            self.problems.append(f"{path!r} {problem}")
        elif path in self.sources:
            self.problems.append(f"{path!r} is there twice, in two Unicode forms")
        else:
            executable = bool(status.st_mode & stat.S_IXUSR)
            self.sources[path] = Source(Path(entry.path), size=status.st_size, executable=executable)


def _problem(path: str, entry: os.DirEntry[str], status: os.stat_result) -> str | None:
    if not stat.S_ISREG(status.st_mode):
        return next((text for is_kind, text in KINDS if is_kind(status.st_mode)), "is a device; a release holds files")
    if problem := path_problem(path):
        return problem
    if path.split("/")[0].partition(".")[0] == POD_PACKAGE:
        return f"cannot be imported in a pod: there {POD_PACKAGE} is the platform's own code; give it another name"
    if status.st_size > MAX_FILE_BYTES:
        return f"has {status.st_size} bytes; a file of a release has at most {MAX_FILE_BYTES}"
    if not os.access(entry.path, os.R_OK, effective_ids=os.access in os.supports_effective_ids):
        return "cannot be read: Permission denied"
    return None
