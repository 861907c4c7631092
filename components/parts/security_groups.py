"""Openings in security groups: each is a resource of its own, so that one can come or go without touching another."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import Input, ResourceOptions


@dataclass(frozen=True)
class Addresses:
    """An address range, as the source of an opening."""

    cidr: Input[str]


@dataclass(frozen=True)
class Members:
    """The members of a security group, as the source of an opening."""

    security_group_id: Input[str]


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
    match source:
        case Addresses(cidr):
            origin = {"cidr_ipv4": cidr}
        case Members(group):
            origin = {"referenced_security_group_id": group}
    return aws.vpc.SecurityGroupIngressRule(
        name,
        security_group_id=security_group_id,
        description=description,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        opts=opts,
        **origin,
    )
