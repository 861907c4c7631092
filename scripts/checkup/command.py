"""The doctor's answer: what the stack needs on this machine, and how it is if it is up."""

from __future__ import annotations

import json
from collections.abc import Sequence

import typer

import console
from plan.program import CHECKOUT
from refused import FAILED, REFUSED
from scripts.boto import clients
from scripts.checkup.checkup import checkup
from scripts.checkup.deployed import Deployed
from scripts.doctor import Check, failures
from scripts.recover.pulumi import Pulumi
from scripts.recover.state import resources_in
from settings.stack_file import read_stack, stack_file


def checkup_of(stack: str, needs: Sequence[Check], *, machine: bool) -> None:
    """Show all rows. `needs` are those of the machine; where they fail, AWS is not asked."""
    rows = list(needs)
    status = REFUSED if failures(rows) else 0
    if not status:
        seen = list(checkup(_deployed(stack)))
        rows += seen
        status = FAILED if failures(seen) else 0
    if machine:
        told = [{"check": row.what, "state": row.state, "problem": row.problem} for row in rows]
        console.write(json.dumps(told, indent=2))
    else:
        for row in rows:
            console.out.print(str(row))
    if status:
        raise typer.Exit(status)


def _deployed(stack: str) -> Deployed:
    found = read_stack(stack_file(CHECKOUT, stack))
    state = Pulumi(stack=stack, folder=CHECKOUT).export()
    return Deployed(
        prefix=found.site.prefix,
        domain=found.settings.ingress.domain,
        resources=resources_in(state) if state else [],
        client=clients(found.site.region),
    )
