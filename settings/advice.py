"""Settings that are allowed and yet look wrong: warnings of `make plan`, `pulumi preview` and `pulumi up`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Network

from settings.airflow import Dags, WorkerGroup
from settings.cluster import ClusterSettings
from settings.ingress import ANYBODY
from settings.monitoring import MonitoringSettings
from settings.stack import Stack, StackSettings

EXAMPLE_ACCOUNTS = ("111122223333", "123456789012")
EXAMPLE_NETWORKS = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
"""Reserved for documentation by RFC 5737: no traffic comes from them."""

EXAMPLE_DOMAIN = re.compile(r"(^|\.)(example\.(com|net|org)|example|test|invalid)$")
"""Reserved by RFC 2606."""


def advice(stack: Stack) -> Iterator[str]:
    """One line for each setting to look at."""
    site, chosen = stack.site, stack.settings
    if site.account_id in EXAMPLE_ACCOUNTS:
        yield f"aws:allowedAccountIds: {site.account_id} is the account of AWS's examples; put yours"
    for index, cidr in enumerate(chosen.cluster.public_access_cidrs):
        if _is_example(cidr):
            yield f"alisio:cluster.publicAccessCidrs[{index}]: {cidr} is a network of examples; put yours"
    yield from _open_doors(chosen)
    yield from _names_alone(chosen.airflow.dags)
    yield from _unheard_alarms(chosen.monitoring)
    yield from _crowded_pools(chosen.cluster, chosen.airflow.worker_groups)


def _open_doors(chosen: StackSettings) -> Iterator[str]:
    ingress, existing = chosen.ingress, chosen.network.existing
    if ingress.domain is None:
        return
    if EXAMPLE_DOMAIN.search(ingress.domain):
        yield f"alisio:ingress.domain: {ingress.domain} is a domain of examples; put yours"
    for index, cidr in enumerate(ingress.allowed_cidrs):
        if _is_example(cidr):
            yield f"alisio:ingress.allowedCidrs[{index}]: {cidr} is a network of examples; put yours"
        if ingress.is_public and cidr == ANYBODY:
            yield f"alisio:ingress.allowedCidrs[{index}]: everybody on the internet may try to log in"
    if ingress.is_public and not chosen.access.is_on:
        yield "alisio:access: without single sign-on, one password is all that lies between those networks and Airflow"
    if existing and not existing.public_subnet_ids:
        yield (
            "alisio:network.existing.publicSubnetIds: without them the load balancer stands among the pods, so the "
            f"api-server lets in all of {existing.cidr}, pods of others too"
        )


def _is_example(cidr: str) -> bool:
    network = IPv4Network(cidr)
    return network.prefixlen > 0 and any(network.overlaps(IPv4Network(example)) for example in EXAMPLE_NETWORKS)


def _names_alone(dags: Dags) -> Iterator[str]:
    repository = dags.github_repository
    if repository and "@" not in repository:
        yield (
            "alisio:airflow.dags.githubRepository: without ids, only a repository that was made before 15 July 2026 "
            f"and not renamed or moved since may publish; put what this prints: {id_command(repository)}"
        )


def id_command(repository: str) -> str:
    """The command of GitHub's CLI that prints a repository with its ids."""
    return f"""gh api repos/{repository} --jq '"\\(.owner.login)@\\(.owner.id)/\\(.name)@\\(.id)"'"""


def _unheard_alarms(monitoring: MonitoringSettings) -> Iterator[str]:
    if monitoring.raises_alarms and not monitoring.tells_anybody:
        yield "alisio:monitoring: nobody is told of alarms; add emails, httpsEndpoints, slack or teams"
    for index, email in enumerate(monitoring.emails):
        if EXAMPLE_DOMAIN.search(email.rpartition("@")[2]):
            yield f"alisio:monitoring.emails[{index}]: {email} is an address of examples; put yours"


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
