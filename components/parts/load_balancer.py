"""An application load balancer, who may connect to it, and to whom it may connect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from chart.flows import API_SERVER
from chart.listener import HEALTH
from components.parts.security_groups import Addresses, Members, open_port, open_way
from settings import Site
from settings.ingress import IDLE_SECONDS, IngressSettings


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a load balancer stands."""

    vpc_id: Input[str]
    cidr: str
    subnet_ids: Sequence[Input[str]]
    pods_group_id: Input[str]
    """The security group of the pods that it hands on to."""


@dataclass(frozen=True, kw_only=True)
class LoadBalancer:
    """A load balancer and its targets."""

    balancer: aws.lb.LoadBalancer
    group: aws.lb.TargetGroup
    security_group_id: Output[str]


def load_balancer(
    name: str,
    settings: IngressSettings,
    site: Site,
    place: Place,
    *,
    logs: aws.s3.Bucket,
    after: Sequence[pulumi.Resource],
    opts: ResourceOptions,
) -> LoadBalancer:
    """Make a load balancer that the settings' networks reach on 80 and 443, and that reaches pods on one port."""
    security = _security_group(name, settings, place, opts=opts)
    stays = site.protect and settings.deletion_protection
    balancer = aws.lb.LoadBalancer(
        # The whole name: AWS takes 32 characters, and Pulumi adds eight.
        name,
        load_balancer_type="application",
        internal=settings.scheme == "internal",
        security_groups=[security.id],
        subnets=list(place.subnet_ids),
        access_logs={"bucket": logs.bucket, "enabled": True},
        drop_invalid_header_fields=True,
        desync_mitigation_mode="defensive",
        xff_header_processing_mode="append",
        enable_waf_fail_open=False,
        idle_timeout=IDLE_SECONDS,
        enable_deletion_protection=stays,
        # A target group serves one load balancer, so two of them cannot be there at once:
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
        # AWS alone would refuse another scheme too late: the listeners of this one would be gone by then.
        opts=ResourceOptions.merge(
            opts, ResourceOptions(protect=stays, delete_before_replace=True, depends_on=list(after))
        ),
    )
    group = aws.lb.TargetGroup(
        name,
        port=API_SERVER,
        protocol="HTTP",
        target_type="ip",
        vpc_id=place.vpc_id,
        deregistration_delay=30,
        health_check={
            "path": HEALTH,
            "matcher": "200",
            "interval": 15,
            "timeout": 10,
            "healthy_threshold": 2,
            "unhealthy_threshold": 3,
        },
        # EKS Auto Mode may register pods in target groups with this tag only (AmazonEKSLoadBalancingPolicy).
        tags={"Name": name, "eks:eks-cluster-name": site.prefix},
        opts=opts,
    )
    return LoadBalancer(balancer=balancer, group=group, security_group_id=security.id)


def _security_group(
    name: str, settings: IngressSettings, place: Place, *, opts: ResourceOptions
) -> aws.ec2.SecurityGroup:
    group = aws.ec2.SecurityGroup(
        f"{name}-load-balancer",
        description="The load balancer in front of Airflow",
        vpc_id=place.vpc_id,
        tags={"Name": f"{name}-load-balancer"},
        opts=opts,
    )
    for cidr in settings.allowed_cidrs or (place.cidr,):
        for what, port in (("http", 80), ("https", 443)):
            open_port(
                f"{name}-{what}-from-{cidr}",
                f"{what.upper()} from people and machines",
                port=port,
                security_group_id=group.id,
                source=Addresses(cidr),
                opts=opts,
            )
    open_way(
        f"{name}-to-pods",
        "api-server",
        port=API_SERVER,
        security_group_id=group.id,
        to=Members(place.pods_group_id),
        opts=opts,
    )
    return group
