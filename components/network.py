"""The network: a VPC of our own, or one that exists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from chart.addresses import without
from components.parts import routes
from components.parts.metrics import Metrics, shown, source
from components.parts.subnets import Subnets, divide
from components.parts.vpc_flow_logs import vpc_flow_logs
from health.subjects import NAT
from settings import ExistingNetwork, NetworkSettings, Site

PUBLIC_TAGS = {"kubernetes.io/role/elb": "1"}
PRIVATE_TAGS = {"kubernetes.io/role/internal-elb": "1"}
"""EKS Auto Mode finds the subnets of load balancers by these tags."""


@final
class Network(pulumi.ComponentResource):
    """Three tiers over two or three zones: public for load balancers, private for pods, data for database and broker.

    The data tier has no route to the internet. The default security group allows nothing.
    """

    vpc_id: Output[str]
    cidr: str
    public_subnet_ids: Sequence[Input[str]]
    private_subnet_ids: Sequence[Input[str]]
    data_subnet_ids: Sequence[Input[str]]
    public_cidrs: tuple[str, ...]
    private_cidrs: tuple[str, ...]
    data_cidrs: tuple[str, ...]
    load_balancer_subnet_ids: Sequence[Input[str]]
    """The public tier, also for an internal load balancer: what decides about public addresses is its scheme."""
    load_balancer_cidrs: tuple[str, ...]
    """Where a load balancer has its addresses. Without a public tier that is the whole VPC, and all pods are in it."""
    metrics: Metrics
    """Of the NAT gateways of our own VPC."""

    def __init__(
        self, name: str, settings: NetworkSettings, site: Site, *, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("alisio:aws:Network", name, None, opts)
        if settings.existing:
            self._adopt(settings.existing)
        else:
            self._build(name, settings, site)
        self.load_balancer_subnet_ids = self.public_subnet_ids or self.private_subnet_ids
        self.load_balancer_cidrs = self.public_cidrs if self.public_subnet_ids else (self.cidr,)
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "publicSubnetIds": self.public_subnet_ids,
                "privateSubnetIds": self.private_subnet_ids,
                "dataSubnetIds": self.data_subnet_ids,
                "metrics": shown(self.metrics),
            }
        )

    def _adopt(self, existing: ExistingNetwork) -> None:
        self.vpc_id = Output.from_input(existing.vpc_id)
        self.cidr = existing.cidr
        self.public_subnet_ids = existing.public_subnet_ids
        self.private_subnet_ids = existing.private_subnet_ids
        self.data_subnet_ids = existing.data_subnet_ids
        self.public_cidrs = existing.public_cidrs
        self.data_cidrs = existing.data_cidrs
        self.private_cidrs = existing.private_cidrs or without(
            existing.cidr, (*existing.public_cidrs, *existing.data_cidrs)
        )
        self.metrics = {}

    def _build(self, name: str, settings: NetworkSettings, site: Site) -> None:
        child = ResourceOptions(parent=self)
        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=settings.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": name},
            opts=child,
        )
        aws.ec2.DefaultSecurityGroup(
            f"{name}-default", vpc_id=vpc.id, tags={"Name": f"{name}-default-closed"}, opts=child
        )
        ranges: Subnets = divide(settings.cidr, len(settings.zones))
        zones = [f"{site.region}{letter}" for letter in settings.zones]

        def subnets(tier: str, cidrs: tuple[str, ...], tags: dict[str, str]) -> list[aws.ec2.Subnet]:
            return [
                aws.ec2.Subnet(
                    f"{name}-{tier}-{zone[-1]}",
                    vpc_id=vpc.id,
                    cidr_block=cidr,
                    availability_zone=zone,
                    map_public_ip_on_launch=False,
                    tags={"Name": f"{name}-{tier}-{zone[-1]}", **tags},
                    opts=child,
                )
                for zone, cidr in zip(zones, cidrs, strict=True)
            ]

        public = subnets("public", ranges.public, PUBLIC_TAGS)
        private = subnets("private", ranges.private, PRIVATE_TAGS)
        data = subnets("data", ranges.data, {})
        public_table = routes.public(name, vpc, public, opts=child)
        gateways = routes.nat_gateways(name, public, public_table, nat=settings.nat, opts=child)
        private_tables = routes.private(name, vpc, private, gateways, opts=child)
        data_table = routes.isolated(name, vpc, data, opts=child)
        routes.endpoints(
            name,
            vpc,
            private,
            [*private_tables, data_table],
            services=settings.interface_endpoints,
            region=site.region,
            opts=child,
        )
        if settings.flow_logs:
            vpc_flow_logs(name, vpc, site, days=settings.flow_log_days, opts=child)

        self.vpc_id = vpc.id
        self.cidr = settings.cidr
        self.public_subnet_ids = [subnet.id for subnet in public]
        self.private_subnet_ids = [subnet.id for subnet in private]
        self.data_subnet_ids = [subnet.id for subnet in data]
        self.public_cidrs = ranges.public
        self.private_cidrs = ranges.private
        self.data_cidrs = ranges.data
        self.metrics = {
            f"{NAT}-{letter}": source(NAT, gateway.id)
            for letter, gateway in zip(settings.zones, gateways, strict=False)
        }
