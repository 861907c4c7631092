"""The format of a DAG release: which files it may hold, and the one sequence of bytes that they make.

A release is an uncompressed tar of plain files. Its first member is the manifest. Then come the files in the order of
their paths, each behind a header in which nothing is free but path, size, and one bit of the mode: whether the file can
be run. So the same files make the same bytes on any machine, and their SHA-256 is the release's name. It is not
compressed, because what a compressor writes depends on its version.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from refused import Refused

FORMAT = 1
MANIFEST = ".alisio-release.json"
"""First member of every archive: the files with their sizes and hashes. On disk it says what must be there."""
NAME = re.compile(r"[0-9a-f]{64}")
RUNS = "+x"
"""Follows the hash of a file that can be run, where one text must say both."""
STATE = re.compile(r"[0-9a-f]{64}(\+x)?")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""Unicode's category Cc."""
SPECIAL = frozenset({"", ".", ".."})
POD_PACKAGE = "alisio_pods"
"""The one name that the platform's own code has in pods. It comes before the DAGs there, so no release may have it."""
BLOCK = 512
TRAILER = bytes(2 * BLOCK)

MIB = 1024 * 1024
MAX_FILES = 10_000
MAX_FILE_BYTES = 16 * MIB
MAX_TOTAL_BYTES = 128 * MIB
MAX_PATH_BYTES = 200
MAX_NAME_BYTES = 100
MAX_MANIFEST_BYTES = 8 * MIB
MAX_ARCHIVE_BYTES = MAX_TOTAL_BYTES + MAX_MANIFEST_BYTES + (MAX_FILES + 4) * 2 * BLOCK


class ReleaseError(Refused):
    """A release cannot be made, read or fetched. The text says why, and what to do."""


@dataclass(frozen=True)
class File:
    """One file of a release."""

    sha256: str
    size: int
    executable: bool = False


Files = Mapping[str, File]
Hashes = Mapping[str, str]
"""What each path holds: the SHA-256 of its content, and RUNS if the file can be run."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release that was made on this machine."""

    sha256: str
    """Its name."""
    size: int
    """Bytes of the archive."""
    files: Files
    archive: Path
    """`<sha256>.tar`."""
    left_out: tuple[str, ...] = ()
    """What the folder has and the release has not, because git ignores it."""


def canonical(document: object) -> bytes:
    """JSON as bytes that are the same on every machine."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def hashes(files: Files) -> dict[str, str]:
    """What each file is. Releases with the same hashes hold the same files."""
    return {path: f"{file.sha256}{RUNS if file.executable else ''}" for path, file in files.items()}


def manifest(files: Files) -> bytes:
    """The manifest of some files."""
    return canonical({"format": FORMAT, "files": {path: _entry(file) for path, file in files.items()}})


def _entry(file: File) -> dict[str, str | int | bool]:
    # Only where it is true: a release without such a file has the bytes, and so the name, that it always had.
    runs = {"executable": True} if file.executable else {}
    return {"sha256": file.sha256, "size": file.size, **runs}


def tar_header(path: str, size: int, *, executable: bool = False) -> bytes:
    """What tarfile writes before a member. TarInfo's defaults: a regular file, no owner, no names, the time 0."""
    member = tarfile.TarInfo(path)
    member.size = size
    member.mode = 0o755 if executable else 0o644
    return member.tobuf(format=tarfile.USTAR_FORMAT, encoding="utf-8", errors="strict")


BLANKS = {executable: tar_header("", 0, executable=executable) for executable in (False, True)}
BLANK_SUMS = {executable: int(blank[148:154], 8) - 11 * ord("0") for executable, blank in BLANKS.items()}


def header(path: str, size: int, *, executable: bool = False) -> bytes:
    """The header block of a member: tarfile's, made 18 times as fast. Every plan makes one for each file."""
    name = path.encode()
    if len(name) > tarfile.LENGTH_NAME:
        return tar_header(path, size, executable=executable)
    blank = BLANKS[executable]
    octal = b"%011o" % size
    checksum = b"%06o" % (BLANK_SUMS[executable] + sum(name) + sum(octal))
    return name.ljust(100, b"\0") + blank[100:124] + octal + blank[135:148] + checksum + blank[154:]


def padding(size: int) -> int:
    """How many zero bytes follow a member."""
    return -size % BLOCK


def digest(content: bytes) -> str:
    """SHA-256, as releases and manifests write it."""
    return hashlib.sha256(content).hexdigest()


def path_problem(path: str) -> str | None:
    """Why a release may not hold this path, or None."""
    parts = path.split("/")
    try:
        encoded = path.encode()
    except UnicodeEncodeError:
        return "is not UTF-8"
    if path.startswith("/") or "\\" in path:
        return "must be relative, with / between its parts"
    if not SPECIAL.isdisjoint(parts):
        return 'has an empty part, "." or ".."'
    if CONTROL.search(path):
        return "has a control character"
    if unicodedata.normalize("NFC", path) != path:
        return "is not in Unicode's form NFC"
    if path == MANIFEST:
        return "is the name of the release's own manifest"
    if len(encoded) > MAX_PATH_BYTES or any(len(part.encode()) > MAX_NAME_BYTES for part in parts):
        return f"is longer than {MAX_PATH_BYTES} bytes, or {MAX_NAME_BYTES} in one part"
    if len(encoded) <= tarfile.LENGTH_NAME:
        return None
    try:
        header(path, 0)
    except ValueError:
        return "is longer than a tar header can hold; shorten a folder's name"
    return None


def clashes(paths: Iterable[str]) -> list[str]:
    """Pairs that cannot lie in one folder on every machine: they differ in case only, or one is the other's folder."""
    spelling: dict[str, str] = {}
    leaves: set[str] = set()
    found: list[str] = []
    ordered = sorted(paths)
    for path in ordered:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            prefix = "/".join(parts[:depth])
            known = spelling.setdefault(prefix.casefold(), prefix)
            if known != prefix:
                found.append(f"{known} and {prefix}: not the same file on a file system that ignores case")
        leaves.add(path)
    for path in ordered:
        parts = path.split("/")
        above = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
        found.extend(f"{folder} and {path}: a file cannot be a folder too" for folder in above if folder in leaves)
    return sorted(set(found))


def excess(sizes: Iterable[int]) -> str | None:
    """Which limit files of these sizes exceed together, or None."""
    each = list(sizes)
    total = sum(each)
    if len(each) > MAX_FILES:
        return f"{len(each)} files; a release holds at most {MAX_FILES}"
    if total > MAX_TOTAL_BYTES:
        return f"{total} bytes in all; a release holds at most {MAX_TOTAL_BYTES}"
    return None
