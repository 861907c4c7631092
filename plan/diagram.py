"""The architecture as a Mermaid flowchart. It is made from what the program registers, so it is never out of date."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from plan.deployment import Deployment, Resource
from plan.graph import reduce
from plan.kinds import describe

LINES: Final = 4
STORES: Final = (
    "aws:rds/instance:Instance",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:s3/bucket:Bucket",
)
BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"

ACRONYMS: Final = {"Dag": "DAG"}
# Readable on GitHub's light and dark pages.
STORE_COLOURS: Final = "classDef store fill:#dbeafe,stroke:#2563eb,color:#172554"

Edge = tuple[str, str]


def diagram(deployment: Deployment) -> str:
    """One node for each component with something in it. Solid arrows point at what it is built on, dotted ones follow
    network traffic."""
    parts = {
        each.urn: each
        for each in deployment.children(deployment.stack_urn)
        if not each.custom and deployment.children(each.urn)
    }
    owner = _owners(deployment, parts)
    built_on, talks_to = _edges(deployment, owner)
    ids = _ids(parts.values())
    inside = {urn: _inside(deployment, owner, part) for urn, part in parts.items()}
    lines = [_node(ids[urn], part, inside[urn]) for urn, part in parts.items()]
    lines += [f"{ids[one]} --> {ids[other]}" for one, other in _ordered(reduce(built_on), parts)]
    lines += [
        f'{ids[one]} -. "{_ports(talks_to[one, other])}" .-> {ids[other]}' for one, other in _ordered(talks_to, parts)
    ]
    lines.append(STORE_COLOURS)
    stores = [ids[urn] for urn in parts if _is_store(inside[urn])]
    if stores:
        lines.append(f"class {','.join(stores)} store")
    return "\n".join(["flowchart TB", *(f"    {line}" for line in lines)])


def _owners(deployment: Deployment, parts: Mapping[str, Resource]) -> dict[str, str]:
    """The component of the stack to which each resource belongs."""
    owner = {urn: urn for urn in parts}
    for resource in deployment.resources:
        if resource.parent in owner:
            owner[resource.urn] = owner[resource.parent]
    return owner


def _inside(deployment: Deployment, owner: Mapping[str, str], part: Resource) -> list[Resource]:
    return [each for each in deployment.resources if owner.get(each.urn) == part.urn and each is not part]


def _edges(deployment: Deployment, owner: Mapping[str, str]) -> tuple[set[Edge], dict[Edge, set[int]]]:
    built_on: set[Edge] = set()
    talks_to: dict[Edge, set[int]] = {}
    for resource in deployment.resources:
        one = owner.get(resource.urn)
        if one is None:
            continue
        for urn in (*resource.dependencies, resource.provider):
            other = owner.get(urn, one)
            if other == one:
                continue
            if resource.type == INGRESS:
                # A source of traffic is not something to build on. The arrow points in the direction of the traffic.
                talks_to.setdefault((other, one), set()).add(resource.inputs.get("fromPort", 0))
            else:
                built_on.add((one, other))
    return built_on, talks_to


def _ordered(edges: Iterable[Edge], parts: Mapping[str, Resource]) -> list[Edge]:
    place = {urn: index for index, urn in enumerate(parts)}
    return sorted(edges, key=lambda edge: (place[edge[0]], place[edge[1]]))


def _node(name: str, part: Resource, inside: list[Resource]) -> str:
    opening, closing = ("[(", ")]") if _is_store(inside) else ("[", "]")
    label = "<br/>".join([f"<b>{_title(part)}</b>", *describe(inside)[:LINES]])
    return f'{name}{opening}"{label}"{closing}'


def _is_store(inside: Iterable[Resource]) -> bool:
    kinds = {each.type for each in inside}
    # The bucket of a load balancer has its logs.
    return bool(kinds & {*STORES}) and BALANCER not in kinds


def _title(part: Resource) -> str:
    """`DataStore` is `Data store`."""
    words: list[str] = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", part.type.rpartition(":")[2])
    first, *others = [ACRONYMS.get(word, word) for word in words]
    return " ".join([first, *(word if word.isupper() else word.lower() for word in others)])


def _ids(parts: Iterable[Resource]) -> dict[str, str]:
    """Ids by kind, so that the pictures of two stacks are easy to compare; by name where a kind occurs twice."""
    parts = list(parts)
    kinds = Counter(part.type for part in parts)
    return {part.urn: _slug(_title(part) if kinds[part.type] == 1 else part.name) for part in parts}


def _slug(text: str) -> str:
    return re.sub(r"\W", "_", text.lower())


def _ports(ports: Iterable[int]) -> str:
    return "TCP " + ", ".join(str(port) for port in sorted(ports))
