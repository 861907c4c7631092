"""Shows what was published, and deletes old releases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from refused import Refused
from releases.format import Hashes
from releases.pointer import Pointer
from scripts.dags.bucket import Archive, Publication, ReleaseBucket
from scripts.dags.changes import changes
from scripts.dags.publish import named
from scripts.dags.show import SHORT, publication, say, size

WHOLE_HISTORY = 1000


def show_releases(bucket: ReleaseBucket, *, most: int) -> None:
    """Show publications, newest first, and then the releases that none of these made current."""
    current = bucket.current()
    archives = bucket.archives()
    if not current.etag and not archives:
        say(f"nothing was published in {bucket.place} yet")
        return
    if current.problem:
        say(f"* {current.problem}; hosts still use the last one that they could read: publish, or roll back")
    shown: set[str] = set()
    for index, entry in enumerate(bucket.publications(most=most)):
        pointer = entry.pointer
        mark = "*" if index == 0 and current.pointer else " "
        gone = "" if pointer.release in archives else "  (pruned)"
        when = "" if pointer.published_at else f" at {entry.when.astimezone(UTC).isoformat(timespec='seconds')}"
        say(f"{mark} {publication(pointer)}{when}, {len(pointer.files)} files{gone}")
        shown.add(pointer.release)
    for archive in sorted(archives.values(), key=lambda archive: archive.stored, reverse=True):
        if archive.release not in shown:
            stored = archive.stored.astimezone(UTC).isoformat(timespec="seconds")
            say(f"  {archive.release[:SHORT]} stored at {stored}, {size(archive.size)}")


def show_changes(before: Hashes, after: Hashes) -> None:
    """Show every path that is different."""
    different = changes(before, after)
    for line in different.lines():
        say(line)
    say(str(different))


def files_of(bucket: ReleaseBucket, beginning: str) -> Hashes:
    """The files of the release whose name begins like this. `current` is the current release."""
    if beginning != "current":
        return bucket.files(named(beginning, list(bucket.archives())))
    pointer = _pointer(bucket)
    if pointer is None:
        raise Refused(f"nothing was published in {bucket.place} yet")
    return pointer.files


def prune(bucket: ReleaseBucket, *, keep: int, days: int, yes: bool) -> None:
    """Delete old releases. The current one, the last `keep`, and what was current or stored within `days` remain."""
    archives = bucket.archives()
    stale = prunable(
        archives,
        bucket.publications(most=WHOLE_HISTORY),
        protected=_pointed_at(bucket),
        keep=keep,
        before=datetime.now(UTC) - timedelta(days=days),
    )
    say(
        f"{len(archives)} releases, {len(stale)} can go: not current, not among the last {keep}, older than {days} days"
    )
    for archive in stale:
        say(f"  {archive.release[:SHORT]} {size(archive.size)}")
    if not stale or not yes:
        say("nothing was deleted" + ("; --yes deletes them" if stale else ""))
        return
    for archive in stale:
        # Asked again before each: meanwhile somebody may have rolled back to this release.
        if archive.release in _pointed_at(bucket):
            say(f"  {archive.release[:SHORT]} stays: it is in use again")
            continue
        bucket.remove(archive.release)
        say(f"  {archive.release[:SHORT]} deleted")


def prunable(
    archives: dict[str, Archive], history: Iterable[Publication], *, protected: set[str], keep: int, before: datetime
) -> list[Archive]:
    """The archives that can be deleted.

    The age of a release counts from the moment when it stopped being current: a run may have begun just before.
    """
    last_use = {release: archive.stored for release, archive in archives.items()}
    end = datetime.now(UTC)
    for entry in history:
        release = entry.pointer.release
        if release in last_use:
            last_use[release] = max(last_use[release], end)
        end = entry.when
    newest = sorted(archives, key=lambda release: last_use[release], reverse=True)[:keep]
    stay = {*newest, *protected}
    return [
        archive
        for release, archive in sorted(archives.items(), key=lambda item: last_use[item[0]])
        if release not in stay and last_use[release] < before
    ]


def _pointed_at(bucket: ReleaseBucket) -> set[str]:
    pointer = _pointer(bucket)
    return {release for release in (pointer.release, pointer.previous) if release} if pointer else set()


def _pointer(bucket: ReleaseBucket) -> Pointer | None:
    current = bucket.current()
    if current.problem:
        raise Refused(f"{current.problem}: publish, or roll back, before anything else")
    return current.pointer
