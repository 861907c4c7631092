"""Settings of the network: our own VPC, or the ids of one that exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.base import Cidr, LogDays, Mistake, Settings, VpcCidr, matching, unique

VpcId = Annotated[str, matching(r"vpc-[0-9a-f]{8,17}", "a VPC id, such as vpc-0123456789abcdef0")]
SubnetId = Annotated[str, matching(r"subnet-[0-9a-f]{8,17}", "a subnet id, such as subnet-0123456789abcdef0")]
Endpoint = Annotated[
    str, matching(r"[a-z0-9]+([.-][a-z0-9]+)*", "the name of an AWS service's endpoint, such as ecr.api")
]
OFFLINE_ENDPOINTS = (
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "logs",
    "secretsmanager",
    "sts",
)
"""AWS services that EKS Auto Mode and Airflow call. Without NAT each needs an interface endpoint."""


class ExistingNetwork(Settings):
    """A VPC that somebody else manages. Its subnets must have their routes, and the tags for load balancers."""

    vpc_id: VpcId
    """The VPC."""
    cidr: Cidr
    """The VPC's address range."""
    public_subnet_ids: Annotated[tuple[SubnetId, ...], AfterValidator(unique)] = ()
    """Subnets for internet-facing load balancers. Empty: there are no such load balancers."""
    private_subnet_ids: Annotated[tuple[SubnetId, ...], Field(min_length=2), AfterValidator(unique)]
    """Subnets for nodes and pods, in at least two zones."""
    data_subnet_ids: Annotated[tuple[SubnetId, ...], Field(min_length=2), AfterValidator(unique)]
    """Subnets for database and broker, in at least two zones."""
    public_cidrs: Annotated[tuple[Cidr, ...], AfterValidator(unique)] = ()
    """Address ranges of the public subnets. Workers may not reach them."""
    private_cidrs: Annotated[tuple[Cidr, ...], AfterValidator(unique)] = ()
    """Address ranges of the private subnets. Empty: all of `cidr` but the other two tiers. Pods reach the agents on
    nodes there, which take their metrics."""
    data_cidrs: Annotated[tuple[Cidr, ...], Field(min_length=1), AfterValidator(unique)]
    """Address ranges of the data subnets. Pods reach only the database and the broker there."""


class NetworkSettings(Settings):
    """VPC, subnets by tier, NAT, endpoints, flow logs; or an existing VPC."""

    cidr: VpcCidr = "10.0.0.0/16"
    """Address range of the VPC, /16 to /20. It is divided in the same way for 2 and for 3 zones, so that a third
    zone can be added later."""
    zones: Annotated[
        tuple[Annotated[str, matching("[a-f]", "the letter of a zone: a to f")], ...],
        Field(min_length=2, max_length=3),
        AfterValidator(unique),
    ] = ("a", "b", "c")
    """Letters of 2 or 3 availability zones of the region. Not every account has every letter."""
    nat: Literal["none", "single", "perZone"] = "single"
    """NAT gateways: `none` (interface endpoints take their place), `single` (cheap, but if its zone fails, all are cut
    off), or `perZone`."""
    interface_endpoints: Annotated[tuple[Endpoint, ...], AfterValidator(unique)] = ()
    """AWS services that get an interface endpoint in the VPC, such as `ecr.api`. Each costs by the hour and zone. S3
    always has a gateway endpoint, which is free."""
    flow_logs: bool = True
    """Record accepted and refused connections in CloudWatch Logs, encrypted."""
    flow_log_days: LogDays = 30
    """How long flow logs are kept."""
    existing: ExistingNetwork | None = None
    """Use this VPC instead of making one."""

    def mistakes(self) -> Iterator[Mistake]:
        if self.existing:
            for field in sorted(self.model_fields_set - {"existing"}):
                alias = type(self).model_fields[field].alias or field
                yield Mistake(alias, "has no effect on an existing network; remove it, or remove network.existing")
            return
        prefix = int(self.cidr.rpartition("/")[2])
        if not 16 <= prefix <= 20:
            yield Mistake(
                "cidr",
                "a VPC of /16 to /20: AWS allows no larger one, and a smaller one has too few addresses for pods",
                self.cidr,
            )
        if "s3" in self.interface_endpoints:
            yield Mistake(
                f"interfaceEndpoints[{self.interface_endpoints.index('s3')}]",
                "has a gateway endpoint already, which is free; remove it",
                "s3",
            )
        missing = [name for name in OFFLINE_ENDPOINTS if name not in self.interface_endpoints]
        if self.nat == "none" and missing:
            yield Mistake(
                "interfaceEndpoints",
                f"without NAT these are needed too: {', '.join(missing)}",
                self.interface_endpoints,
            )
