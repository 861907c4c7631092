"""NetworkPolicies: each selector, peer, port and direction decides what it should, and AWS's trap is reported."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from .manifests import pod_templates
from .reachability import Address, Endpoint, Pod, Policies, Target

WEB = Pod(namespace="airflow", labels={"app": "web", "tier": "airflow"}, ports={"http": (8080, "TCP")}, ip="10.0.1.5")
JOB = Pod(namespace="airflow", labels={"app": "job", "tier": "airflow"}, ip="10.0.2.9")
KEDA = Pod(namespace="keda", labels={"app": "operator"}, namespace_labels={"team": "platform"})
DATABASE = Address("10.0.8.4")
OUTSIDE = Address("93.184.216.34")
DENY_ALL: dict[str, Any] = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def policy(spec: dict[str, Any], *, name: str = "p", namespace: str = "airflow") -> dict[str, Any]:
    return {"kind": "NetworkPolicy", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def ingress(*rules: dict[str, Any], pods: dict[str, Any] | None = None) -> Policies:
    return Policies([policy({"podSelector": pods or {}, "policyTypes": ["Ingress"], "ingress": list(rules)})])


def egress(*rules: dict[str, Any]) -> Policies:
    return Policies([policy({"podSelector": {}, "policyTypes": ["Egress"], "egress": list(rules)})])


def test_without_a_policy_everybody_talks() -> None:
    """A pod that no policy selects is open both ways."""
    policies = Policies([])
    assert policies.allowed(JOB, WEB, 8080)
    assert policies.allowed(OUTSIDE, WEB, 1, "UDP")
    assert not policies.isolated(WEB, "Ingress")


@pytest.mark.parametrize(
    ("source", "destination"), [(JOB, WEB), (KEDA, WEB), (WEB, KEDA), (OUTSIDE, WEB), (WEB, OUTSIDE)]
)
def test_default_deny_closes_both_directions(source: Endpoint, destination: Endpoint) -> None:
    """An empty policy denies everything into and out of its namespace, and nothing elsewhere."""
    policies = Policies([policy(DENY_ALL)])
    assert not policies.allowed(source, destination, 443)
    assert policies.allowed(KEDA, OUTSIDE, 443)
    assert policies.isolated(WEB, "Ingress")
    assert policies.isolated(WEB, "Egress")


def test_both_ends_must_allow() -> None:
    """Egress of the source without ingress of the destination is not enough, nor the reverse."""
    out = policy(
        {"podSelector": {"matchLabels": {"app": "job"}}, "policyTypes": ["Egress"], "egress": [{}]}, name="out"
    )
    into = policy({"podSelector": {"matchLabels": {"app": "web"}}, "ingress": [{}]}, name="into")
    deny = policy(DENY_ALL, name="deny")
    assert not Policies([deny, out]).allowed(JOB, WEB, 8080)
    assert not Policies([deny, into]).allowed(JOB, WEB, 8080)
    assert Policies([deny, out, into]).allowed(JOB, WEB, 8080)
    assert not Policies([deny, out, into]).allowed(WEB, JOB, 8080)


def test_policy_types_default_as_in_kubernetes() -> None:
    """Without policyTypes a policy isolates ingress, and egress only when it has egress rules."""
    plain = Policies([policy({"podSelector": {}})])
    assert plain.isolated(WEB, "Ingress")
    assert not plain.isolated(WEB, "Egress")
    assert Policies([policy({"podSelector": {}, "egress": [{}]})]).isolated(WEB, "Egress")


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ({}, True),
        ({"matchLabels": {"app": "job"}}, True),
        ({"matchLabels": {"app": "job", "tier": "x"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["job", "x"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["x"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["job"]}]}, False),
        ({"matchExpressions": [{"key": "none", "operator": "NotIn", "values": ["job"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "none", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, False),
        ({"matchLabels": {"app": "job"}, "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, False),
    ],
)
def test_selectors(selector: dict[str, Any], *, selected: bool) -> None:
    """Labels and expressions must all match; NotIn also matches a label that is not there."""
    assert ingress({"from": [{"podSelector": selector}]}).allowed(JOB, WEB, 8080) == selected
    assert Policies([policy({"podSelector": selector})]).isolated(JOB, "Ingress") == selected


def test_an_unknown_selector_operator_is_an_error() -> None:
    """A misspelt operator is told, not taken for a mismatch."""
    rule = {"from": [{"podSelector": {"matchExpressions": [{"key": "app", "operator": "in", "values": ["job"]}]}}]}
    with pytest.raises(ValueError, match="app: unknown operator 'in'"):
        ingress(rule).allowed(JOB, WEB, 8080)


@pytest.mark.parametrize(
    ("peer", "from_job", "from_keda"),
    [
        ({"podSelector": {}}, True, False),
        ({"namespaceSelector": {}}, True, True),
        ({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "keda"}}}, False, True),
        ({"namespaceSelector": {"matchLabels": {"team": "platform"}}}, False, True),
        ({"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "operator"}}}, False, True),
        (
            {
                "namespaceSelector": {"matchLabels": {"team": "platform"}},
                "podSelector": {"matchLabels": {"app": "job"}},
            },
            False,
            False,
        ),
        ({"ipBlock": {"cidr": "10.0.2.0/24"}}, True, False),
        ({"ipBlock": {"cidr": "10.0.0.0/16", "except": ["10.0.2.0/24"]}}, False, False),
    ],
)
def test_peers(peer: dict[str, Any], *, from_job: bool, from_keda: bool) -> None:
    """A pod selector alone means the policy's own namespace; together with a namespace selector both must match."""
    policies = ingress({"from": [peer]})
    assert policies.allowed(JOB, WEB, 8080) == from_job
    assert policies.allowed(KEDA, WEB, 8080) == from_keda
    assert not policies.allowed(OUTSIDE, WEB, 8080)


def test_address_ranges_and_their_exceptions() -> None:
    """An ipBlock allows its range without the excepted ones, and no other address family."""
    policies = egress({"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/16"]}}]})
    assert policies.allowed(JOB, OUTSIDE, 443)
    assert not policies.allowed(JOB, DATABASE, 443)
    assert not policies.allowed(JOB, Address("2001:db8::1"), 443)


@pytest.mark.parametrize(
    ("ports", "port", "protocol", "allowed"),
    [
        ([], 9, "UDP", True),
        ([{"port": 5432}], 5432, "TCP", True),
        ([{"port": 5432}], 5432, "UDP", False),
        ([{"port": 5432}], 5433, "TCP", False),
        ([{"port": 53, "protocol": "UDP"}], 53, "UDP", True),
        ([{"protocol": "UDP"}], 9, "UDP", True),
        ([{"protocol": "UDP"}], 9, "TCP", False),
        ([{"port": 100, "endPort": 200}], 200, "TCP", True),
        ([{"port": 100, "endPort": 200}], 201, "TCP", False),
        ([{"port": "http"}], 8080, "TCP", True),
        ([{"port": "http"}], 8081, "TCP", False),
        ([{"port": "other"}], 8080, "TCP", False),
        ([{"port": 1}, {"port": 2}], 2, "TCP", True),
    ],
)
def test_ports(ports: list[dict[str, Any]], port: int, protocol: str, *, allowed: bool) -> None:
    """Ports match by number, range or the destination's port name, TCP unless said; no ports means all of them."""
    assert ingress({"ports": ports}).allowed(JOB, WEB, port, protocol) == allowed
    assert egress({"ports": ports}).allowed(JOB, WEB, port, protocol) == allowed


def test_a_port_name_means_nothing_at_an_address() -> None:
    """An outside address has no named ports."""
    assert not egress({"ports": [{"port": "http"}]}).allowed(JOB, DATABASE, 8080)


def test_a_pod_comes_from_its_workload() -> None:
    """Labels, namespace and port names of a rendered workload are those the policies see."""
    container = {"name": "c", "ports": [{"name": "http", "containerPort": 8080}]}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    deployment = {"kind": "Deployment", "metadata": {"name": "w"}, "spec": {"template": template}}
    (found,) = pod_templates([deployment], namespace="airflow")
    pod = Pod.of(found, ip="10.0.1.5")
    assert ingress({"ports": [{"port": "http"}]}, pods={"matchLabels": {"app": "web"}}).allowed(JOB, pod, 8080)
    assert pod.ip == "10.0.1.5"


def test_the_matrix_reads_like_a_table() -> None:
    """Rows are sources and columns destinations, so that a test can hold the whole picture."""
    rules = [{"to": [{"ipBlock": {"cidr": "10.0.8.0/24"}}], "ports": [{"port": 5432}]}]
    spec = {"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Egress"], "egress": rules}
    policies = Policies([policy(DENY_ALL), policy(spec, name="to-database")])
    columns = {"database:5432": Target(DATABASE, 5432), "database:53/udp": Target(DATABASE, 53, "UDP")}
    expected = """\
              database:5432  database:53/udp
        web   x              .
        job   .              .
        keda  x              x"""
    assert policies.matrix({"web": WEB, "job": JOB, "keda": KEDA}, columns) == dedent(expected)


ELSEWHERE = {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/16", "169.254.169.254/32"]}}]}


MASKED: list[tuple[dict[str, Any], list[str]]] = [
    ({"ports": [{"port": 53}]}, ["10.0.0.0/16", "169.254.169.254/32"]),
    ({"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": 53}]}, ["10.0.0.0/16"]),
    ({"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/16"]}}]}, []),
    ({"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/15"]}}]}, ["10.0.0.0/15"]),
    ({"to": [{"ipBlock": {"cidr": "10.0.0.0/16"}}]}, []),
    ({"to": [{"ipBlock": {"cidr": "10.0.8.0/24"}}], "ports": [{"port": 5432}]}, []),
    ({"to": [{"ipBlock": {"cidr": "192.168.0.0/16"}}]}, []),
    ({"to": [{"ipBlock": {"cidr": "::/0"}}]}, []),
    ({"to": [{"namespaceSelector": {}}]}, []),
]


@pytest.mark.parametrize(("rule", "masked"), MASKED)
def test_an_exception_that_cuts_another_rule_is_reported(rule: dict[str, Any], masked: list[str]) -> None:
    """AWS drops an excepted range also where a wider rule of the same pod allows it; a narrower one gets through."""
    both = egress(ELSEWHERE, rule)
    assert [found.excepted for found in both.except_overlaps({"job": JOB})] == masked
    # The same in two policies: the agent joins all policies of a pod.
    first = policy({"podSelector": {}, "policyTypes": ["Egress"], "egress": [ELSEWHERE]}, name="elsewhere")
    spec = {"podSelector": {"matchLabels": {"app": "job"}}, "policyTypes": ["Egress"], "egress": [rule]}
    split = Policies([first, policy(spec, name="other")])
    assert [found.excepted for found in split.except_overlaps({"job": JOB})] == masked
    assert split.except_overlaps({"web": WEB}) == [], "the second policy does not select this pod"


def test_an_overlap_tells_who_cuts_whom() -> None:
    """The report names the pod, both policies and both ranges."""
    (found, *_) = egress(ELSEWHERE, {"ports": [{"port": 53}]}).except_overlaps({"job": JOB})
    assert str(found) == "job: Egress: p excepts 10.0.0.0/16, which p allows by 0.0.0.0/0"
