"""Small questions about a deployment that several tests ask."""

from __future__ import annotations

from plan import Deployment, Resource


def origins(resource: Resource, *properties: str) -> set[str]:
    """Names of the resources whose outputs these properties are made of: what an id stands for."""
    urns = {urn for name in properties for urn in resource.property_dependencies.get(name, ())}
    return {urn.rpartition("::")[2] for urn in urns}


def subnets(deployment: Deployment, tier: str) -> list[Resource]:
    """The subnets of a tier, in the order of their zones."""
    start = f"alisio-{deployment.stack}-network-{tier}-"
    return [each for each in deployment.of_type("aws:ec2/subnet:Subnet") if each.name.startswith(start)]
