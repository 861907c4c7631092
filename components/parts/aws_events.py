"""What AWS says by itself about the services of a stack: failovers, full disks, degraded add-ons, planned work."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

DATABASE_CATEGORIES = ("availability", "failover", "failure", "low storage", "maintenance", "recovery")
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html"""
ADD_ON_TROUBLE = ("EKS Addon Creation Failed", "EKS Addon Update Failed", "EKS Addon Health Degraded")
"""https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-eks.html"""
SERVICES = ("EC2", "EKS", "ELASTICACHE", "RDS", "S3", "SQS")
"""Whose outages and planned work AWS Health tells. It knows no stack: what concerns the account concerns them all."""


def aws_events(
    name: str,
    *,
    database: Input[str],
    cluster: Input[str],
    topic: Input[str],
    after: Sequence[pulumi.Resource],
    opts: ResourceOptions,
) -> None:
    """Send the events to a topic. AWS delivers them as well as it can: they explain alarms, and replace none."""
    patterns: Mapping[str, Any] = {
        "database": {
            "source": ["aws.rds"],
            "detail-type": ["RDS DB Instance Event"],
            "detail": {"SourceIdentifier": [database], "EventCategories": list(DATABASE_CATEGORIES)},
        },
        "cluster": {
            "source": ["aws.eks"],
            "detail-type": list(ADD_ON_TROUBLE),
            "detail": {"clusterName": [cluster]},
        },
        "health": {
            "source": ["aws.health"],
            "detail-type": ["AWS Health Event"],
            "detail": {"service": list(SERVICES), "eventTypeCategory": ["issue", "scheduledChange"]},
        },
    }
    for what, pattern in patterns.items():
        rule = aws.cloudwatch.EventRule(
            f"{name}-{what}",
            description=f"What AWS says about the {what}",
            event_pattern=Output.from_input(pattern).apply(json.dumps),
            opts=opts,
        )
        aws.cloudwatch.EventTarget(
            f"{name}-{what}",
            rule=rule.name,
            arn=topic,
            opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=list(after))),
        )
