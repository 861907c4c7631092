"""Access to the cluster, for people and for nodes."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
from pulumi import Output, ResourceOptions

from components.parts.iam import assumable_by
from components.parts.security_groups import Addresses, Members, open_port
from settings import ClusterSettings, Site

POLICIES = "arn:aws:eks::aws:cluster-access-policy"
NODE_POLICIES = ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")


def open_api(
    name: str, settings: ClusterSettings, security_group_id: Output[str], *, opts: ResourceOptions
) -> list[pulumi.Resource]:
    """Open the private address of the Kubernetes API to the networks and security groups of the settings."""
    sources = [
        *((cidr, Addresses(cidr)) for cidr in settings.private_access_cidrs),
        *((group, Members(group)) for group in settings.private_access_security_group_ids),
    ]
    return [
        open_port(
            f"{name}-api-from-{who}",
            "Kubernetes API",
            port=443,
            security_group_id=security_group_id,
            source=source,
            opts=opts,
        )
        for who, source in sources
    ]


def admit(name: str, cluster: eks.Cluster, site: Site, *, opts: ResourceOptions) -> list[pulumi.Resource]:
    """Make access entries for the named administrators and viewers. The deployer has one, since it made the cluster."""
    made: list[pulumi.Resource] = []
    people = [
        *(("admin", arn, "AmazonEKSClusterAdminPolicy") for arn in site.administrators),
        *(("viewer", arn, "AmazonEKSViewPolicy") for arn in site.viewers),
    ]
    for role, arn, policy in people:
        made += _entry(f"{name}-{role}-{_person(arn)}", cluster, arn, policy, kind="STANDARD", opts=opts)
    return made


def _person(arn: str) -> str:
    """Account, kind and path: two people may have the same last name, and a URN can be there only once."""
    return arn.split(":", 4)[4].replace(":", "/")


def node_role(name: str, cluster: eks.Cluster, *, opts: ResourceOptions) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
    """Make the role of every node, and what lets a node with this role join the cluster."""
    role = aws.iam.Role(
        f"{name}-node",
        # No path: Auto Mode has looked up the role's access entry without it (aws/containers-roadmap 2486).
        assume_role_policy=assumable_by("ec2.amazonaws.com"),
        opts=opts,
    )
    attached = [
        aws.iam.RolePolicyAttachment(
            f"{name}-node-{policy}",
            role=role.name,
            policy_arn=f"arn:aws:iam::aws:policy/{policy}",
            opts=opts,
        )
        for policy in NODE_POLICIES
    ]
    return role, [
        *attached,
        *_entry(f"{name}-node", cluster, role.arn, "AmazonEKSAutoNodePolicy", kind="EC2", opts=opts),
    ]


def _entry(
    name: str, cluster: eks.Cluster, arn: pulumi.Input[str], policy: str, *, kind: str, opts: ResourceOptions
) -> list[pulumi.Resource]:
    entry = aws.eks.AccessEntry(name, cluster_name=cluster.eks_cluster.name, principal_arn=arn, type=kind, opts=opts)
    association = aws.eks.AccessPolicyAssociation(
        name,
        cluster_name=cluster.eks_cluster.name,
        principal_arn=entry.principal_arn,
        policy_arn=f"{POLICIES}/{policy}",
        access_scope={"type": "cluster"},
        opts=opts,
    )
    return [entry, association]
