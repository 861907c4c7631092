"""The nodes, and the enforcement of network policies on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
from pulumi import CustomTimeouts, Input, Output, ResourceOptions

from chart.worker_sets import CAPACITY_LABEL, CAPACITY_TYPES
from settings import ClusterSettings, NodePool

DRAIN_HOURS = 24
"""How long a node that must go waits for its pods. A worker leaves it when its tasks are done."""
# Pulumi gives up after ten minutes. Karpenter then still drains the nodes, and the next update meets a pool that goes.
DRAIN = ResourceOptions(custom_timeouts=CustomTimeouts(delete=f"{DRAIN_HOURS * 60 + 30}m"))


def enforce_network_policies(name: str, *, opts: ResourceOptions) -> pulumi.Resource:
    """Turn on the controller of network policies. Without it, a NetworkPolicy is accepted and has no effect.

    https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html
    """
    return kubernetes.core.v1.ConfigMap(
        f"{name}-network-policies",
        metadata={"name": "amazon-vpc-cni", "namespace": "kube-system"},
        data={"enable-network-policy-controller": "true"},
        opts=opts,
    )


def node_pools(
    name: str,
    settings: ClusterSettings,
    *,
    node_role: aws.iam.Role,
    subnet_ids: Sequence[Input[str]],
    security_group_id: Output[str],
    opts: ResourceOptions,
) -> list[pulumi.Resource]:
    """Make one node class for all nodes, and the node pools of the settings."""
    node_class = kubernetes.apiextensions.CustomResource(
        f"{name}-nodes",
        api_version="eks.amazonaws.com/v1",
        kind="NodeClass",
        metadata={"name": name},
        spec={
            "role": node_role.name,
            "subnetSelectorTerms": [{"id": subnet} for subnet in subnet_ids],
            "securityGroupSelectorTerms": [{"id": security_group_id}],
            # Our namespaces have policies of their own that deny by default. kube-system must go on working.
            "networkPolicy": "DefaultAllow",
            "networkPolicyEventLogs": "Enabled",
            # Auto Mode encrypts this disk with the account's default key for EBS.
            "ephemeralStorage": {"size": f"{settings.node_storage_gib}Gi"},
        },
        opts=opts,
    )
    pools = [
        kubernetes.apiextensions.CustomResource(
            f"{name}-pool-{pool.name}",
            api_version="karpenter.sh/v1",
            kind="NodePool",
            metadata={"name": pool.name},
            spec=node_pool_spec(pool, settings, node_class=name),
            opts=ResourceOptions.merge(ResourceOptions.merge(opts, DRAIN), ResourceOptions(depends_on=[node_class])),
        )
        for pool in settings.node_pools
    ]
    return [node_class, *pools]


def node_pool_spec(pool: NodePool, settings: ClusterSettings, *, node_class: str) -> dict[str, Any]:
    """A node pool that removes a node only when it is empty. It waits a day for tasks when it must replace a node."""
    return {
        "template": {
            "spec": {
                "nodeClassRef": {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": node_class},
                "requirements": [
                    _is_in(CAPACITY_LABEL, CAPACITY_TYPES[pool.capacity]),
                    _is_in("kubernetes.io/arch", *pool.architectures),
                    _is_in("eks.amazonaws.com/instance-category", *pool.instance_categories),
                    {"key": "eks.amazonaws.com/instance-generation", "operator": "Gt", "values": ["4"]},
                ],
                "expireAfter": f"{settings.node_expiry_hours}h",
                "terminationGracePeriod": f"{DRAIN_HOURS}h",
            }
        },
        "disruption": {
            # Only empty nodes go. Moving pods to fill nodes better would restart the scheduler and stop workers.
            "consolidationPolicy": "WhenEmpty",
            "consolidateAfter": "5m",
            "budgets": [{"nodes": "1"}],
        },
        "limits": {"cpu": str(pool.max_cpu), "memory": f"{pool.max_memory_gib}Gi"},
    }


def _is_in(key: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": "In", "values": list(values)}
