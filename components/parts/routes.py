"""Ways out of a VPC: internet gateway, NAT gateways, endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pulumi_aws as aws
from pulumi import ResourceOptions

from chart.addresses import ANYWHERE
from components.parts.security_groups import Addresses, open_port


def public(
    name: str, vpc: aws.ec2.Vpc, subnets: Sequence[aws.ec2.Subnet], *, opts: ResourceOptions
) -> aws.ec2.RouteTable:
    """Make a route to the internet for the public subnets."""
    gateway = aws.ec2.InternetGateway(f"{name}-internet", vpc_id=vpc.id, tags={"Name": name}, opts=opts)
    table = _table(f"{name}-public", vpc, subnets, opts=opts)
    aws.ec2.Route(
        f"{name}-public-internet",
        route_table_id=table.id,
        destination_cidr_block=ANYWHERE,
        gateway_id=gateway.id,
        opts=opts,
    )
    return table


def nat_gateways(
    name: str,
    public_subnets: Sequence[aws.ec2.Subnet],
    public_table: aws.ec2.RouteTable,
    *,
    nat: Literal["none", "single", "perZone"],
    opts: ResourceOptions,
) -> list[aws.ec2.NatGateway]:
    """NAT gateways with addresses of their own: none, one for all zones, or one in each zone."""
    count = {"none": 0, "single": 1, "perZone": len(public_subnets)}[nat]
    gateways: list[aws.ec2.NatGateway] = []
    for index, subnet in enumerate(public_subnets[:count]):
        tags = {"Name": f"{name}-nat-{index}"}
        address = aws.ec2.Eip(f"{name}-nat-{index}", domain="vpc", tags=tags, opts=opts)
        gateway = aws.ec2.NatGateway(
            f"{name}-nat-{index}",
            subnet_id=subnet.id,
            allocation_id=address.id,
            tags=tags,
            opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=[public_table])),
        )
        gateways.append(gateway)
    return gateways


def private(
    name: str,
    vpc: aws.ec2.Vpc,
    subnets: Sequence[aws.ec2.Subnet],
    gateways: Sequence[aws.ec2.NatGateway],
    *,
    opts: ResourceOptions,
) -> list[aws.ec2.RouteTable]:
    """Make a route table for each private subnet, with a route to a NAT gateway if there is one."""
    tables: list[aws.ec2.RouteTable] = []
    for index, subnet in enumerate(subnets):
        table = _table(f"{name}-private-{index}", vpc, [subnet], opts=opts)
        tables.append(table)
        if gateways:
            aws.ec2.Route(
                f"{name}-private-{index}-nat",
                route_table_id=table.id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=gateways[index % len(gateways)].id,
                opts=opts,
            )
    return tables


def isolated(
    name: str, vpc: aws.ec2.Vpc, subnets: Sequence[aws.ec2.Subnet], *, opts: ResourceOptions
) -> aws.ec2.RouteTable:
    """Make a route table that leads nowhere outside the VPC."""
    return _table(f"{name}-data", vpc, subnets, opts=opts)


def endpoints(
    name: str,
    vpc: aws.ec2.Vpc,
    subnets: Sequence[aws.ec2.Subnet],
    tables: Sequence[aws.ec2.RouteTable],
    *,
    services: Sequence[str],
    region: str,
    opts: ResourceOptions,
) -> None:
    """Make S3's free gateway endpoint, and interface endpoints of other services that only nodes and pods reach."""
    aws.ec2.VpcEndpoint(
        f"{name}-s3",
        vpc_id=vpc.id,
        service_name=f"com.amazonaws.{region}.s3",
        vpc_endpoint_type="Gateway",
        route_table_ids=[table.id for table in tables],
        tags={"Name": f"{name}-s3"},
        opts=opts,
    )
    if not services:
        return
    group = aws.ec2.SecurityGroup(
        f"{name}-endpoints",
        description="AWS services inside the VPC",
        vpc_id=vpc.id,
        tags={"Name": f"{name}-endpoints"},
        opts=opts,
    )
    for index, subnet in enumerate(subnets):
        open_port(
            f"{name}-endpoints-from-private-{index}",
            "HTTPS from nodes and pods",
            port=443,
            security_group_id=group.id,
            source=Addresses(subnet.cidr_block.apply(str)),
            opts=opts,
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
            opts=opts,
        )


def _table(
    name: str, vpc: aws.ec2.Vpc, subnets: Sequence[aws.ec2.Subnet], *, opts: ResourceOptions
) -> aws.ec2.RouteTable:
    table = aws.ec2.RouteTable(name, vpc_id=vpc.id, tags={"Name": name}, opts=opts)
    for index, subnet in enumerate(subnets):
        aws.ec2.RouteTableAssociation(f"{name}-{index}", route_table_id=table.id, subnet_id=subnet.id, opts=opts)
    return table
