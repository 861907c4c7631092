"""What an interrupted update has left behind, and what is to be done about each thing. Looking changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, final

from scripts.recover.cloud import Cloud, Unclear
from scripts.recover.helm import UNINSTALLING, Helm, Record, Records, UnreachableError, kubeconfig_in
from scripts.recover.ids import RELEASE, import_id
from scripts.recover.lock_files import read_locks
from scripts.recover.locks import Lock, Owner, owner_of
from scripts.recover.orphans import Orphan, orphans_in
from scripts.recover.pulumi import Deployment, Pulumi
from scripts.recover.state import CREATING, Pending, pending_in, resources_in, unread_in

Connect = Callable[[dict[str, Any]], Records]


@final
@dataclass(kw_only=True)
class Findings:
    """All of it."""

    locks: list[Lock]
    state: Deployment
    orphans: list[Orphan] = field(default_factory=list[Orphan])
    """Providers that are still at it."""
    adopted: dict[str, tuple[Pending, str]] = field(default_factory=dict[str, tuple[Pending, str]])
    """Begun creations, by URN, with the id under which the provider is asked for the resource."""
    certain: set[str] = field(default_factory=set[str])
    """Those of them that were seen."""
    dropped: list[Pending] = field(default_factory=list[Pending])
    """Begun creations of which nothing is there."""
    read: list[Pending] = field(default_factory=list[Pending])
    """Whatever else was begun: the provider is asked, and the next `up` does the rest."""
    kept: dict[str, tuple[Pending, str]] = field(default_factory=dict[str, tuple[Pending, str]])
    """What cannot be decided, by URN, and why. Then the state stays as it is: Pulumi forgets all operations or none."""
    records: list[Record] = field(default_factory=list[Record])
    helm: Records | None = None
    unreachable: str = ""
    """Why the cluster was not asked."""

    def __bool__(self) -> bool:
        return bool(
            self.locks or self.orphans or self.adopted or self.dropped or self.read or self.kept or self.records
        )

    @property
    def targets(self) -> list[str]:
        """The URNs to be read again: a refresh refuses those that are not in the state."""
        known = {each["urn"] for each in resources_in(self.state)}
        return sorted({*self.adopted, *(each.urn for each in self.read if each.urn in known)})

    def release_of(self, record: Record) -> str | None:
        """The URN of the resource whose record it is."""
        identifier = f"{record.namespace}/{record.release}"
        same = (
            each["urn"] for each in resources_in(self.state) if each["type"] == RELEASE and each["id"] == identifier
        )
        return next(same, None)

    def lines(self) -> Iterator[str]:
        """What was interrupted, and what becomes of it, one line for each."""
        for lock in self.locks:
            yield f"lock of {lock}, who {owner_of(lock).value}: given up"
        for orphan in self.orphans:
            yield f"{orphan} has lost its engine, and may still be at work: ended"
        for urn, (pending, identifier) in sorted(self.adopted.items()):
            seen = f"it exists as {identifier}, and goes into the state"
            asked = f"goes into the state if {identifier} exists; else the next `up` creates it"
            yield f"{_begun(pending)}: {seen if urn in self.certain else asked}"
        for pending in self.dropped:
            yield f"{_begun(pending)}: it does not exist; the next `up` creates it"
        for pending in self.read:
            yield f"{_begun(pending)}: read again; the next operation does what is missing"
        for pending, why in self.kept.values():
            yield f"{_begun(pending)}: left as it is, since {why}"
        for record in self.records:
            yield f"Helm's {record}: {_fate(record)}"
        if self.unreachable:
            yield f"Helm's records were not read: {self.unreachable}"


def look(pulumi: Pulumi, cloud: Cloud, *, connect: Connect = Helm) -> Findings | None:
    """None where the stack does not exist. `connect` is how the cluster of a kubeconfig is asked."""
    state = pulumi.export()
    if state is None:
        return None
    found = Findings(locks=read_locks(pulumi), state=state, orphans=orphans_in(pulumi.folder))
    _look_at_cluster(pulumi, connect, found)
    for pending in (*pending_in(state), *unread_in(state)):
        _decide(pending, cloud, found)
    return found


def living(locks: list[Lock]) -> list[Lock]:
    """Those whose owner is at work on this machine."""
    return [lock for lock in locks if owner_of(lock) is Owner.ALIVE]


def _look_at_cluster(pulumi: Pulumi, connect: Connect, found: Findings) -> None:
    if kubeconfig_in(found.state) is None:
        return
    try:
        kubeconfig = kubeconfig_in(pulumi.export(show_secrets=True) or {"deployment": {}})
        if kubeconfig is not None:
            found.helm = connect(kubeconfig)
            found.records = found.helm.unfinished()
    except UnreachableError as error:
        found.unreachable = str(error)


def _decide(pending: Pending, cloud: Cloud, found: Findings) -> None:
    if pending.type.startswith("pulumi:providers:") or not pending.resource.get("custom"):
        # Nothing of the cloud's: the next operation registers it again.
        found.dropped += [pending] if pending.operation == CREATING else []
        return
    if found.unreachable and pending.type.startswith("kubernetes:"):
        found.kept[pending.urn] = pending, found.unreachable
        return
    if pending.operation != CREATING:
        found.read.append(pending)
        return
    identifier = pending.resource.get("id") or import_id(pending.type, pending.inputs)
    if identifier is None and pending.type.startswith("random:"):
        # It would be in the state only, and nothing was made from a value that nobody wrote down.
        found.dropped.append(pending)
        return
    try:
        if identifier is None:
            known = {each["id"] for each in resources_in(found.state) if each["type"] == pending.type}
            identifier = cloud.find(pending.type, pending.inputs, known)
            found.certain |= {pending.urn} if identifier else set()
    except Unclear as why:
        found.kept[pending.urn] = pending, str(why)
        return
    if identifier is None:
        found.dropped.append(pending)
    else:
        found.adopted[pending.urn] = pending, identifier


def _begun(pending: Pending) -> str:
    return f"{pending.type} {pending.name}, interrupted while {pending.operation}"


def _fate(record: Record) -> str:
    if record.status == UNINSTALLING:
        return "its removal is brought to an end"
    if record.revision == 1:
        return "the record is deleted; the next `up` installs it, over what is there"
    return f"the record is deleted; the next `up` goes on from revision {record.revision - 1}"
