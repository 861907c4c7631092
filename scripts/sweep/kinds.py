"""The kinds of things that may be left: how each is seen, and how it is deleted.

The tagging API is where the search begins, and no more: it goes on listing what was deleted hours ago. So of each kind
its own service is asked what there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, final

from scripts.sweep.thing import Thing

RESERVED_GROUP: Final = "default"
"""A VPC's own security group goes with the VPC."""


@final
@dataclass(frozen=True, kw_only=True)
class Kind:
    """A type of thing. `look` is asked for those of the ids that exist, `delete` ends one."""

    title: str
    service: str
    arn: str
    """What stands in an ARN between the account and the id."""
    look: Callable[[Any, Sequence[str]], Iterable[Thing]]
    delete: Callable[[Any, str], object]
    by_arn: bool = False
    """Whether the service knows it by its ARN, not by the id at the end of that."""

    def named(self, arn: str) -> str | None:
        """What the service calls it. None: the ARN is of another kind."""
        _, _, service, _, _, rest = arn.split(":", 5)
        if service != self.service or not rest.startswith(self.arn):
            return None
        return arn if self.by_arn else rest.removeprefix(self.arn)


def _filter(name: str, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Not by ids: the whole question fails when one of them is gone."""
    return [{"Name": name, "Values": list(ids)}]


def _balancers(client: Any, ids: Sequence[str]) -> Iterable[Thing]:
    for page in client.get_paginator("describe_load_balancers").paginate():
        for found in page["LoadBalancers"]:
            if found["LoadBalancerArn"] in ids:
                yield Thing(kind="load balancer", id=found["LoadBalancerArn"], made=found["CreatedTime"])


def _target_groups(client: Any, ids: Sequence[str]) -> Iterable[Thing]:
    for page in client.get_paginator("describe_target_groups").paginate():
        for found in page["TargetGroups"]:
            if found["TargetGroupArn"] in ids:
                yield Thing(kind="target group", id=found["TargetGroupArn"])


def _instances(client: Any, ids: Sequence[str]) -> Iterable[Thing]:
    for page in client.get_paginator("describe_instances").paginate(Filters=_filter("instance-id", ids)):
        for found in (each for reservation in page["Reservations"] for each in reservation["Instances"]):
            if found["State"]["Name"] not in ("terminated", "shutting-down"):
                yield Thing(kind="node", id=found["InstanceId"], made=found["LaunchTime"])


def _interfaces(client: Any, ids: Sequence[str]) -> Iterable[Thing]:
    pages = client.get_paginator("describe_network_interfaces")
    for page in pages.paginate(Filters=_filter("network-interface-id", ids)):
        for found in page["NetworkInterfaces"]:
            # Whoever holds it takes it along. Only what nobody holds is left for good.
            holder = found.get("Attachment", {}).get("InstanceId") or found.get("Description") or "a service of AWS"
            free = found["Status"] == "available"
            yield Thing(
                kind="network interface",
                id=found["NetworkInterfaceId"],
                stays="" if free else f"in use by {holder}: it goes with that",
            )


def _volumes(client: Any, ids: Sequence[str]) -> Iterable[Thing]:
    for page in client.get_paginator("describe_volumes").paginate(Filters=_filter("volume-id", ids)):
        for found in page["Volumes"]:
            holders = ", ".join(each["InstanceId"] for each in found["Attachments"])
            yield Thing(
                kind="volume",
                id=found["VolumeId"],
                made=found["CreateTime"],
                stays=f"in use by {holders}: it goes with that" if holders else "",
            )


def _snapshots(client: Any, ids: Sequence[str]) -> Iterable[Thing]:
    pages = client.get_paginator("describe_snapshots")
    for page in pages.paginate(OwnerIds=["self"], Filters=_filter("snapshot-id", ids)):
        for found in page["Snapshots"]:
            yield Thing(kind="snapshot", id=found["SnapshotId"], made=found["StartTime"])


def _addresses(client: Any, ids: Sequence[str]) -> Iterable[Thing]:
    for found in client.describe_addresses(Filters=_filter("allocation-id", ids))["Addresses"]:
        holder = found.get("AssociationId", "")
        yield Thing(
            kind="public address",
            id=found["AllocationId"],
            stays=f"in use ({holder}): it goes with that" if holder else "",
        )


def _security_groups(client: Any, ids: Sequence[str]) -> Iterable[Thing]:
    for page in client.get_paginator("describe_security_groups").paginate(Filters=_filter("group-id", ids)):
        for found in page["SecurityGroups"]:
            own = found["GroupName"] == RESERVED_GROUP
            yield Thing(kind="security group", id=found["GroupId"], stays="it goes with its VPC" if own else "")


def _log_groups(client: Any, ids: Sequence[str]) -> Iterable[Thing]:
    """The ids are whole names, or what names begin with: then they end with a slash."""
    for page in client.get_paginator("describe_log_groups").paginate():
        for found in page["logGroups"]:
            name = found["logGroupName"]
            if name in ids or name.startswith(tuple(each for each in ids if each.endswith("/"))):
                made = datetime.fromtimestamp(found["creationTime"] / 1000, tz=UTC)
                yield Thing(kind="log group", id=name, made=made)


LOG_GROUPS: Final = Kind(
    title="log group",
    service="logs",
    arn="log-group:",
    look=_log_groups,
    delete=lambda client, id_: client.delete_log_group(logGroupName=id_),
)
KINDS: Final = (
    Kind(
        title="load balancer",
        service="elasticloadbalancing",
        arn="loadbalancer/",
        look=_balancers,
        delete=lambda client, id_: client.delete_load_balancer(LoadBalancerArn=id_),
        by_arn=True,
    ),
    Kind(
        title="target group",
        service="elasticloadbalancing",
        arn="targetgroup/",
        look=_target_groups,
        delete=lambda client, id_: client.delete_target_group(TargetGroupArn=id_),
        by_arn=True,
    ),
    Kind(
        title="node",
        service="ec2",
        arn="instance/",
        look=_instances,
        delete=lambda client, id_: client.terminate_instances(InstanceIds=[id_]),
    ),
    Kind(
        title="network interface",
        service="ec2",
        arn="network-interface/",
        look=_interfaces,
        delete=lambda client, id_: client.delete_network_interface(NetworkInterfaceId=id_),
    ),
    Kind(
        title="volume",
        service="ec2",
        arn="volume/",
        look=_volumes,
        delete=lambda client, id_: client.delete_volume(VolumeId=id_),
    ),
    Kind(
        title="snapshot",
        service="ec2",
        arn="snapshot/",
        look=_snapshots,
        delete=lambda client, id_: client.delete_snapshot(SnapshotId=id_),
    ),
    Kind(
        title="public address",
        service="ec2",
        arn="elastic-ip/",
        look=_addresses,
        delete=lambda client, id_: client.release_address(AllocationId=id_),
    ),
    Kind(
        title="security group",
        service="ec2",
        arn="security-group/",
        look=_security_groups,
        delete=lambda client, id_: client.delete_security_group(GroupId=id_),
    ),
    LOG_GROUPS,
)
"""In the order in which they go: nobody holds what comes later, once the earlier ones are gone."""
BOTO: Final = {"elasticloadbalancing": "elbv2"}
"""What boto3 calls a service, where that is not what ARNs call it."""
KEPT: Final = {
    ("s3", ""): "the data is yours",
    ("kms", "key/"): "what is kept is encrypted with it",
    ("rds", "snapshot:"): "the database's last state",
    ("rds", "auto-backup:"): "RDS deletes it after dataStore.backupDays",
}
"""What a destroy leaves on purpose: by service, and what stands in the ARN before the id. docs/operations.md."""
