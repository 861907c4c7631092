"""Small questions about a deployment that several tests ask."""

from __future__ import annotations

from typing import Any

from plan import Deployment, Resource

EXISTING_NETWORK: dict[str, Any] = {
    "existing": {
        "vpcId": "vpc-0123456789abcdef0",
        "cidr": "10.8.0.0/16",
        "privateSubnetIds": ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"],
        "dataSubnetIds": ["subnet-0bbbbbbbbbbbbbbb1", "subnet-0bbbbbbbbbbbbbbb2"],
        "dataCidrs": ["10.8.200.0/24", "10.8.201.0/24"],
        "publicCidrs": ["10.8.250.0/24"],
        "publicSubnetIds": ["subnet-0cccccccccccccccc", "subnet-0ccccccccccccccc1"],
    }
}
"""Setting `network` of a stack in a VPC that somebody else manages."""


def origins(resource: Resource, *properties: str) -> set[str]:
    """Names of the resources whose outputs these properties are made of: what an id stands for."""
    urns = {urn for name in properties for urn in resource.property_dependencies.get(name, ())}
    return {urn.rpartition("::")[2] for urn in urns}


def subnets(deployment: Deployment, tier: str) -> list[Resource]:
    """The subnets of a tier, in the order of their zones."""
    start = f"alisio-{deployment.stack}-network-{tier}-"
    return [each for each in deployment.of_type("aws:ec2/subnet:Subnet") if each.name.startswith(start)]
