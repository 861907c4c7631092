"""Alarms about the NAT gateways: the way out to sources, registries and AWS. Their metrics are free."""

from __future__ import annotations

from collections.abc import Iterator

from health.alarm import Alarm
from health.metric import Metric
from health.subjects import KINDS, NAT, nat_zones
from settings import NetworkSettings

DROPPED_PERCENT = 0.01
"""AWS's own limit: https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html"""


def nat_alarms(network: NetworkSettings) -> Iterator[Alarm]:
    """Of each zone that has a NAT gateway of ours."""
    for zone in nat_zones(network):
        yield _ports(zone)
        yield _drops(zone)


def _sum(name: str) -> Metric:
    return Metric(name=name, statistic="Sum", by=KINDS[NAT].dimensions)


def _ports(zone: str) -> Alarm:
    return Alarm(
        name=f"nat-ports.{zone}",
        subject=f"{NAT}-{zone}",
        title=f"Zone {zone} has no port left for new connections out",
        metrics={"value": _sum("ErrorPortAllocation")},
        comparison=">",
        threshold=0,
        datapoints=(15, 15),
        missing="notBreaching",
        why="55,000 connections to one destination are the limit. For a quarter of an hour some were refused.",
        action="The flow logs name the destination. Let tasks share connections, or give it an endpoint in the VPC.",
    )


def _drops(zone: str) -> Alarm:
    return Alarm(
        name=f"nat-drops.{zone}",
        subject=f"{NAT}-{zone}",
        title=f"The NAT gateway of zone {zone} loses packets",
        metrics={
            "drops": _sum("PacketsDropCount"),
            "sent": _sum("PacketsOutToDestination"),
            "received": _sum("PacketsOutToSource"),
        },
        expression="IF(sent + received > 0, 100 * drops / (sent + received), 0)",
        comparison=">",
        threshold=DROPPED_PERCENT,
        period_seconds=300,
        datapoints=(3, 3),
        missing="notBreaching",
        why="Percent of all packets. More is a fault of the gateway, or more than it can carry.",
        action="Look at the AWS Health dashboard. Much traffic to AWS itself belongs to an endpoint in the VPC.",
    )
