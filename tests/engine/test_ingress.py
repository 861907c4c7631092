"""The way in from outside: opened, changed and closed again, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from settings.stack_file import read_yaml
from tests.engine.events import UNTOUCHED, Outcome
from tests.engine.faults import Fault
from tests.engine.stage import Stage

pytestmark = pytest.mark.engine

STACK = "dev"
PROTECTED = "prod"
DOOR = {
    "domain": "airflow.corp.net",
    "publicZoneId": "Z0123456789",
    "scheme": "internetFacing",
    "allowedCidrs": ["198.18.0.0/15"],
}
AIRFLOW = {"helm.sh/v3:Release airflow"}
"""It is told its address and whom to believe."""
REPLACED = ("create-replacement", "delete-replaced", "replace")
# Each is made before the old one goes; but of the name of the proof, which is another one anyhow.
CERTIFICATE = {
    "acm/certificate:Certificate certificate",
    "acm/certificateValidation:CertificateValidation certificate",
    "route53/record:Record certificate-validation",
}
FIREWALL = {
    "cloudwatch/logGroup:LogGroup firewall-logs",
    "kms/alias:Alias firewall",
    "kms/key:Key firewall",
    "wafv2/webAcl:WebAcl firewall",
    "wafv2/webAclAssociation:WebAclAssociation firewall",
    "wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration firewall",
}
LISTENERS = {
    "lb/listener:Listener http",
    "lb/listener:Listener https",
    "lb/listenerRule:ListenerRule airflow",
    "lb/listenerRule:ListenerRule execution-api",
}
# Setting -> value, and what is touched.
CHANGES: dict[str, tuple[dict[str, Any], dict[str, set[str]]]] = {
    "other networks": (
        {"allowedCidrs": ["198.18.0.0/16"]},
        {
            op: {
                f"vpc/securityGroupIngressRule:SecurityGroupIngressRule {each}-from-{cidr}"
                for each in ("http", "https")
            }
            for op, cidr in (("create", "198.18.0.0/16"), ("delete", "198.18.0.0/15"))
        },
    ),
    "another domain": (
        {"domain": "flows.corp.net"},
        {
            **dict.fromkeys(REPLACED, CERTIFICATE | {"route53/record:Record name"}),
            "update": AIRFLOW | LISTENERS - {"lb/listenerRule:ListenerRule execution-api"},
        },
    ),
    # A target group serves one load balancer, so the old one goes first, with all that belongs to it.
    "private addresses": (
        {"scheme": "internal"},
        {
            **dict.fromkeys(
                REPLACED,
                LISTENERS | {"lb/loadBalancer:LoadBalancer ", "wafv2/webAclAssociation:WebAclAssociation firewall"},
            ),
            "update": {"route53/record:Record name"},
        },
    ),
    "no firewall": ({"waf": {"enabled": False}}, {"delete": FIREWALL}),
    "another limit": ({"waf": {"loginsPerMinute": 30}}, {"update": {"wafv2/webAcl:WebAcl firewall"}}),
    "longer access logs": (
        {"accessLogDays": 365},
        {"update": {"s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration access-logs"}},
    ),
    "a certificate of one's own": (
        {"certificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"},
        {"delete": CERTIFICATE, "update": {"lb/listener:Listener https"}},
    ),
}


def touched(outcome: Outcome, stack: str = STACK) -> dict[str, set[str]]:
    """What is not left alone, by operation: the kind and the name without the stack's prefix."""
    found: dict[str, set[str]] = {}
    for step in outcome.steps:
        if step.custom and step.op not in UNTOUCHED and not step.type.startswith("pulumi:"):
            name = step.name.removeprefix(f"alisio-{stack}").removeprefix("-")
            found.setdefault(step.op, set()).add(f"{step.type.partition(':')[2]} {name}")
    return found


def settle(stage: Stage, ingress: dict[str, Any] | None, stack: str = STACK) -> Outcome:
    """Put these settings of the load balancer, or none, and bring them about."""
    stage.project.configure(stack, {"alisio:ingress": ingress})
    outcome = stage.engine.up(stack)
    assert outcome.code == 0, outcome.output
    return outcome


BALANCER = "aws:lb/loadBalancer:LoadBalancer"
RULE_AT_THE_NODES = (
    "urn:pulumi:prod::alisio::alisio:aws:AirflowCluster$aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    "::alisio-prod-from-load-balancer"
)


# The door has alarms of its own, which come, change and go with it, and so does the dashboard. Here they would stand in
# every line; the test of the protected stack has them.
WITHOUT_ALARMS = {"alisio:monitoring.alarms": False}
DOOR_ALARMS = {f"monitoring-{what}" for what in ("certificate-expires", "door-closed", "door-errors", "door-slow")}


def urns(stage: Stage) -> set[str]:
    return {thing.urn for thing in stage.world.cloud.things}


def below_ingress(urn: str) -> bool:
    return "alisio:aws:Ingress$" in urn


def alarm_of_door(urn: str) -> bool:
    return urn.rpartition("::alisio-prod-")[2] in DOOR_ALARMS


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory, pulumi: None) -> Iterator[Stage]:  # noqa: ARG001
    """The stack `dev`, which has no load balancer."""
    with Stage(tmp_path_factory.mktemp("closed"), stack=STACK, checkpoints=False) as started:
        started.engine.init(STACK)
        started.project.configure(STACK, WITHOUT_ALARMS)
        settle(started, None)
        yield started


def test_it_opens_and_closes_and_nothing_else_changes(life: Stage) -> None:
    """To open it makes the load balancer with its parts and one rule at the nodes, and updates Airflow and the
    api-server's network policy. To close it takes away just these, and updates the same two back.
    """
    closed = urns(life)
    opened = touched(settle(life, DOOR))
    made = urns(life) - closed
    assert all(below_ingress(each) or each.endswith("::alisio-dev-from-load-balancer") for each in made)
    assert opened.keys() == {"create", "update"}
    assert len(opened["create"]) == len(made)
    policy = {each for each in opened["update"] if "NetworkPolicy" in each}
    assert opened["update"] == AIRFLOW | policy
    assert len(policy) == 1
    again = life.engine.preview(STACK)
    assert set(again.changes) == {"same"}, again.output

    shut = touched(settle(life, None))
    assert shut == {"delete": opened["create"], "update": opened["update"]}
    assert urns(life) == closed


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_touches_what_it_is_about(life: Stage, what: str) -> None:
    """No other resource is updated, replaced or deleted; back again, all is as before."""
    settings, expected = CHANGES[what]
    settle(life, DOOR)
    before = urns(life)
    changed = settle(life, {**DOOR, **settings})
    assert touched(changed) == expected
    settle(life, DOOR)
    assert urns(life) == before


def test_a_refusal_on_the_way_is_no_dead_end(life: Stage) -> None:
    """A certificate that cannot be validated yet leaves the stack as it was: the next update goes on, or closes it."""
    settle(life, None)
    closed = urns(life)
    kind = "aws:acm/certificateValidation:CertificateValidation"
    life.project.configure(STACK, {"alisio:ingress": DOOR})
    for following in (DOOR, None):
        life.project.configure(STACK, {"alisio:ingress": DOOR})
        life.world.faults.add(Fault(type=kind, fails="timeout while waiting for state to become 'ISSUED'"))
        outcome = life.engine.up(STACK)
        assert outcome.code != 0
        assert {step.type for step in outcome.failed} == {kind}
        settle(life, following)
        assert {each for each in urns(life) if not below_ingress(each)} >= closed
        settle(life, None)
        assert urns(life) == closed


def test_destroy_with_the_door_open_leaves_nothing(tmp_path_factory: pytest.TempPathFactory, pulumi: None) -> None:  # noqa: ARG001
    """The cloud refuses to delete what is still used, so the order is right too."""
    with Stage(tmp_path_factory.mktemp("open"), stack=STACK, checkpoints=False) as stage:
        stage.engine.init(STACK)
        settle(stage, DOOR)
        outcome = stage.engine.destroy(STACK)
        assert outcome.code == 0, outcome.output
        assert stage.world.cloud.things == []
        assert stage.engine.resources(STACK) == []


def test_a_protected_load_balancer_is_closed_on_purpose_only(
    tmp_path_factory: pytest.TempPathFactory,
    pulumi: None,  # noqa: ARG001
) -> None:
    """To take the domain away, or to change the scheme, fails, and the load balancer stays, with its address.
    With the settings as before, `up` makes it whole. A setting and an `up` make the way free. The rest of the
    stack stays protected all along.
    """
    with Stage(tmp_path_factory.mktemp("protected"), stack=PROTECTED, checkpoints=False) as stage:
        stage.engine.init(PROTECTED)
        assert stage.engine.up(PROTECTED).code == 0
        before = urns(stage)
        (balancer,) = stage.world.cloud.of_type(BALANCER)
        settings = read_yaml(stage.project.stack_file(PROTECTED))["config"]["alisio:ingress"]
        for refused in (None, {**settings, "scheme": "internal"}):
            stage.project.configure(PROTECTED, {"alisio:ingress": refused})
            outcome = stage.engine.up(PROTECTED)
            assert outcome.code != 0
            assert "protect" in outcome.output
            gone = {each for each in before - urns(stage) if not below_ingress(each) and not alarm_of_door(each)}
            assert gone <= {RULE_AT_THE_NODES}
            settle(stage, settings, PROTECTED)
            assert urns(stage) == before
            assert stage.world.cloud.of_type(BALANCER) == [balancer]
        settle(stage, {**settings, "deletionProtection": False}, PROTECTED)
        closed = touched(settle(stage, None, PROTECTED), PROTECTED)
        assert closed.keys() == {"delete", "update"}
        assert {each.rpartition(" ")[2] for each in closed["delete"] if "metricAlarm" in each} == DOOR_ALARMS
        left = urns(stage)
        assert {each for each in left if below_ingress(each)} == {
            each for each in before if below_ingress(each) and "aws:s3/" in each and "Logging" not in each
        }
        stage.world.journal.clear()
        assert stage.engine.destroy(PROTECTED).code != 0
        assert stage.world.journal.of("Delete") == []
        assert urns(stage) == left
