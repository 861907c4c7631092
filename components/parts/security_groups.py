"""Rules that open security groups. Each is a resource of its own, so one can come or go without touching another."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import Input, ResourceOptions


@dataclass(frozen=True)
class Addresses:
    """An address range, as the source of a rule."""

    cidr: Input[str]


@dataclass(frozen=True)
class Members:
    """The members of a security group, as the source of a rule."""

    security_group_id: Input[str]


def open_way(
    name: str, description: str, *, port: int, security_group_id: Input[str], to: Members, opts: ResourceOptions
) -> aws.vpc.SecurityGroupEgressRule:
    """Let the members of a security group connect to a TCP port of another's. They reach nothing else."""
    return aws.vpc.SecurityGroupEgressRule(
        name,
        security_group_id=security_group_id,
        description=description,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        referenced_security_group_id=to.security_group_id,
        opts=opts,
    )


def open_port(
    name: str,
    description: str,
    *,
    port: int,
    security_group_id: Input[str],
    source: Addresses | Members,
    opts: ResourceOptions,
) -> aws.vpc.SecurityGroupIngressRule:
    """Open a TCP port of a security group to a source."""
    return aws.vpc.SecurityGroupIngressRule(
        name,
        security_group_id=security_group_id,
        description=description,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        cidr_ipv4=source.cidr if isinstance(source, Addresses) else None,
        referenced_security_group_id=source.security_group_id if isinstance(source, Members) else None,
        opts=opts,
    )
