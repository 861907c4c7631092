"""A short look at a stack before an operation: is it locked, and was an update interrupted?"""

from __future__ import annotations

from refused import Refused
from scripts.recover.attributes import damaged_attributes
from scripts.recover.findings import living
from scripts.recover.lock_files import read_locks
from scripts.recover.pulumi import Pulumi
from scripts.recover.state import CREATING, pending_in, unread_in

# Helm's words for a release that another operation has left unfinished:
# https://github.com/helm/helm/blob/main/pkg/action/upgrade.go, install.go
HELM_IS_STUCK = (
    "another operation (install/upgrade/rollback) is in progress",
    "cannot re-use a name that is still in use",
)


def way_out(stack: str) -> str:
    """The command that mends it."""
    return f"python -m scripts recover {stack}"


def interruption(pulumi: Pulumi) -> str | None:
    """Why an operation must not begin, in one line; None: it may."""
    try:
        if damaged_attributes(pulumi.backend(), pulumi.stack):
            return f"its files were half-written when an update died: {way_out(pulumi.stack)}"
        locks = read_locks(pulumi)
        state = pulumi.export()
    except Refused as error:
        return str(error)
    if at_work := living(locks):
        return f"{at_work[0]} is at work on it; wait"
    if locks:
        return f"locked by {locks[0]}; if that died: {way_out(pulumi.stack)}"
    begun = [*pending_in(state), *unread_in(state)] if state else []
    creating = [each for each in begun if each.operation == CREATING]
    if creating:
        # `up` would go on, and make them twice.
        return f"an update was interrupted while it created {creating[0].name}: {way_out(pulumi.stack)}"
    return None
