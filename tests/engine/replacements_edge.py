"""Of AWS resource types for access from outside: the properties that force a replacement.

The sources are those of `replacements_aws`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from tests.engine.forcing import Change, Forcing, When, comes_or_goes, falls, loses_items


def _of_network(holds: Callable[[Change], bool]) -> Callable[[Change], bool]:
    return lambda change: change.new.get("loadBalancerType") == "network" and holds(change)


EDGE: Final[Mapping[str, tuple[Forcing, ...]]] = {
    # acm/certificate.go: certificates that are brought along are imported again, in place.
    "aws:acm/certificate:Certificate": (
        *("certificateAuthorityArn", "domainName", "keyAlgorithm", "subjectAlternativeNames", "validationMethod"),
        "validationOptions",
    ),
    "aws:acm/certificateValidation:CertificateValidation": ("certificateArn", "validationRecordFqdns"),
    "aws:cognito/managedLoginBranding:ManagedLoginBranding": ("assets", "clientId", "userPoolId"),
    "aws:cognito/userGroup:UserGroup": ("name", "userPoolId"),
    # cognitoidp/user_pool.go: attributes can come in `schemas`; to change one, or to give one up, is refused. That
    # `smsConfiguration` is given up is passed over.
    "aws:cognito/userPool:UserPool": ("aliasAttributes", "name", "usernameAttributes", "usernameConfiguration"),
    "aws:cognito/userPoolClient:UserPoolClient": ("generateSecret", "userPoolId"),
    # The new one may be refused for as long as the old one's distribution is on its way out, while another certificate
    # is an update: https://github.com/pulumi/pulumi-aws/issues/998,
    # https://github.com/hashicorp/terraform-provider-aws/pull/30066
    "aws:cognito/userPoolDomain:UserPoolDomain": ("domain", "userPoolId"),
    "aws:lb/listener:Listener": ("loadBalancerArn",),
    # elbv2/listener_rule.go: another priority is an update.
    "aws:lb/listenerRule:ListenerRule": ("listenerArn",),
    # elbv2/load_balancer.go (CustomizeDiff): for an application load balancer all of these are updates.
    "aws:lb/loadBalancer:LoadBalancer": (
        *("customerOwnedIpv4Pool", "internal", "loadBalancerType", "name", "namePrefix"),
        When("secondaryIpsAutoAssignedPerSubnet", _of_network(falls)),
        When("securityGroups", _of_network(comes_or_goes)),
        When("subnets", _of_network(loses_items)),
    ),
    # `targetControlPort`: https://github.com/hashicorp/terraform-provider-aws/pull/45270
    "aws:lb/targetGroup:TargetGroup": (
        *("ipAddressType", "name", "namePrefix", "port", "protocol", "protocolVersion", "targetControlPort"),
        *("targetType", "vpcId"),
    ),
    # route53/record.go: another type or set identifier is deleted and made anew within an update.
    "aws:route53/record:Record": ("name", "zoneId"),
    "aws:wafv2/webAcl:WebAcl": ("name", "namePrefix", "scope"),
    # The new one takes the old one's place, whose deletion then takes it away, and the provider does not delete the old
    # one first: a program must say `delete_before_replace`. https://github.com/pulumi/pulumi-aws/issues/4782
    "aws:wafv2/webAclAssociation:WebAclAssociation": ("resourceArn", "webAclArn"),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": ("logDestinationConfigs", "resourceArn"),
}
