"""Says what was interrupted, asks, and leaves a stack on which `up` succeeds."""

from __future__ import annotations

from typing import Final

import console
from refused import FAILED, Refused
from scripts.asking import confirm, somebody_is_there
from scripts.recover.attributes import damaged_attributes
from scripts.recover.cloud import Cloud, Unclear
from scripts.recover.findings import Connect, Findings, living, look
from scripts.recover.helm import UNINSTALLING, Helm, Record, Records
from scripts.recover.lock_files import read_locks
from scripts.recover.locks import Lock, Owner, owner_of
from scripts.recover.pulumi import Pulumi
from scripts.recover.state import adopting, resources_in, settled

BY_HAND: Final = "docs/operations.md says how to do it by hand; or run this again when the reason is gone"


def recover(
    pulumi: Pulumi, cloud: Cloud, *, ask: bool = True, owner_is_gone: bool = False, connect: Connect = Helm
) -> None:
    """Do nothing while the owner of the lock is at work, and nothing without a `yes`."""
    _mend_attributes(pulumi, ask=ask, owner_is_gone=owner_is_gone)
    found = look(pulumi, cloud, connect=connect)
    if not found:
        note = f" ({found.unreachable}: Helm's records were not read)" if found and found.unreachable else ""
        console.out.print(f"nothing to recover{note}")
        return
    for line in found.lines():
        console.out.print(line)
    _owner_must_be_gone(found.locks, owner_is_gone=owner_is_gone)
    somebody_is_there(ask=ask)
    if ask:
        confirm(f"Do this to {pulumi.stack}?", answer="yes")
    _mend(pulumi, cloud, found)
    if found.kept:
        text = f"{len(found.kept)} of these cannot be decided: the state is as it was"
        raise Refused(text, BY_HAND, status=FAILED)
    console.out.print(f"done; now: python -m scripts up {pulumi.stack}")


def _owner_must_be_gone(locks: list[Lock], *, owner_is_gone: bool) -> None:
    """A process of this machine can be looked for. Of another machine's only a person knows."""
    if at_work := living(locks):
        raise Refused(f"{at_work[0]} is at work on this stack", "wait for it, or stop it")
    unseen = [lock for lock in locks if owner_of(lock) is Owner.ELSEWHERE]
    if unseen and not owner_is_gone:
        raise Refused(f"{unseen[0]} cannot be seen from here", "if it is gone for certain, add --owner-is-gone")


def _mend_attributes(pulumi: Pulumi, *, ask: bool, owner_is_gone: bool) -> None:
    """First of all: until this is done, Pulumi cannot read the state."""
    damaged = damaged_attributes(pulumi.backend(), pulumi.stack)
    if not damaged:
        return
    for file in damaged:
        console.out.print(f"{file}, half-written: deleted; Pulumi does without it")
    _owner_must_be_gone(read_locks(pulumi), owner_is_gone=owner_is_gone)
    somebody_is_there(ask=ask)
    if ask:
        confirm(f"Do this to {pulumi.stack}, and go on?", answer="yes")
    for file in damaged:
        file.unlink(missing_ok=True)


def _mend(pulumi: Pulumi, cloud: Cloud, found: Findings) -> None:
    for orphan in found.orphans:
        orphan.end()
    if found.locks:
        pulumi.cancel()
    # Before the refresh, which reads releases through these records.
    for record in found.records:
        if record.status != UNINSTALLING and found.helm:
            found.helm.forget(record)
    _wait(cloud, found)
    _settle(pulumi, found)
    for record in found.records:
        if record.status == UNINSTALLING and found.helm:
            _finish_removal(pulumi, found, found.helm, record)


def _wait(cloud: Cloud, found: Findings) -> None:
    """Taken up half-made, a database would have no endpoint in the state, for good."""
    for urn, (pending, identifier) in list(found.adopted.items()):
        try:
            cloud.wait(pending.type, identifier)
        except Unclear as why:
            found.kept[urn] = pending, str(why)
            del found.adopted[urn]


def _settle(pulumi: Pulumi, found: Findings) -> None:
    """Let the providers say what exists. On an error of theirs, the next recovery begins here.

    Not while anything is undecided: an import would make Pulumi forget that too, and `up` would make it twice.
    """
    if found.kept or not (found.adopted or found.dropped or found.read):
        return
    if found.adopted:
        pulumi.import_(adopting(found.state, found.adopted))
    if found.targets:
        pulumi.refresh(found.targets)
    pulumi.import_(settled(pulumi.export() or found.state, found.adopted))


def _finish_removal(pulumi: Pulumi, found: Findings, helm: Records, record: Record) -> None:
    """By the provider, if Pulumi still knows the release: what Helm has not yet removed, nobody else would."""
    urn = found.release_of(record)
    known = {each["urn"] for each in resources_in(pulumi.export() or found.state)}
    if urn in known and urn:
        pulumi.destroy(urn)
    else:
        helm.forget(record)
