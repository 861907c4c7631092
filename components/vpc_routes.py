"""Ways out of a VPC: internet gateway, NAT, endpoints."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

ANYWHERE = "0.0.0.0/0"


def public(
    name: str, vpc: aws.ec2.Vpc, subnets: Sequence[aws.ec2.Subnet], *, parent: pulumi.Resource
) -> aws.ec2.RouteTable:
    """A route to the internet for the public subnets."""
    mine = ResourceOptions(parent=parent)
    gateway = aws.ec2.InternetGateway(f"{name}-internet", vpc_id=vpc.id, tags={"Name": name}, opts=mine)
    table = _table(f"{name}-public", vpc, subnets, parent=parent)
    aws.ec2.Route(
        f"{name}-public-internet",
        route_table_id=table.id,
        destination_cidr_block=ANYWHERE,
        gateway_id=gateway.id,
        opts=mine,
    )
    return table


def private(
    name: str,
    vpc: aws.ec2.Vpc,
    subnets: Sequence[aws.ec2.Subnet],
    public_subnets: Sequence[aws.ec2.Subnet],
    public_table: aws.ec2.RouteTable,
    *,
    nat: str,
    parent: pulumi.Resource,
) -> list[aws.ec2.RouteTable]:
    """A route table for each private subnet, through no NAT gateway, one shared one, or one in each zone."""
    count = {"none": 0, "single": 1, "perZone": len(subnets)}[nat]
    gateways: list[aws.ec2.NatGateway] = []
    for index, subnet in enumerate(public_subnets[:count]):
        address = aws.ec2.Eip(
            f"{name}-nat-{index}",
            domain="vpc",
            tags={"Name": f"{name}-nat-{index}"},
            opts=ResourceOptions(parent=parent),
        )
        gateways.append(
            aws.ec2.NatGateway(
                f"{name}-nat-{index}",
                subnet_id=subnet.id,
                allocation_id=address.id,
                tags={"Name": f"{name}-nat-{index}"},
                opts=ResourceOptions(parent=parent, depends_on=[public_table]),
            )
        )
    tables: list[aws.ec2.RouteTable] = []
    for index, subnet in enumerate(subnets):
        table = _table(f"{name}-private-{index}", vpc, [subnet], parent=parent)
        tables.append(table)
        if gateways:
            aws.ec2.Route(
                f"{name}-private-{index}-nat",
                route_table_id=table.id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=gateways[index % len(gateways)].id,
                opts=ResourceOptions(parent=parent),
            )
    return tables


def isolated(
    name: str, vpc: aws.ec2.Vpc, subnets: Sequence[aws.ec2.Subnet], *, parent: pulumi.Resource
) -> aws.ec2.RouteTable:
    """No route to anywhere outside the VPC."""
    return _table(f"{name}-data", vpc, subnets, parent=parent)


def endpoints(
    name: str,
    vpc: aws.ec2.Vpc,
    subnets: Sequence[aws.ec2.Subnet],
    tables: Sequence[aws.ec2.RouteTable],
    *,
    services: Sequence[str],
    region: str,
    parent: pulumi.Resource,
) -> None:
    """S3 by its free gateway endpoint; other services by interface endpoints that the VPC alone reaches."""
    mine = ResourceOptions(parent=parent)
    aws.ec2.VpcEndpoint(
        f"{name}-s3",
        vpc_id=vpc.id,
        service_name=f"com.amazonaws.{region}.s3",
        vpc_endpoint_type="Gateway",
        route_table_ids=[table.id for table in tables],
        tags={"Name": f"{name}-s3"},
        opts=mine,
    )
    if not services:
        return
    group = aws.ec2.SecurityGroup(
        f"{name}-endpoints",
        description="AWS services inside the VPC",
        vpc_id=vpc.id,
        tags={"Name": f"{name}-endpoints"},
        opts=mine,
    )
    for index, subnet in enumerate(subnets):
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-endpoints-from-private-{index}",
            security_group_id=group.id,
            description="HTTPS from nodes and pods",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4=subnet.cidr_block.apply(str),
            opts=mine,
        )
    for service in services:
        aws.ec2.VpcEndpoint(
            f"{name}-{service.replace('.', '-')}",
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.{region}.{service}",
            vpc_endpoint_type="Interface",
            subnet_ids=[subnet.id for subnet in subnets],
            security_group_ids=[group.id],
            private_dns_enabled=True,
            tags={"Name": f"{name}-{service}"},
            opts=mine,
        )


def _table(
    name: str, vpc: aws.ec2.Vpc, subnets: Sequence[aws.ec2.Subnet], *, parent: pulumi.Resource
) -> aws.ec2.RouteTable:
    mine = ResourceOptions(parent=parent)
    table = aws.ec2.RouteTable(name, vpc_id=vpc.id, tags={"Name": name}, opts=mine)
    for index, subnet in enumerate(subnets):
        aws.ec2.RouteTableAssociation(f"{name}-{index}", route_table_id=table.id, subnet_id=subnet.id, opts=mine)
    return table
