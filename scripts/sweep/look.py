"""Finds what carries a stack's marks and is in no state."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from refused import Refused
from scripts.boto import Client
from scripts.sweep.kinds import BOTO, KEPT, KINDS, LOG_GROUPS, Kind
from scripts.sweep.marks import Filter, Marks
from scripts.sweep.thing import Thing

CLUSTER: Final = "aws:eks/cluster:Cluster"


def look(marks: Marks, resources: Sequence[dict[str, Any]], client: Client) -> list[Thing]:
    """What is left of a stack, in the order in which it goes. `resources` are those of its state.

    While the cluster is in the state, what carries the cluster's tags is its own business, and is not listed.
    """
    held = _held(resources)
    lives = any(each["type"] == CLUSTER for each in resources)
    if not lives:
        _nobody_runs_it(client("eks"), marks)
    filters = (marks.own, *(() if lives else marks.of_cluster))
    arns = {arn for tags in filters for arn in _tagged(client("resourcegroupstaggingapi"), tags)}
    left: list[Thing] = []
    for kind in KINDS:
        ids = [name for arn in sorted(arns) if (name := kind.named(arn))]
        if kind is LOG_GROUPS and not lives:
            ids += marks.log_groups
        if ids:
            left += kind.look(client(BOTO.get(kind.service, kind.service)), ids)
    left += _kept(sorted(arns))
    return [thing for thing in left if thing.id not in held]


def _nobody_runs_it(client: Any, marks: Marks) -> None:
    """A state that does not know a cluster which exists is the wrong one, and all would seem to be left."""
    with contextlib.suppress(client.exceptions.ResourceNotFoundException):
        client.describe_cluster(name=marks.prefix)
        raise Refused(
            f"the cluster {marks.prefix} exists, and the state that Pulumi reads here knows none: nothing was deleted",
            "is this the backend that the stack is in? `pulumi whoami --verbose` names it",
        )


def kind_of(thing: Thing) -> Kind:
    """How it is deleted."""
    return next(kind for kind in KINDS if kind.title == thing.kind)


def _held(resources: Sequence[dict[str, Any]]) -> Collection[str]:
    """By id and ARN. A log group's id is its name."""
    found = {str(each.get("id")) for each in resources}
    return found | {str(each.get("outputs", {}).get("arn")) for each in resources}


def _tagged(client: Any, tags: Filter) -> Iterator[str]:
    wanted = [{"Key": key, "Values": list(values)} for key, values in tags.items()]
    for page in client.get_paginator("get_resources").paginate(TagFilters=wanted):
        for found in page["ResourceTagMappingList"]:
            yield found["ResourceARN"]


def _kept(arns: Sequence[str]) -> Iterator[Thing]:
    """What stays on purpose, so that nobody has to look for it."""
    for arn in arns:
        _, _, service, _, _, rest = arn.split(":", 5)
        for (of_service, start), reason in KEPT.items():
            if service == of_service and rest.startswith(start):
                yield Thing(kind=f"{service} {start.strip('/:') or 'bucket'}", id=arn, stays=f"kept: {reason}")
