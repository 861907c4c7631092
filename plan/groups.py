"""How resources are counted: by their package, and components apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from plan.deployment import Deployment, Resource
from plan.identity import STACK_TYPE


def group_of(resource: Resource) -> str:
    """The group of a resource: `stack`, `components`, or its package, such as `aws`."""
    if resource.type == STACK_TYPE:
        return "stack"
    return resource.package if resource.custom or resource.remote else "components"


def counts(deployment: Deployment) -> Mapping[str, int]:
    """Resources by group, the largest first; the stack itself comes last."""
    found = Counter(group_of(resource) for resource in deployment.resources)
    return dict(sorted(found.items(), key=lambda item: (item[0] == "stack", -item[1], item[0])))
