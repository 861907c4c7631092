"""Shows what is left of a stack, asks, and deletes it in an order in which nothing holds anything."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich.table import Table

import console
from refused import FAILED, Refused
from scripts.asking import confirm, somebody_is_there
from scripts.boto import Client, ClientError, refusal
from scripts.sweep.kinds import BOTO
from scripts.sweep.look import kind_of, look
from scripts.sweep.marks import Marks
from scripts.sweep.thing import Thing

PATIENCE_SECONDS: Final = 300
"""A load balancer's network interfaces go minutes after it, and hold their security group until then."""
PAUSE_SECONDS: Final = 10
GONE: Final = ("NotFound", "NoSuch")
"""In the codes of errors that say somebody else was faster."""


def sweep(
    marks: Marks,
    resources: Sequence[dict[str, Any]],
    client: Client,
    *,
    ask: bool = True,
    machine: bool = False,
    patience: float = PATIENCE_SECONDS,
) -> None:
    """Delete what no state knows, after the answer `yes`. What cannot go is told with AWS's own words.

    `machine`: one JSON document on standard output, of what there was and what became of it.
    """
    found = look(marks, resources, client)
    goes = [thing for thing in found if not thing.stays]
    if not machine:
        _show(found)
    if goes:
        somebody_is_there(ask=ask)
        if ask:
            confirm(f"Delete these {len(goes)} from AWS?", answer="yes")
    refusals = _delete(goes, client, patience=patience)
    if machine:
        deleted = [thing.for_machines() for thing in goes if thing.id not in refusals]
        left = [thing.for_machines() for thing in found if thing.stays]
        failed = [{**thing.for_machines(), "error": refusals[thing.id]} for thing in goes if thing.id in refusals]
        console.write(json.dumps({"deleted": deleted, "kept": left, "failed": failed}, indent=2))
    if refusals:
        texts = "\n".join(f"{identifier}: {text}" for identifier, text in refusals.items())
        raise Refused(f"{len(refusals)} of {len(goes)} could not be deleted:\n{texts}", "run this again", status=FAILED)
    if goes and not machine:
        console.out.print(f"{len(goes)} deleted")


def _show(found: Sequence[Thing]) -> None:
    if not found:
        console.out.print("nothing is left")
        return
    table = Table("what", "id", "age", "", box=None, pad_edge=False)
    for thing in found:
        table.add_row(thing.kind, thing.id, thing.age(datetime.now(UTC)), thing.stays or "goes")
    console.out.print(table)


def _delete(goes: Sequence[Thing], client: Client, *, patience: float) -> dict[str, str]:
    """What AWS said of those that are still there after the last try, by id."""
    until = time.monotonic() + patience
    left = list(goes)
    while True:
        refusals = {thing.id: text for thing in left if (text := _try(thing, client))}
        left = [thing for thing in left if thing.id in refusals]
        if not left or time.monotonic() > until:
            return refusals
        console.err.print(f"{len(left)} are in use, for a while: {', '.join(thing.id for thing in left)}")
        time.sleep(PAUSE_SECONDS)


def _try(thing: Thing, client: Client) -> str:
    kind = kind_of(thing)
    try:
        kind.delete(client(BOTO.get(kind.service, kind.service)), thing.id)
    except ClientError as error:
        code, words = refusal(error)
        return "" if any(word in code for word in GONE) else words
    return ""
