"""What AWS computes of a load balancer, its certificate, its firewall and its name."""

from __future__ import annotations

from typing import Any

from plan.asked import Registration
from plan.sentinels import stable_bytes


def special(args: Registration, region: str, *, name: str, arn: str) -> dict[str, Any]:
    """The outputs of a type that programs use, beyond name and ARN. None of these types: empty."""
    match args.typ:
        case "aws:lb/loadBalancer:LoadBalancer":
            internal = "internal-" if args.inputs.get("internal") else ""
            number = int.from_bytes(stable_bytes(args.urn, 4))
            return {
                "id": arn,
                # The dimension of its metrics: app/<name>/<id>.
                "arnSuffix": arn.partition("loadbalancer/")[2],
                "dnsName": f"{internal}{name}-{number}.{region}.elb.amazonaws.com",
                "zoneId": f"Z{stable_bytes('zone of load balancers', 7).hex().upper()}",
            }
        case "aws:lb/targetGroup:TargetGroup":
            return {"id": arn, "arnSuffix": arn.rpartition(":")[2]}
        case "aws:lb/listener:Listener" | "aws:lb/listenerRule:ListenerRule":
            return {"id": arn}
        case "aws:acm/certificate:Certificate":
            return {"id": arn, "domainValidationOptions": [_proof(args)]}
        case "aws:acm/certificateValidation:CertificateValidation":
            return {"arn": None}
        case "aws:route53/record:Record":
            fqdn = args.text("name").rstrip(".")
            return {"id": f"{args.text('zoneId')}_{fqdn}_{args.text('type')}", "fqdn": fqdn}
        case "aws:wafv2/webAcl:WebAcl":
            return {"id": arn.rpartition("/")[2], "capacity": 1000}
        case "aws:wafv2/webAclAssociation:WebAclAssociation":
            return {"id": f"{args.text('webAclArn')},{args.text('resourceArn')}"}
        case "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration":
            return {"id": args.text("resourceArn")}
        case _:
            return {}


def _proof(args: Registration) -> dict[str, str]:
    """The record by which ACM sees whose a domain is: https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"""
    domain = args.text("domainName")
    # The same for every certificate of a domain in an account.
    token, value = (stable_bytes(f"{what} {domain}", 16).hex() for what in ("name", "value"))
    return {
        "domainName": domain,
        "resourceRecordName": f"_{token}.{domain}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"_{value}.acm-validations.aws.",
    }
