"""The sweep as a command, and as the end of a destroy."""

from __future__ import annotations

import console
from plan.program import CHECKOUT
from refused import FAILED, Refused
from scripts.boto import NOT_ANSWERED, clients
from scripts.recover.pulumi import Pulumi
from scripts.recover.state import resources_in
from scripts.sweep.marks import marks
from scripts.sweep.sweep import sweep


def sweep_stack(stack: str, *, ask: bool, machine: bool = False) -> None:
    """With the credentials of this process, in the stack's region."""
    found = marks(stack)
    state = Pulumi(stack=stack, folder=CHECKOUT).export()
    try:
        sweep(found, resources_in(state) if state else [], clients(found.region), ask=ask, machine=machine)
    except NOT_ANSWERED as error:
        raise Refused(f"AWS does not say what is left: {error}", status=FAILED) from None


def sweep_after_destroy(stack: str, *, ask: bool) -> None:
    """The stack is gone, and so the command was a success, whatever comes of this."""
    try:
        sweep_stack(stack, ask=ask)
    except Refused as error:
        console.refuse(Refused(f"{stack} is deleted. {error}", f"python -m scripts sweep {stack}"))
