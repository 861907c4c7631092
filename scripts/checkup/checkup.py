"""The rows of a checkup, from outside in. All are asked; what cannot be asked is a row that failed, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from refused import Refused
from scripts.boto import NOT_ANSWERED
from scripts.checkup import aws, door
from scripts.checkup.deployed import Deployed
from scripts.doctor import Check

Look = Callable[[Deployed], str]
"""Tells what is wrong and what to do, in one line. Empty: nothing."""
ROWS: Final[dict[str, Look]] = {
    "name of the way in": door.name,
    "certificate": aws.certificate,
    "load balancer": aws.targets,
    "Airflow, from outside": door.airflow,
    "cluster": aws.cluster,
    "database": aws.database,
    "broker": aws.broker,
    "buckets": aws.buckets,
    "DAG release": aws.releases,
    "alarms": aws.alarms,
}


def checkup(stack: Deployed) -> Iterator[Check]:
    """A row for each part. Of a stack that is not up there is nothing to say."""
    if not stack.is_up:
        yield Check("deployed", f"{stack.prefix} is not up, so nothing of it was looked at", fatal=False)
        return
    for what, look in ROWS.items():
        yield Check(what, _asked(look, stack) or None)


def _asked(look: Look, stack: Deployed) -> str:
    try:
        return look(stack)
    except (*NOT_ANSWERED, Refused) as error:
        return f"it could not be asked: {error}"
