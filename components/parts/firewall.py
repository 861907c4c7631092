"""AWS WAF in front of a load balancer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pulumi_aws as aws
from pulumi import Input, ResourceOptions

from chart.listener import EXECUTION_API
from components.parts.encryption import encryption_key, log_group
from settings import Site
from settings.ingress import Waf

# The SDK nests the types of statements in each other without end, which takes pyright hours. A test looks at the keys.
Statement = Mapping[str, Any]
COMMON = "AWSManagedRulesCommonRuleSet"
# What Airflow's own clients send: DAG runs with large settings, connections with addresses and URLs, notes with HTML,
# and bare HTTP clients. No rule on bodies can stay, as the limit of 8 KB cannot be raised for a load balancer:
# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
ONLY_COUNTED = (
    "CrossSiteScripting_BODY",
    "EC2MetaDataSSRF_BODY",
    "GenericLFI_BODY",
    "GenericRFI_BODY",
    "NoUserAgent_HEADER",
    "SizeRestrictions_BODY",
    # Refused after all by a rule of ours, but for the way back from the identity provider.
    "GenericRFI_QUERYARGUMENTS",
)
RFI_IN_QUERY = "awswaf:managed:aws:core-rule-set:GenericRFI_QueryArguments"
LOGIN_RETURN = "/auth/oauth-authorized/"
"""The identity provider sends a browser back here, with URLs among the arguments."""
LOGINS = ("/auth/token", "/auth/login")
"""Where passwords and tokens are tried."""


def firewall(name: str, settings: Waf, site: Site, *, resource_arn: Input[str], opts: ResourceOptions) -> None:
    """Let AWS WAF look at each request, and record what it refuses, without cookies, tokens and queries."""
    acl = aws.wafv2.WebAcl(
        name,
        scope="REGIONAL",
        description="In front of Airflow",
        default_action={"allow": {}},
        rules=cast("Any", firewall_rules(settings)),
        visibility_config=_metrics("all"),
        opts=opts,
    )
    key = encryption_key(name, "Log of the firewall", site, holds_state=False, opts=opts)
    # WAF takes names with this beginning only:
    # https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
    logs = log_group(f"{name}-logs", f"aws-waf-logs-{name}", days=settings.log_days, key=key, opts=opts)
    aws.wafv2.WebAclLoggingConfiguration(
        name,
        resource_arn=acl.arn,
        log_destination_configs=[logs.arn],
        logging_filter={
            "default_behavior": "DROP",
            "filters": [
                {
                    "behavior": "KEEP",
                    "requirement": "MEETS_ANY",
                    "conditions": [{"action_condition": {"action": action}} for action in ("BLOCK", "COUNT")],
                }
            ],
        },
        redacted_fields=[
            {"single_header": {"name": "authorization"}},
            {"single_header": {"name": "cookie"}},
            # Of a login: code and state.
            {"query_string": {}},
        ],
        opts=opts,
    )
    aws.wafv2.WebAclAssociation(
        name,
        resource_arn=resource_arn,
        web_acl_arn=acl.arn,
        # A load balancer has one. The old one's deletion would take the new one away (pulumi/pulumi-aws 4782).
        opts=ResourceOptions.merge(opts, ResourceOptions(delete_before_replace=True)),
    )


def firewall_rules(settings: Waf) -> list[dict[str, Any]]:
    """The rules in the order in which a request meets them."""
    tries: Statement = {
        "and_statement": {
            "statements": [
                {"or_statement": {"statements": [_path_begins(each) for each in LOGINS]}},
                _matches({"method": {}}, "EXACTLY", "POST", "NONE"),
            ]
        }
    }
    not_on_return: Statement = {
        "and_statement": {
            "statements": [
                {"label_match_statement": {"scope": "LABEL", "key": RFI_IN_QUERY}},
                {"not_statement": {"statement": _path_begins(LOGIN_RETURN)}},
            ]
        }
    }
    return [
        # The listener refuses it too, but does not know %65 for e. Airflow does.
        _own(0, "execution-api", _path_begins(EXECUTION_API)),
        _own(
            1,
            "logins",
            {
                "rate_based_statement": {
                    "limit": settings.logins_per_minute,
                    "aggregate_key_type": "IP",
                    "evaluation_window_sec": 60,
                    "scope_down_statement": tries,
                }
            },
        ),
        _own(
            2,
            "requests",
            {
                "rate_based_statement": {
                    "limit": settings.requests_per_five_minutes,
                    "aggregate_key_type": "IP",
                    "evaluation_window_sec": 300,
                }
            },
        ),
        _managed(3, "reputation", "AWSManagedRulesAmazonIpReputationList"),
        _managed(4, "known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet"),
        _managed(5, "common", COMMON, only_counted=ONLY_COUNTED),
        _own(6, "urls-in-query", not_on_return),
    ]


def _metrics(name: str) -> aws.wafv2.WebAclVisibilityConfigArgsDict:
    # Samples show whole requests to everybody who may look at the console, cookies and tokens included.
    return {"cloudwatch_metrics_enabled": True, "metric_name": name, "sampled_requests_enabled": False}


def _own(priority: int, name: str, statement: Statement) -> dict[str, Any]:
    return {
        "name": name,
        "priority": priority,
        "action": {"block": {}},
        "statement": statement,
        "visibility_config": _metrics(name),
    }


def _managed(priority: int, name: str, group: str, *, only_counted: Sequence[str] = ()) -> dict[str, Any]:
    return {
        "name": name,
        "priority": priority,
        "override_action": {"none": {}},
        "statement": {
            "managed_rule_group_statement": {
                "vendor_name": "AWS",
                "name": group,
                "rule_action_overrides": [{"name": each, "action_to_use": {"count": {}}} for each in only_counted],
            }
        },
        "visibility_config": _metrics(name),
    }


def _path_begins(text: str) -> Statement:
    """The path as Airflow reads it: /auth/%74oken is /auth/token."""
    return _matches({"uri_path": {}}, "STARTS_WITH", text, "URL_DECODE", "NORMALIZE_PATH")


def _matches(
    field: Mapping[str, Any],
    how: str,
    text: str,
    *transformations: str,
) -> Statement:
    return {
        "byte_match_statement": {
            "field_to_match": field,
            "positional_constraint": how,
            "search_string": text,
            "text_transformations": [{"priority": place, "type": each} for place, each in enumerate(transformations)],
        }
    }
