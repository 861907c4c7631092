"""Makes a release of a folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from releases.format import (
    BLOCK,
    MANIFEST,
    MAX_FILE_BYTES,
    MAX_MANIFEST_BYTES,
    TRAILER,
    File,
    Files,
    Release,
    ReleaseError,
    clashes,
    digest,
    excess,
    header,
    manifest,
    padding,
    path_problem,
)

IGNORED = frozenset(
    {
        *("__pycache__", ".ruff_cache", ".pytest_cache", ".mypy_cache", ".ipynb_checkpoints"),
        *(".git", ".venv", ".idea", ".vscode", ".DS_Store"),
    }
)
"""Folders and files that never belong to a release, wherever they are."""
IGNORED_SUFFIXES = (".pyc", ".pyo")
NO_HASH = "0" * 64


@dataclass(frozen=True)
class Source:
    """A file of the folder, before it is read."""

    path: Path
    size: int


def build_release(folder: Path, *, into: Path) -> Release:
    """Write the release of a folder to `<into>/<sha256>.tar`. It depends on the files' paths and contents only.

    A ReleaseError tells every mistake in the folder at once. Each file is read once.
    """
    sources = _sources(folder)
    into.mkdir(parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(dir=into, suffix=".making")
    try:
        with os.fdopen(descriptor, "w+b") as output:
            files = _write(output, sources)
            size = output.tell()
            output.seek(0)
            sha256 = hashlib.file_digest(output, "sha256").hexdigest()
        archive = into / f"{sha256}.tar"
        Path(unfinished).replace(archive)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    return Release(sha256=sha256, size=size, files=files, archive=archive)


def _sources(folder: Path) -> dict[str, Source]:
    if not folder.is_dir():
        raise ReleaseError(f"{folder} is not a folder; name the one that holds the DAGs")
    sources: dict[str, Source] = {}
    problems: list[str] = []
    for found, entry in _walk(folder):
        path = unicodedata.normalize("NFC", found)
        if not entry.is_file(follow_symlinks=False):
            problems.append(f"{path!r} is not a plain file; replace a link by a copy")
        elif problem := path_problem(path):
            problems.append(f"{path!r} {problem}")
        elif path in sources:
            problems.append(f"{path!r} is there twice, in two Unicode forms")
        elif (size := entry.stat().st_size) > MAX_FILE_BYTES:
            problems.append(f"{path!r} has {size} bytes; a file of a release has at most {MAX_FILE_BYTES}")
        else:
            sources[path] = Source(Path(entry.path), size)
    if problem := excess(source.size for source in sources.values()):
        problems.append(problem)
    _refuse([*problems, *clashes(sources)], folder)
    if not sources:
        raise ReleaseError(f"{folder} holds no file; an empty release would remove every DAG")
    return dict(sorted(sources.items()))


def _walk(folder: str | Path, inside: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in IGNORED or entry.name.endswith(IGNORED_SUFFIXES):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, f"{inside}{entry.name}/")
            else:
                yield f"{inside}{entry.name}", entry


def _write(output: BinaryIO, sources: dict[str, Source]) -> Files:
    """Write the members, and then the manifest before them. It has their hashes, which do not change its size."""
    room = len(manifest({path: File(sha256=NO_HASH, size=source.size) for path, source in sources.items()}))
    if room > MAX_MANIFEST_BYTES:
        raise ReleaseError(f"the list of files has {room} bytes; at most {MAX_MANIFEST_BYTES}: shorten the paths")
    output.seek(BLOCK + room + padding(room))
    files: dict[str, File] = {}
    for path, source in sources.items():
        content = source.path.read_bytes()
        if len(content) != source.size:
            raise ReleaseError(f"{source.path} changed while it was read; try again")
        files[path] = File(sha256=digest(content), size=source.size)
        output.writelines(_member(path, content))
    output.write(TRAILER)
    end = output.tell()
    output.seek(0)
    output.writelines(_member(MANIFEST, manifest(files)))
    output.seek(end)
    return files


def _member(path: str, content: bytes) -> Iterator[bytes]:
    yield header(path, len(content))
    yield content
    yield bytes(padding(len(content)))


def _refuse(problems: list[str], folder: Path) -> None:
    if problems:
        raise ReleaseError(f"{folder} has mistakes:\n" + "\n".join(f"  {problem}" for problem in sorted(problems)))
