"""AWS WAF in front of the load balancer, and what is kept of the requests."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest

from components.parts.firewall import ONLY_COUNTED
from plan import Deployment, plan_stack
from tests.program.facts import DOOR, origins
from tests.program.grants import PEOPLE, VERBS, ask_bucket, bucket
from tests.program.judges.iam import Decision, Request, evaluate

ACL = "aws:wafv2/webAcl:WebAcl"
LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"
ORDER = [
    "execution-api",
    "logins",
    "requests",
    "reputation",
    "known-bad-inputs",
    "common",
    "urls-in-query",
]


def rules(deployment: Deployment) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in deployment.one(ACL).plain_inputs["rules"]}


def matches(statement: dict[str, Any], method: str, path: str) -> bool:
    """Whether WAF would find a request by a statement. Paths are normalised as `..` and `//` have no part in these."""
    match statement:
        case {"andStatement": both}:
            return all(matches(each, method, path) for each in both["statements"])
        case {"orStatement": either}:
            return any(matches(each, method, path) for each in either["statements"])
        case {"byteMatchStatement": found}:
            value = method if "method" in found["fieldToMatch"] else path
            kinds = [each["type"] for each in sorted(found["textTransformations"], key=lambda each: each["priority"])]
            value = unquote(value) if "URL_DECODE" in kinds else value
            wanted = found["searchString"]
            return value == wanted if found["positionalConstraint"] == "EXACTLY" else value.startswith(wanted)
        case _:
            raise LookupError(str(statement))


def test_requests_meet_the_rules_in_this_order(prod: Deployment) -> None:
    """Limits come first: what AWS's own groups let through is counted too. Whatever nobody refuses is let in."""
    acl = prod.one(ACL).plain_inputs
    assert [each["name"] for each in sorted(acl["rules"], key=lambda each: each["priority"])] == ORDER
    assert len({each["priority"] for each in acl["rules"]}) == len(ORDER)
    assert (acl["scope"], acl["defaultAction"]) == ("REGIONAL", {"allow": {}})
    for rule in acl["rules"]:
        assert [rule.get("action"), rule.get("overrideAction")] in ([{"block": {}}, None], [None, {"none": {}}])


def test_the_firewall_stands_before_the_load_balancer(prod: Deployment) -> None:
    """One of each; of a replacement the old one goes first, or its deletion would take the new one away."""
    association = prod.one(ASSOCIATION)
    assert origins(association, "resourceArn") == {"alisio-prod"}
    assert origins(association, "webAclArn") == {"alisio-prod-firewall"}
    assert association.delete_before_replace is True


@pytest.mark.parametrize(
    ("method", "path", "counted"),
    [
        ("POST", "/auth/token", True),
        ("POST", "/auth/token/cli", True),
        ("POST", "/auth/%74oken", True),
        ("POST", "/auth/login/", True),
        ("GET", "/auth/login/", False),
        ("POST", "/api/v2/dags/a/dagRuns", False),
    ],
)
def test_tries_at_passwords_are_counted(prod: Deployment, method: str, path: str, *, counted: bool) -> None:
    """Twenty a minute from one address: Airflow counts none at /auth/token. Encoded paths count too."""
    limit = rules(prod)["logins"]["statement"]["rateBasedStatement"]
    assert (limit["limit"], limit["evaluationWindowSec"], limit["aggregateKeyType"]) == (20, 60, "IP")
    assert matches(limit["scopeDownStatement"], method, path) is counted


def test_an_office_may_look_at_airflow(prod: Deployment) -> None:
    """The other limit is generous, and both are settings."""
    limit = rules(prod)["requests"]["statement"]["rateBasedStatement"]
    assert (limit["limit"], limit["evaluationWindowSec"]) == (20_000, 300)
    waf = {"requestsPerFiveMinutes": 500, "loginsPerMinute": 10}
    other = rules(plan_stack("dev", config_overrides={"ingress": {**DOOR, "waf": waf}}))
    assert [other[each]["statement"]["rateBasedStatement"]["limit"] for each in ("requests", "logins")] == [500, 10]


def test_what_airflow_s_clients_send_is_not_refused(prod: Deployment) -> None:
    """No rule on bodies blocks: runs have large settings, connections have addresses, notes have HTML."""
    groups = {
        each["statement"]["managedRuleGroupStatement"]["name"]: each["statement"]["managedRuleGroupStatement"]
        for each in rules(prod).values()
        if "managedRuleGroupStatement" in each["statement"]
    }
    assert set(groups) == {
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesCommonRuleSet",
    }
    overrides = groups["AWSManagedRulesCommonRuleSet"]["ruleActionOverrides"]
    assert {each["name"] for each in overrides} == set(ONLY_COUNTED)
    assert all(each["actionToUse"] == {"count": {}} for each in overrides)
    assert {"SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericRFI_BODY"} <= set(ONLY_COUNTED)


@pytest.mark.parametrize(
    ("path", "hidden"), [("/execution/x", True), ("/%65xecution", True), ("/api/v2/dags", False), ("/", False)]
)
def test_the_execution_api_is_hidden_however_it_is_written(prod: Deployment, path: str, *, hidden: bool) -> None:
    """The listener's own rule does not decode paths, and Airflow does."""
    assert matches(rules(prod)["execution-api"]["statement"], "GET", path) is hidden


def test_the_log_of_refusals_holds_no_secret(prod: Deployment) -> None:
    """Tokens, cookies and queries are taken out, and no samples are kept; the log is encrypted and ends."""
    logging = prod.one(LOGGING).plain_inputs
    assert logging["redactedFields"] == [
        {"singleHeader": {"name": "authorization"}},
        {"singleHeader": {"name": "cookie"}},
        {"queryString": {}},
    ]
    acl = prod.one(ACL).plain_inputs
    metrics = [acl["visibilityConfig"], *(each["visibilityConfig"] for each in acl["rules"])]
    assert {each["sampledRequestsEnabled"] for each in metrics} == {False}
    assert {each["cloudwatchMetricsEnabled"] for each in metrics} == {True}
    group = prod.one("aws:cloudwatch/logGroup:LogGroup", "alisio-prod-firewall-logs").plain_inputs
    assert logging["logDestinationConfigs"] == [
        prod.one("aws:cloudwatch/logGroup:LogGroup", "alisio-prod-firewall-logs").outputs["arn"]
    ]
    assert group["name"].startswith("aws-waf-logs-")
    assert group["retentionInDays"] == 90
    assert group["kmsKeyId"] == prod.one("aws:kms/key:Key", "alisio-prod-firewall").outputs["arn"]


def test_access_logs_are_written_by_the_load_balancer_and_read_by_people(prod: Deployment) -> None:
    """AWS delivers logs of this account's load balancers and of nobody else's, and no pod reads, writes or deletes."""
    where = f"{bucket(prod, 'access-logs')}/AWSLogs/111122223333/elasticloadbalancing/a.log.gz"
    policy = prod.one("aws:s3/bucketPolicy:BucketPolicy", "alisio-prod-access-logs").plain_inputs["policy"]

    def delivers(resource: str, account: str) -> bool:
        source = f"arn:aws:elasticloadbalancing:eu-west-1:{account}:loadbalancer/app/alisio-prod/0123456789abcdef"
        context = {"aws:SourceArn": source, "s3:TlsVersion": "1.3"}
        request = Request(action="s3:PutObject", resource=resource, principal=DELIVERY, context=context)
        return evaluate(request, identity_policies=[], resource_policy=policy) is Decision.ALLOWED

    assert delivers(where, "111122223333")
    assert not delivers(where, "444455556666")
    assert not delivers(f"{bucket(prod, 'access-logs')}/other", "111122223333")
    roles = [
        each.name.removeprefix("alisio-prod-")
        for each in prod.of_type("aws:iam/role:Role")
        if each.name != "alisio-prod-eksClusterRole"
    ]
    assert "airflow-api-server" in roles
    context = {"s3:TlsVersion": "1.3"}
    for who in (*roles, *PEOPLE):
        allowed = {
            verb
            for verb, (action, _) in VERBS.items()
            if ask_bucket(prod, who, action, where, use="access-logs", context=context) is Decision.ALLOWED
        }
        people = {"deployer", "platform-admin"}
        if who in roles:
            assert allowed == set(), who
        else:
            assert ("r" in allowed, "d" in allowed) == (who in people, who in people), who


def test_access_logs_lie_in_a_bucket_of_their_own(prod: Deployment) -> None:
    """Encrypted in the one way that the load balancer knows, private, and for as long as the setting says."""
    name = "alisio-prod-access-logs"
    encryption = prod.one(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", name
    ).plain_inputs
    assert encryption["rules"] == [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]
    lifecycle = prod.one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", name).plain_inputs
    assert [each["expiration"] for each in lifecycle["rules"] if each["id"] == "expiry"] == [{"days": 90}]
    block = prod.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", name).plain_inputs
    assert [value for key, value in block.items() if key != "bucket"] == [True] * 4
    balancer = prod.one("aws:lb/loadBalancer:LoadBalancer")
    assert balancer.plain_inputs["accessLogs"] == {
        "bucket": prod.one("aws:s3/bucket:Bucket", name).outputs["bucket"],
        "enabled": True,
    }
    # AWS writes a test object when the load balancer is made.
    assert prod.one("aws:s3/bucketPolicy:BucketPolicy", name).urn in prod.upstream(balancer)


def test_without_the_firewall_nothing_of_it_is_there() -> None:
    """One setting takes it away, log and key included."""
    bare = plan_stack("dev", config_overrides={"ingress": {**DOOR, "waf": {"enabled": False}}})
    assert [each.name for each in bare.resources if "wafv2" in each.type or "firewall" in each.name] == []
