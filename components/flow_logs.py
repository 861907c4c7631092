"""A record of the VPC's connections, accepted and refused."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from components.encryption import encryption_key, log_group
from components.iam import allow, assumable_by, document, only_from
from settings import Site


def record_flows(name: str, vpc: aws.ec2.Vpc, site: Site, *, days: int, parent: pulumi.Resource) -> None:
    """Write the VPC's flow logs to an encrypted log group."""
    mine = ResourceOptions(parent=parent)
    key = encryption_key(f"{name}-flow-logs", "VPC flow logs", site, parent=parent)
    logs = log_group(f"{name}-flow-logs", f"/{site.path}/vpc-flow-logs", days=days, key=key, parent=parent)
    role = aws.iam.Role(
        f"{name}-flow-logs",
        path=f"/{site.path}/",
        assume_role_policy=assumable_by("vpc-flow-logs.amazonaws.com", when=only_from(site.account_id)),
        opts=mine,
    )
    policy = aws.iam.RolePolicy(
        f"{name}-flow-logs",
        role=role.name,
        policy=document(
            [
                allow(
                    ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    on=Output.concat(logs.arn, ":*"),
                )
            ]
        ),
        opts=mine,
    )
    aws.ec2.FlowLog(
        f"{name}-flow-logs",
        vpc_id=vpc.id,
        traffic_type="ALL",
        log_destination_type="cloud-watch-logs",
        log_destination=logs.arn,
        iam_role_arn=role.arn,
        max_aggregation_interval=600,
        tags={"Name": name},
        opts=ResourceOptions(parent=parent, depends_on=[policy]),
    )
