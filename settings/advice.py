"""Settings that are allowed and yet look wrong: warnings of `make plan`, `pulumi preview` and `pulumi up`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from settings.airflow import WorkerGroup
from settings.cluster import ClusterSettings
from settings.stack import Stack

EXAMPLE_ACCOUNTS = ("111122223333", "123456789012")
EXAMPLE_NETWORKS = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
"""Reserved for documentation by RFC 5737: no traffic comes from them."""


def advice(stack: Stack) -> Iterator[str]:
    """One line for each setting to look at."""
    site, chosen = stack.site, stack.settings
    if site.account_id in EXAMPLE_ACCOUNTS:
        yield f"aws:allowedAccountIds: {site.account_id} is the account of AWS's examples; put yours"
    for index, cidr in enumerate(chosen.cluster.public_access_cidrs):
        if any(IPv4Network(cidr).overlaps(IPv4Network(example)) for example in EXAMPLE_NETWORKS):
            yield f"alisio:cluster.publicAccessCidrs[{index}]: {cidr} is a network of examples; put yours"
    yield from _crowded_pools(chosen.cluster, chosen.airflow.worker_groups)


def _crowded_pools(cluster: ClusterSettings, groups: tuple[WorkerGroup, ...]) -> Iterator[str]:
    for capacity in sorted({group.capacity for group in groups}):
        offered = sum(pool.max_cpu for pool in cluster.node_pools if pool.capacity == capacity)
        wanted = sum(group.max_workers * _cores(group.cpu) for group in groups if group.capacity == capacity)
        if wanted > offered:
            yield (
                f"alisio:cluster.nodePools: {capacity} nodes have at most {offered} vCPUs, and all worker groups "
                f"at their largest want {wanted:g}; some workers would wait"
            )


def _cores(quantity: str) -> float:
    return int(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)
