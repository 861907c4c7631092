"""Makes a release of a folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from runtime.release import (
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
"""Folders and files that never belong to a release, wherever they stand."""
IGNORED_SUFFIXES = (".pyc", ".pyo")


def build_release(folder: Path, *, into: Path) -> Release:
    """Write the release of a folder to `<into>/<sha256>.tar`. Depends on the files' paths and contents only.

    Every mistake in the folder is reported at once, in a ReleaseError.
    """
    sources = _sources(folder)
    files = {path: _described(source) for path, source in sources.items()}
    _refuse([problem] if (problem := excess(files)) else [], folder)
    into.mkdir(parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(dir=into, suffix=".making")
    try:
        with os.fdopen(descriptor, "wb") as output:
            sha256, size = _write(output, files, sources)
        archive = into / f"{sha256}.tar"
        Path(unfinished).replace(archive)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    return Release(sha256=sha256, size=size, files=files, archive=archive)


def _sources(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise ReleaseError(f"{folder} is no folder; name the one that holds the DAGs")
    sources: dict[str, Path] = {}
    problems: list[str] = []
    for source in _walk(folder):
        path = unicodedata.normalize("NFC", source.relative_to(folder).as_posix())
        if source.is_symlink() or not source.is_file():
            problems.append(f"{path!r} is no plain file; put a copy in the place of a link")
        elif problem := path_problem(path):
            problems.append(f"{path!r} {problem}")
        elif path in sources:
            problems.append(f"{path!r} stands there twice, in two Unicode forms")
        elif (size := source.stat().st_size) > MAX_FILE_BYTES:
            problems.append(f"{path!r} has {size} bytes; a file of a release has at most {MAX_FILE_BYTES}")
        else:
            sources[path] = source
    _refuse([*problems, *clashes(sources)], folder)
    if not sources:
        raise ReleaseError(f"{folder} holds no file; a release of nothing would take every DAG away")
    return dict(sorted(sources.items()))


def _walk(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.name in IGNORED or entry.name.endswith(IGNORED_SUFFIXES):
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield from _walk(entry)
        else:
            yield entry


def _described(source: Path) -> File:
    content = source.read_bytes()
    return File(sha256=digest(content), size=len(content))


def _write(output: BinaryIO, files: Files, sources: dict[str, Path]) -> tuple[str, int]:
    sha256 = hashlib.sha256()
    size = 0
    for block in _blocks(files, sources):
        output.write(block)
        sha256.update(block)
        size += len(block)
    return sha256.hexdigest(), size


def _blocks(files: Files, sources: dict[str, Path]) -> Iterator[bytes]:
    listing = manifest(files)
    if len(listing) > MAX_MANIFEST_BYTES:
        raise ReleaseError(
            f"the list of files has {len(listing)} bytes; at most {MAX_MANIFEST_BYTES}: shorten the paths"
        )
    yield from _member(MANIFEST, listing)
    for path, source in sources.items():
        content = source.read_bytes()
        if digest(content) != files[path].sha256:
            raise ReleaseError(f"{source} changed while it was read; try again")
        yield from _member(path, content)
    yield TRAILER


def _member(path: str, content: bytes) -> Iterator[bytes]:
    yield header(path, len(content))
    yield content
    yield bytes(padding(len(content)))


def _refuse(problems: list[str], folder: Path) -> None:
    if problems:
        raise ReleaseError(f"{folder} makes no release:\n" + "\n".join(f"  {problem}" for problem in sorted(problems)))
