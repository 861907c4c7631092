"""The pointer: the one small object that says which release is current, who made it so, and what is in it.

Each file has a line of its own. So two of the object's versions, and `pulumi preview --diff`, show which files differ.
The list is for people and for `python -m scripts.dags`. Hosts check what they unpack against the archive's own list.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

from releases.format import FORMAT, MIB, NAME, STATE, Hashes, Release, ReleaseError, hashes, path_problem

POINTER = "current.json"
MAX_POINTER_BYTES = 8 * MIB
"""The most files with the longest paths, each character escaped, take 5 MiB. 100 files of this project take 10 KiB."""
FIELDS = {
    "format": int,
    "release": str,
    "size": int,
    "publishedBy": str,
    "publishedAt": str | None,
    "commit": str | None,
    "previous": str | None,
    "files": dict,
}


def archive_key(release: str, prefix: str = "") -> str:
    """Where the archive of a release lies in the bucket."""
    return f"{folder(prefix)}releases/{release}.tar"


def pointer_key(prefix: str = "") -> str:
    """Where the pointer lies in the bucket."""
    return f"{folder(prefix)}{POINTER}"


def folder(prefix: str) -> str:
    """A prefix with one slash at its end, or nothing."""
    return f"{prefix.strip('/')}/" if prefix.strip("/") else ""


@dataclass(frozen=True, kw_only=True)
class Pointer:
    """What stands in the pointer."""

    release: str
    size: int
    """Bytes of the archive."""
    published_by: str
    """A person's or a robot's name; `pulumi` when `pulumi up` published."""
    published_at: str | None = None
    """RFC 3339, UTC. None from Pulumi: a clock would change the plan each time."""
    commit: str | None = None
    previous: str | None = None
    """The release that this publication replaced, where it is known."""
    files: Hashes

    def document(self) -> str:
        """The object's content."""
        fields = {
            "format": FORMAT,
            "release": self.release,
            "size": self.size,
            "publishedBy": self.published_by,
            "publishedAt": self.published_at,
            "commit": self.commit,
            "previous": self.previous,
            "files": dict(sorted(self.files.items())),
        }
        return json.dumps(fields, ensure_ascii=False, indent=2) + "\n"


def pointer_to(
    release: Release,
    *,
    published_by: str,
    published_at: str | None = None,
    commit: str | None = None,
    previous: str | None = None,
) -> Pointer:
    """The pointer to a release. The same arguments make the same document."""
    return Pointer(
        release=release.sha256,
        size=release.size,
        published_by=published_by,
        published_at=published_at,
        commit=commit,
        previous=previous,
        files=hashes(release.files),
    )


def parse_pointer(content: bytes) -> Pointer:
    """The pointer that an object holds. Raises ReleaseError."""
    try:
        loaded: Any = json.loads(content)
    except (ValueError, RecursionError):
        raise ReleaseError(f"{POINTER} is not JSON") from None
    if not isinstance(loaded, dict):
        raise ReleaseError(f"{POINTER} is not a JSON object")
    fields = cast("dict[str, Any]", loaded)
    if fields.get("format") != FORMAT:
        raise ReleaseError(
            f"{POINTER} has format {_shown(fields.get('format'))}; this platform reads {FORMAT}: publish again, "
            "or upgrade it"
        )
    for name, kind in FIELDS.items():
        if not isinstance(fields.get(name), kind) or isinstance(fields.get(name), bool):
            raise ReleaseError(f"{POINTER} has no valid {name}: {_shown(fields.get(name))}")
    for name in ("release", "previous"):
        if fields[name] is not None and not NAME.fullmatch(fields[name]):
            raise ReleaseError(f"{POINTER} has no valid {name}: {_shown(fields[name])} is not a SHA-256")
    for path, state in fields["files"].items():
        if problem := path_problem(path):
            raise ReleaseError(f"{POINTER} lists {_shown(path)}, which {problem}")
        if not isinstance(state, str) or not STATE.fullmatch(state):
            raise ReleaseError(f"{POINTER} lists {_shown(path)} with {_shown(state)}, which is not a SHA-256")
    return Pointer(
        release=fields["release"],
        size=fields["size"],
        published_by=fields["publishedBy"],
        published_at=fields["publishedAt"],
        commit=fields["commit"],
        previous=fields["previous"],
        files=fields["files"],
    )


def _shown(value: object) -> str:
    """What somebody else wrote, cut to what a line can hold."""
    return repr(value)[:100]
