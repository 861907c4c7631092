"""Arithmetic of address ranges."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, collapse_addresses

ANYWHERE = "0.0.0.0/0"
METADATA_SERVICE = "169.254.169.254/32"


def cluster_dns(services: str) -> str:
    """The cluster's DNS resolver. EKS gives it the tenth address of the services' range."""
    return f"{IPv4Network(services)[10]}/32"


def without(cidr: str, holes: Sequence[str]) -> tuple[str, ...]:
    """A range without some others, as the fewest ranges.

    A NetworkPolicy's `except` will not do. EKS's controller lets it win over every other rule of the same pods, so it
    would close the way to the database (aws/amazon-network-policy-controller-k8s 146).
    """
    left = [IPv4Network(cidr)]
    for hole in map(IPv4Network, holes):
        left = [part for network in left for part in _less(network, hole)]
    return tuple(str(network) for network in collapse_addresses(left))


def _less(network: IPv4Network, hole: IPv4Network) -> list[IPv4Network]:
    if not network.overlaps(hole):
        return [network]
    return [] if network.subnet_of(hole) else list(network.address_exclude(hole))
