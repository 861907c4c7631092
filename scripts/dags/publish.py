"""Publishes a folder, and rolls back to an earlier release."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from refused import FAILED, Refused
from releases.build import build_release
from releases.format import Release, hashes
from releases.pointer import Pointer, pointer_to
from scripts.dags.bucket import Current, RaceError, ReleaseBucket
from scripts.dags.changes import changes
from scripts.dags.check import Trial, parse
from scripts.dags.person import Person
from scripts.dags.show import publication, say, size

MANY = 20
HISTORY = 100


def publish(bucket: ReleaseBucket, folder: Path, person: Person, *, trial: Trial | None, dry_run: bool) -> None:
    """Make a folder the current release. `trial` tries the DAGs first. None: they are not tried."""
    with tempfile.TemporaryDirectory(prefix="alisio-release-") as scratch:
        release = build_release(folder, into=Path(scratch))
        say(f"{folder}: {len(release.files)} files, {size(release.size)}, release {release.sha256}")
        if release.left_out:
            say(f"left out, as git ignores it: {_listed(release.left_out)}")
        current = bucket.current()
        before = current.pointer
        if before and before.release == release.sha256:
            say(f"it is current already: {publication(before)}")
            return
        _try(release, trial)
        _show_changes(bucket, release, current)
        if dry_run:
            say("dry run: nothing was written")
            return
        say("stored" if bucket.put_archive(release) else "stored already")
        pointer = pointer_to(
            release,
            published_by=person.name,
            published_at=person.now,
            commit=person.commit,
            previous=before.release if before else None,
        )
        _point(bucket, current, pointer)


def roll_back(bucket: ReleaseBucket, person: Person, *, to: str | None, dry_run: bool) -> None:
    """Make an earlier release current: the previous one, or the one whose name begins with `to`."""
    current = bucket.current()
    if not current.etag:
        raise Refused(f"nothing was published in {bucket.place} yet; there is nothing to go back to")
    before = current.pointer
    archives = bucket.archives()
    target = named(to, list(archives)) if to else _one_before(bucket, before, list(archives))
    if before and target == before.release:
        say(f"it is current already: {publication(before)}")
        return
    files = bucket.files(target)
    say(f"from {before.release} to {target}: {changes(before.files, files)}" if before else _unreadable(current))
    if dry_run:
        say("dry run: nothing was written")
        return
    pointer = Pointer(
        release=target,
        size=archives[target].size,
        published_by=person.name,
        published_at=person.now,
        commit=_commit_of(bucket, target),
        previous=before.release if before else None,
        files=files,
    )
    _point(bucket, current, pointer)
    say("runs that have begun keep the release that they began with")


def named(beginning: str, releases: list[str]) -> str:
    """The only release whose name begins like this."""
    found = sorted(release for release in releases if release.startswith(beginning.lower()))
    match found:
        case [release]:
            return release
        case []:
            raise Refused(f"no release here begins with {beginning!r}; `list` shows them all")
        case _:
            raise Refused(f"{len(found)} releases begin with {beginning!r}: {', '.join(found)}; give more of it")


def _one_before(bucket: ReleaseBucket, current: Pointer | None, archives: list[str]) -> str:
    """The previous release. If the pointer cannot be read, it is the last one that could be: hosts still use it."""
    known = [current.previous] if current and current.previous else []
    history = (entry.pointer.release for entry in bucket.publications(most=HISTORY))
    now = current.release if current else None
    before = next((release for release in chain(known, history) if release != now), None)
    if before is None:
        raise Refused("no other release was ever current here, as far as can be read: name one with --to")
    if before not in archives:
        raise Refused(f"the release before, {before}, was pruned; `list` shows what is left: name one with --to")
    return before


def _commit_of(bucket: ReleaseBucket, release: str) -> str | None:
    commits = (entry.pointer.commit for entry in bucket.publications(most=HISTORY) if entry.pointer.release == release)
    return next((commit for commit in commits if commit), None)


def _try(release: Release, trial: Trial | None) -> None:
    if trial is None:
        say("not tried: --no-check")
        return
    say("trying the DAGs as the dag-processor does ...")
    parsed = parse(release, trial)
    for note in parsed.notes:
        say(f"  note: {note}")
    if parsed.errors:
        listed = "\n".join(f"  {error}" for error in parsed.errors)
        count = f"{len(parsed.errors)} mistakes" if len(parsed.errors) > 1 else "a mistake"
        raise Refused(f"the platform would not take these DAGs, {count}:\n{listed}\nNothing was published.")
    if not parsed.dags:
        raise Refused("the files hold no DAG: publishing them would remove every DAG; --no-check publishes them")
    say(f"{len(parsed.dags)} DAGs import: {_listed(parsed.dags)}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:MANY]) + (" ..." if len(names) > MANY else "")


def _show_changes(bucket: ReleaseBucket, release: Release, current: Current) -> None:
    if not current.etag:
        say(f"the first release in {bucket.place}")
        return
    if not current.pointer:
        say(_unreadable(current))
        return
    different = changes(current.pointer.files, hashes(release.files))
    say(f"against the current release: {different}")
    lines = different.lines()
    for line in lines[:MANY]:
        say(f"  {line}")
    if len(lines) > MANY:
        say(f"  and {len(lines) - MANY} more; `diff` shows them all")


def _unreadable(current: Current) -> str:
    return f"{current.problem}: it is replaced; hosts still use the last one that they could read"


def _point(bucket: ReleaseBucket, current: Current, pointer: Pointer) -> None:
    try:
        bucket.point(pointer, instead_of=current)
    except RaceError:
        winner = bucket.current()
        what = publication(winner.pointer) if winner.pointer else winner.problem or "the pointer was removed"
        raise Refused(
            f"somebody else published meanwhile: {what}.\n"
            "Yours is not current: look at `diff`, then publish again, or not.",
            status=FAILED,
        ) from None
    say(f"current: {publication(pointer)}")
