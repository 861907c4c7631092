"""Makes a release of a folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from releases.folder import Source, read_folder, refuse, unreadable
from releases.format import (
    BLOCK,
    MANIFEST,
    MAX_MANIFEST_BYTES,
    TRAILER,
    File,
    Files,
    Release,
    ReleaseError,
    digest,
    header,
    manifest,
    padding,
)

NO_HASH = "0" * 64


def build_release(folder: Path, *, into: Path) -> Release:
    """Write the release of a folder to `<into>/<sha256>.tar`.

    It depends on paths and contents only, and on which files can be run. A ReleaseError tells every mistake in the
    folder at once. Each file is read once.
    """
    contents = read_folder(folder)
    try:
        into.mkdir(parents=True, exist_ok=True)
        descriptor, unfinished = tempfile.mkstemp(dir=into, suffix=".making")
    except OSError as error:
        raise ReleaseError(f"{into} cannot hold the release: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "w+b") as output:
            files = _write(output, contents.sources, folder)
            size = output.tell()
            output.seek(0)
            sha256 = hashlib.file_digest(output, "sha256").hexdigest()
        archive = into / f"{sha256}.tar"
        Path(unfinished).replace(archive)
    except OSError as error:
        Path(unfinished).unlink(missing_ok=True)
        raise ReleaseError(f"{into} cannot hold the release: {error.strerror}") from None
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    return Release(sha256=sha256, size=size, files=files, archive=archive, left_out=contents.left_out)


def _write(output: BinaryIO, sources: Mapping[str, Source], folder: Path) -> Files:
    """Write the members, and then the manifest before them. It has their hashes, which do not change its size."""
    room = len(manifest({path: _file(source, NO_HASH) for path, source in sources.items()}))
    if room > MAX_MANIFEST_BYTES:
        raise ReleaseError(f"the list of files has {room} bytes; at most {MAX_MANIFEST_BYTES}: shorten the paths")
    output.seek(BLOCK + room + padding(room))
    files: dict[str, File] = {}
    problems: list[str] = []
    for path, source in sources.items():
        try:
            content = source.path.read_bytes()
        except OSError as error:
            problems.append(unreadable(path, error))
            continue
        if len(content) != source.size:
            problems.append(f"{path!r} changed while it was read; try again")
            continue
        files[path] = _file(source, digest(content))
        output.writelines(_member(path, content, executable=source.executable))
    refuse(problems, folder)
    output.write(TRAILER)
    end = output.tell()
    output.seek(0)
    output.writelines(_member(MANIFEST, manifest(files)))
    output.seek(end)
    return files


def _file(source: Source, sha256: str) -> File:
    return File(sha256=sha256, size=source.size, executable=source.executable)


def _member(path: str, content: bytes, *, executable: bool = False) -> Iterator[bytes]:
    yield header(path, len(content), executable=executable)
    yield content
    yield bytes(padding(len(content)))
