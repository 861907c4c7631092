"""Openings in security groups: each a resource of its own, from a group, never from an address."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
from pulumi import Input, ResourceOptions


def open_port(
    name: str, description: str, port: int, *, on: Input[str], to: Input[str], parent: pulumi.Resource
) -> aws.vpc.SecurityGroupIngressRule:
    """Open a TCP port on one security group to the members of another."""
    return aws.vpc.SecurityGroupIngressRule(
        name,
        security_group_id=on,
        description=description,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        referenced_security_group_id=to,
        opts=ResourceOptions(parent=parent),
    )
