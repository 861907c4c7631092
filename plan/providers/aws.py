"""Answers in place of the AWS provider: names, ids, ARNs and endpoints that look like the real ones."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Final, final

from plan.asked import Registration
from plan.providers import edge
from plan.providers.arns import make_arn
from plan.sentinels import stable_bytes

# The property that carries the physical name, where it is not `name`.
NAME_PROPERTY: Final = {
    "aws:eks/addon:Addon": "addonName",
    "aws:elasticache/replicationGroup:ReplicationGroup": "replicationGroupId",
    "aws:rds/instance:Instance": "identifier",
    "aws:s3/bucket:Bucket": "bucket",
}
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
ID_PREFIX: Final = {
    "aws:ec2/eip:Eip": "eipalloc",
    "aws:ec2/flowLog:FlowLog": "fl",
    "aws:ec2/internetGateway:InternetGateway": "igw",
    "aws:ec2/natGateway:NatGateway": "nat",
    "aws:ec2/routeTable:RouteTable": "rtb",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "rtbassoc",
    "aws:ec2/securityGroup:SecurityGroup": "sg",
    "aws:ec2/subnet:Subnet": "subnet",
    "aws:ec2/vpc:Vpc": "vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": "a",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "sgr",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "sgr",
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account and region of the stack."""

    id: str
    region: str


def answer(args: Registration, account: Account) -> tuple[str, dict[str, Any]]:
    """The id, and the outputs that AWS computes."""
    name_property = NAME_PROPERTY.get(args.typ, "name")
    name = args.text(name_property) or _default_name(args, args.text(f"{name_property}Prefix"))
    identifier = f"{ID_PREFIX[args.typ]}-0{hexadecimal(args.urn, 16)}" if args.typ in ID_PREFIX else name
    parts = {
        "id": identifier,
        "name": name,
        "path": args.text("path", default="/"),
        "uuid": _uuid(args.urn),
        "hex6": hexadecimal(args.urn, 6),
        "hex16": hexadecimal(args.urn, 16),
    }
    arn = make_arn(args.typ, region=account.region, account=account.id, parts=parts)
    special = edge.special(args, account.region, name=name, arn=arn) or _special(args, account, name)
    outputs = {name_property: name, "name": name, "arn": arn, "region": account.region, **special}
    return outputs.pop("id", identifier), outputs


def _default_name(args: Registration, prefix: str) -> str:
    # https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming: seven random hex digits
    return f"{prefix}{hexadecimal(args.urn, 26)}" if prefix else f"{args.name}-{hexadecimal(args.urn, 7)}"


def _special(args: Registration, account: Account, name: str) -> dict[str, Any]:
    """The outputs of a type that programs use, beyond name and ARN."""
    digits = hexadecimal(args.urn, 32)
    match args.typ:
        case "aws:ec2/vpc:Vpc":
            return _vpc(args.urn) | {"ownerId": account.id}
        case "aws:ec2/eip:Eip":
            # TEST-NET-2 of RFC 5737 is reserved for documentation.
            return {"publicIp": f"198.51.100.{int(digits[:2], 16)}", "allocationId": f"eipalloc-0{digits[:16]}"}
        case "aws:ec2/vpcEndpoint:VpcEndpoint":
            return {"prefixListId": f"pl-{digits[:8]}"}
        case "aws:s3/bucket:Bucket":
            regional = f"{name}.s3.{account.region}.amazonaws.com"
            return {"bucketDomainName": f"{name}.s3.amazonaws.com", "bucketRegionalDomainName": regional}
        case "aws:kms/key:Key":
            return {"id": _uuid(args.urn), "keyId": _uuid(args.urn)}
        case "aws:iam/role:Role":
            return {"uniqueId": "AROA" + digits[:17].upper()}
        case "aws:rds/instance:Instance":
            return _database(args, f"{name}.{digits[:12]}.{account.region}.rds.amazonaws.com")
        case "aws:elasticache/replicationGroup:ReplicationGroup":
            return _cache(args, name, f"{name}.{digits[:6]}.{account.region}.cache.amazonaws.com")
        case "aws:sqs/queue:Queue":
            url = f"https://sqs.{account.region}.amazonaws.com/{account.id}/{name}"
            return {"id": url, "url": url}
        case "aws:eks/podIdentityAssociation:PodIdentityAssociation":
            return {"associationId": f"a-0{digits[:16]}"}
        case _:
            return {}


def _vpc(urn: str) -> dict[str, Any]:
    route_table = f"rtb-0{hexadecimal('route table ' + urn, 16)}"
    return {
        "defaultSecurityGroupId": f"sg-0{hexadecimal('security group ' + urn, 16)}",
        "defaultNetworkAclId": f"acl-0{hexadecimal('acl ' + urn, 16)}",
        "defaultRouteTableId": route_table,
        "mainRouteTableId": route_table,
    }


def _database(args: Registration, address: str) -> dict[str, Any]:
    # The id of an instance is its resource id, which stays the same after a rename. Its name is the identifier.
    identifier = "db-" + hexadecimal(args.urn, 26).upper()
    port = args.number("port", default=5432)
    return {
        "id": identifier,
        "resourceId": identifier,
        "address": address,
        "port": port,
        "endpoint": f"{address}:{port}",
    }


def _cache(args: Registration, name: str, domain: str) -> dict[str, Any]:
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html: `master` with TLS
    writer = "master" if args.inputs.get("transitEncryptionEnabled") else "primary"
    return {
        "primaryEndpointAddress": f"{writer}.{domain}",
        "readerEndpointAddress": f"replica.{domain}",
        "memberClusters": [f"{name}-{node:03}" for node in range(1, 1 + args.number("numCacheClusters", default=1))],
        "port": args.number("port", default=6379),
    }


def control_plane(urn: str, account: Account) -> dict[str, Any]:
    """The outputs that AWS computes for an EKS cluster."""
    host = hexadecimal(urn, 32).upper()
    return {
        "endpoint": f"https://{host}.gr7.{account.region}.eks.amazonaws.com",
        "certificateAuthority": {"data": "LS0tLS1CRUdJTg=="},
        "identities": [{"oidcs": [{"issuer": f"https://oidc.eks.{account.region}.amazonaws.com/id/{host}"}]}],
        "vpcConfig": {"clusterSecurityGroupId": f"sg-0{hexadecimal('cluster ' + urn, 16)}"},
        "status": "ACTIVE",
    }


def hexadecimal(seed: str, length: int) -> str:
    """Stable hex digits."""
    return stable_bytes(seed, (length + 1) // 2).hex()[:length]


def _uuid(urn: str) -> str:
    return str(uuid.UUID(bytes=stable_bytes(urn, 16), version=4))
