"""How to look for what stands between people and the cluster: load balancer, certificate, firewall."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
CERTIFICATE: Final = "aws:acm/certificate:Certificate"
GROUP: Final = "aws:lb/targetGroup:TargetGroup"
LISTENER: Final = "aws:lb/listener:Listener"
RULE: Final = "aws:lb/listenerRule:ListenerRule"
VALIDATION: Final = "aws:acm/certificateValidation:CertificateValidation"
WEB_ACL: Final = "aws:wafv2/webAcl:WebAcl"
TYPES: Final = (BALANCER, CERTIFICATE, GROUP, LISTENER, RULE, VALIDATION, WEB_ACL)
ABSENT: Final = ("LoadBalancerNotFound", "TargetGroupNotFound", "ListenerNotFound")

Ask = Callable[..., Mapping[str, Any]]
"""Asks the AWS CLI, and gives nothing where it says that there is no such thing."""


def ids(type_: str, inputs: Mapping[str, Any], ask: Ask) -> Iterator[str]:
    """Ids as the provider takes them for an import. The types are those above."""
    match type_:
        case "aws:lb/loadBalancer:LoadBalancer":
            answer = ask("elbv2", "describe-load-balancers", "--names", inputs["name"])
            yield from (each["LoadBalancerArn"] for each in answer.get("LoadBalancers") or ())
        case "aws:lb/targetGroup:TargetGroup":
            answer = ask("elbv2", "describe-target-groups", "--names", inputs["name"])
            yield from (each["TargetGroupArn"] for each in answer.get("TargetGroups") or ())
        case "aws:lb/listener:Listener":
            answer = ask("elbv2", "describe-listeners", "--load-balancer-arn", inputs["loadBalancerArn"])
            for each in answer.get("Listeners") or ():
                if each["Port"] == inputs["port"]:
                    yield each["ListenerArn"]
        case "aws:lb/listenerRule:ListenerRule":
            answer = ask("elbv2", "describe-rules", "--listener-arn", inputs["listenerArn"])
            for each in answer.get("Rules") or ():
                # A text, as the last one has the priority `default`.
                if each["Priority"] == str(inputs["priority"]):
                    yield each["RuleArn"]
        case "aws:acm/certificate:Certificate":
            yield from _certificates(inputs, ask)
        case "aws:wafv2/webAcl:WebAcl":
            answer = ask("wafv2", "list-web-acls", "--scope", inputs["scope"])
            for each in answer.get("WebACLs") or ():
                if each["Name"] == inputs["name"]:
                    yield f"{each['Id']}/{each['Name']}/{inputs['scope']}"
        case _:
            # The validation of a certificate is nothing in AWS: it waits, and the next update waits again.
            return


def _certificates(inputs: Mapping[str, Any], ask: Ask) -> Iterator[str]:
    """Those of the domain with our tag: the account may have others of the same domain."""
    # Without it only certificates with RSA keys are listed:
    # https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html
    answer = ask("acm", "list-certificates", "--includes", f"keyTypes={inputs['keyAlgorithm']}")
    for each in answer.get("CertificateSummaryList") or ():
        if each.get("DomainName") != inputs["domainName"]:
            continue
        arn = each["CertificateArn"]
        tags = ask("acm", "list-tags-for-certificate", "--certificate-arn", arn).get("Tags") or ()
        if {"Key": "Name", "Value": inputs["tags"]["Name"]} in tags:
            yield arn
