"""Settings of the EKS cluster."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

import versions
from settings.base import (
    ClosedCidr,
    LogDays,
    Mistake,
    Name,
    NarrowCidr,
    SecurityGroupId,
    ServiceCidr,
    Settings,
    matching,
    unique,
)

Capacity = Literal["onDemand", "spot"]
InstanceCategory = Literal["c", "m", "r"]
OWN_POOLS = ("general-purpose", "system")
"""EKS's built-in node pools: https://docs.aws.amazon.com/eks/latest/userguide/set-builtin-node-pools.html"""
SMALLEST_NODE_GIB: dict[InstanceCategory, int] = {"c": 4, "m": 8, "r": 16}
"""Memory of `large`, the smallest size with two vCPUs. Auto Mode starts no node with one vCPU:
https://docs.aws.amazon.com/eks/latest/userguide/automode-learn-instances.html"""


class NodePool(Settings):
    """Nodes of one capacity type, which EKS Auto Mode starts and stops by itself."""

    name: Name
    """Name of the pool."""
    capacity: Capacity = "onDemand"
    """`spot` is cheap, but AWS may reclaim a node with two minutes' notice: use it for tasks that can be retried."""
    architectures: Annotated[tuple[Literal["amd64", "arm64"], ...], Field(min_length=1), AfterValidator(unique)] = (
        "arm64",
    )
    """Processor architectures. The official Airflow image supports both; your own image may not."""
    instance_categories: Annotated[tuple[InstanceCategory, ...], Field(min_length=1), AfterValidator(unique)] = (
        "c",
        "m",
        "r",
    )
    """Families of EC2 instances: compute, general, memory. A pool takes them from their fifth generation on, which
    burstable instances (`t`) do not have."""
    max_cpu: Annotated[int, Field(ge=2, le=10_000)] = 64
    """The pool never grows beyond this many vCPUs."""
    max_memory_gib: Annotated[int, Field(ge=4, le=100_000)] = 256
    """The pool never grows beyond this much memory."""

    def mistakes(self) -> Iterator[Mistake]:
        if self.name in OWN_POOLS:
            yield Mistake("name", "is a node pool of EKS's own; choose another name", self.name)
        smallest = min(SMALLEST_NODE_GIB[category] for category in self.instance_categories)
        if self.max_memory_gib < smallest:
            yield Mistake(
                "maxMemoryGib",
                f"at least {smallest}: no node of instanceCategories {', '.join(self.instance_categories)} is smaller",
                self.max_memory_gib,
            )


class ClusterSettings(Settings):
    """EKS in Auto Mode. The Kubernetes API is private, and only who is named here reaches it from outside."""

    kubernetes_version: Annotated[str, matching(r"1\.\d\d", "a minor version of Kubernetes, such as 1.35")] = (
        versions.KUBERNETES
    )
    """Version of Kubernetes; EKS upgrades one minor version at a time."""
    upgrade_policy: Literal["standard", "extended"] = "standard"
    """`standard` upgrades when support ends. `extended` keeps an old version a year longer, at six times the price."""
    public_access_cidrs: Annotated[tuple[ClosedCidr, ...], AfterValidator(unique)] = ()
    """Networks that may reach the Kubernetes API over the internet. If empty, it has an address inside the VPC only."""
    private_access_cidrs: Annotated[tuple[NarrowCidr, ...], AfterValidator(unique)] = ()
    """Networks that may reach the Kubernetes API inside the VPC: of a runner of `pulumi up`, a VPN, a peered VPC."""
    private_access_security_group_ids: Annotated[tuple[SecurityGroupId, ...], AfterValidator(unique)] = ()
    """Security groups whose members may reach the Kubernetes API inside the VPC, such as that of a runner."""
    service_cidr: ServiceCidr = "172.20.0.0/16"
    """Address range of Kubernetes services. It must not overlap the VPC, and cannot be changed later."""
    log_days: LogDays = 90
    """How long the control plane's logs are kept."""
    node_storage_gib: Annotated[int, Field(ge=30, le=2000)] = 80
    """Ephemeral storage of each node, encrypted."""
    node_expiry_hours: Annotated[int, Field(ge=24, le=504)] = 336
    """At this age a node is replaced by a patched one, after its tasks have finished. EKS Auto Mode allows 21 days."""
    node_pools: Annotated[tuple[NodePool, ...], Field(min_length=1)] = (NodePool(name="core"),)
    """Pools of nodes. At least one must be on demand, for Airflow's own components."""

    def mistakes(self) -> Iterator[Mistake]:
        prefix = IPv4Network(self.service_cidr).prefixlen
        if not 12 <= prefix <= 24:
            yield Mistake("serviceCidr", "a network of /12 to /24", self.service_cidr)
        names = [pool.name for pool in self.node_pools]
        for index, name in enumerate(names):
            if name in names[:index]:
                yield Mistake(f"nodePools[{index}].name", "another node pool has this name", name)
        if not any(pool.capacity == "onDemand" for pool in self.node_pools):
            yield Mistake(
                "nodePools",
                "at least one pool must be onDemand, for scheduler and api-server",
                [p.capacity for p in self.node_pools],
            )
