"""VPC flow logs: a record of the connections that were accepted and refused."""

from __future__ import annotations

import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from components.parts.encryption import encryption_key, log_group
from components.parts.iam import allow, assumable_by, document, only_from
from settings import Site


def vpc_flow_logs(name: str, vpc: aws.ec2.Vpc, site: Site, *, days: int, opts: ResourceOptions) -> None:
    """Write a VPC's flow logs to an encrypted log group."""
    key = encryption_key(f"{name}-flow-logs", "VPC flow logs", site, holds_state=False, opts=opts)
    logs = log_group(f"{name}-flow-logs", f"/{site.path}/vpc-flow-logs", days=days, key=key, opts=opts)
    role = aws.iam.Role(
        f"{name}-flow-logs",
        path=f"/{site.path}/",
        assume_role_policy=assumable_by("vpc-flow-logs.amazonaws.com", when=only_from(site.account_id)),
        opts=opts,
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
        opts=opts,
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
        opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=[policy])),
    )
