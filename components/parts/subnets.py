"""How a VPC's addresses are divided."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network


@dataclass(frozen=True)
class Subnets:
    """Address ranges of each tier, one for each zone."""

    private: tuple[str, ...]
    public: tuple[str, ...]
    data: tuple[str, ...]


def divide(cidr: str, zones: int) -> Subnets:
    """Give a quarter of the VPC to the pods of each zone, and an eighth of the last quarter to each other subnet.

    The layout is the same for two zones and for three, so that a third zone moves nothing. A /16 gives each zone
    16,379 addresses for pods and 2,043 for load balancers; a /20 gives 1,019 and 123 (AWS keeps five in each subnet).
    """
    quarters = list(IPv4Network(cidr).subnets(prefixlen_diff=2))
    eighths = list(quarters[3].subnets(prefixlen_diff=3))
    return Subnets(
        private=tuple(str(network) for network in quarters[:zones]),
        public=tuple(str(network) for network in eighths[:zones]),
        data=tuple(str(network) for network in eighths[4 : 4 + zones]),
    )
