"""Reads a release, and trusts none of its bytes.

There is one right sequence of bytes for a manifest (format.py). So headers are not parsed: each is compared with the
header that must be there. A link, a device, an owner, another mode, an extension of the tar format, a second copy of a
path: all of these are other bytes, and are refused. Sizes are limited before the first write.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, BinaryIO, cast

from releases.format import (
    BLOCK,
    FORMAT,
    MANIFEST,
    MAX_ARCHIVE_BYTES,
    MAX_FILE_BYTES,
    MAX_MANIFEST_BYTES,
    NAME,
    TRAILER,
    File,
    Files,
    ReleaseError,
    clashes,
    digest,
    excess,
    header,
    manifest,
    padding,
    path_problem,
)

KINDS = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a device",
    b"4": "a device",
    b"5": "a folder",
    b"6": "a pipe",
}
NOTES: tuple[dict[str, Any], ...] = ({}, {"executable": True})
"""What a manifest may say of a file beside its hash and size."""
CHUNK = 1024 * 1024


def check_name(archive: Path, sha256: str) -> None:
    """Refuse an archive whose bytes are not those of its name."""
    with archive.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != sha256:
        raise ReleaseError(f"the archive has the SHA-256 {found}, not {sha256} as its name says")


def unpack(archive: Path, into: Path) -> Files:
    """Write the files of an archive below an empty folder, read-only. After a ReleaseError `into` is worthless."""
    if archive.stat().st_size > MAX_ARCHIVE_BYTES:
        raise ReleaseError(f"the archive has more than {MAX_ARCHIVE_BYTES} bytes")
    with archive.open("rb") as stream:
        listing = _manifest_member(stream)
        files = parse_manifest(listing)
        _place(into / MANIFEST, listing)
        for path in sorted(files):
            content = _member(stream, path, files[path])
            _place(into / path, content, executable=files[path].executable)
        if stream.read(len(TRAILER) + 1) != TRAILER:
            raise ReleaseError("the archive does not end where its last file does")
    return files


def read_manifest(stream: BinaryIO) -> Files:
    """The files of an archive. Only its beginning is read."""
    return parse_manifest(_manifest_member(stream))


def parse_manifest(content: bytes) -> Files:
    """The files that a manifest names, every path checked. Raises ReleaseError."""
    try:
        document: Any = json.loads(content)
    except (ValueError, RecursionError):
        raise ReleaseError("the manifest is not JSON") from None
    if not isinstance(document, dict) or document.keys() != {"format", "files"} or document["format"] != FORMAT:
        raise ReleaseError(f"the manifest is not of format {FORMAT}")
    entries = cast("dict[str, Any]", document)["files"]
    if not isinstance(entries, dict):
        raise ReleaseError("the manifest lists no files")
    files = {path: _file(path, entry) for path, entry in cast("dict[str, Any]", entries).items()}
    if problem := excess(file.size for file in files.values()):
        raise ReleaseError(f"the manifest lists {problem}")
    if problems := clashes(files):
        raise ReleaseError(f"the manifest lists {problems[0]}")
    if manifest(files) != content:
        raise ReleaseError("the manifest is not written as releases write it")
    return files


def _file(path: str, entry: Any) -> File:
    if problem := path_problem(path):
        raise ReleaseError(f"the manifest lists {path!r}, which {problem}")
    match entry:
        case {"sha256": str(sha256), "size": int(size), **rest} if rest in NOTES and NAME.fullmatch(sha256):
            if not isinstance(size, bool) and 0 <= size <= MAX_FILE_BYTES:
                return File(sha256=sha256, size=size, executable=bool(rest))
            raise ReleaseError(f"the manifest lists {path!r} with {size} bytes; 0 to {MAX_FILE_BYTES} are allowed")
        case _:
            raise ReleaseError(
                f"the manifest says of {path!r} something other than its hash, its size, and that it can be run"
            )


def _manifest_member(stream: BinaryIO) -> bytes:
    block = _exactly(stream, BLOCK)
    try:
        size = int(block[124:135], 8)
    except ValueError:
        raise ReleaseError("this is not a release: it does not begin with a header") from None
    if not 0 <= size <= MAX_MANIFEST_BYTES:
        raise ReleaseError(f"the manifest has {size} bytes; at most {MAX_MANIFEST_BYTES} are allowed")
    if block != header(MANIFEST, size):
        raise ReleaseError(f"this is not a release: it begins with {_described(block)}, not with {MANIFEST}")
    return _content(stream, size)


def _member(stream: BinaryIO, path: str, file: File) -> bytes:
    block = _exactly(stream, BLOCK)
    if block != header(path, file.size, executable=file.executable):
        raise ReleaseError(f"the archive has {_described(block)} where the manifest has {path!r}")
    content = _content(stream, file.size)
    if digest(content) != file.sha256:
        raise ReleaseError(f"the content of {path!r} is not what the manifest says")
    return content


def _content(stream: BinaryIO, size: int) -> bytes:
    content = _exactly(stream, size)
    rest = padding(size)
    if _exactly(stream, rest) != bytes(rest):
        raise ReleaseError("the archive has bytes between its files")
    return content


def _exactly(stream: BinaryIO, size: int) -> bytes:
    parts: list[bytes] = []
    missing = size
    while missing and (part := stream.read(min(missing, CHUNK))):
        parts.append(part)
        missing -= len(part)
    if missing:
        raise ReleaseError("the archive is cut off")
    return b"".join(parts)


def _place(target: Path, content: bytes, *, executable: bool = False) -> None:
    # Folders stay writable: Airflow's own cleanup of old versions could not remove them otherwise.
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        file.write(content)
    target.chmod(0o555 if executable else 0o444)


def _described(block: bytes) -> str:
    name = block[:100].rstrip(b"\0").decode(errors="replace")
    kind = KINDS.get(block[156:157], "another entry")
    return f"{kind} {name[:80]!r}"
