"""Who may connect to what under the network policies of the program: the list of docs/architecture.md, as tables."""

from __future__ import annotations

from typing import Any

import pytest

from plan import Deployment, plan_stack
from tests.program.conftest import planned
from tests.program.facts import EXISTING_NETWORK, SIGN_ON, USER_POOL
from tests.program.judges.network_rules import Address, Pod
from tests.program.judges.reachability import Policies, Target
from tests.program.rendered import airflow_pods, keda_pods

NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
STACKS = pytest.mark.parametrize("name", ["dev", "prod"])
PORTS = (22, 80, 443, 5432, 5555, 6379, 8080, 8125, 8793, 8794, 8974, 9090, 10250, 15432)
POD_IP = "10.0.8.8"
"""On AWS a pod has an address of a private subnet."""


def pod(component: str, **labels: str) -> Pod:
    """A pod of Airflow's chart; test_every_pod_of_the_chart_is_in_the_tables ties these labels to the real ones."""
    return Pod(
        namespace="airflow",
        labels={"tier": "airflow", "release": "airflow", "component": component, **labels},
        ip=POD_IP,
    )


def keda(app: str) -> Pod:
    return Pod(namespace="keda", labels={"app": f"keda-{app}"}, ip=POD_IP)


AIRFLOW = {
    "api-server": pod("api-server"),
    "dag-processor": pod("dag-processor"),
    "flower": pod("flower"),
    "scheduler": pod("scheduler"),
    "triggerer": pod("triggerer"),
    "worker-main": pod("worker", **{"worker-set": "main"}),
    "worker-bulk": pod("worker", **{"worker-set": "bulk"}),
    "migration": pod("run-airflow-migrations"),
    "create-user": pod("create-user-job"),
    "cleanup": pod("database-cleanup"),
    "stranger": Pod(namespace="airflow", ip=POD_IP),
}
KEDA = {
    "keda-operator": keda("operator"),
    "keda-metrics": keda("operator-metrics-apiserver"),
    "keda-webhooks": keda("admission-webhooks"),
    "keda-stranger": Pod(namespace="keda", ip=POD_IP),
}
OUTSIDE = {
    "other-namespace": Pod(namespace="default", labels={"release": "airflow", "component": "scheduler"}),
    "node": Address("10.0.9.9"),
    "public-tier": Address("10.0.192.9"),
    "internet": Address("198.51.100.7"),
}
SERVICES = {
    "dns": Target(Address("172.20.0.10"), 53, "UDP"),
    "dns-tcp": Target(Address("172.20.0.10"), 53),
    "database": Target(Address("10.0.224.5"), 5432),
    "broker": Target(Address("10.0.224.5"), 6379),
    "identity": Target(Address("169.254.170.23"), 80),
    "aws": Target(Address("52.94.1.1"), 443),
    "sources": Target(Address("198.51.100.7"), 5432),
    "ssh": Target(Address("198.51.100.7"), 22),
    "http": Target(Address("198.51.100.7"), 80),
    "metadata": Target(Address("169.254.169.254"), 80),
    "data-443": Target(Address("10.0.224.5"), 443),
    "public-443": Target(Address("10.0.192.9"), 443),
}
AGENTS = {
    "agent": Target(Address("10.0.9.9"), 8125, "UDP"),
    "its-service": Target(Address("172.20.7.7"), 8125, "UDP"),
    "over-tcp": Target(Address("10.0.9.9"), 8125),
    "data-tier": Target(Address("10.0.224.5"), 8125, "UDP"),
    "internet": Target(Address("198.51.100.7"), 8125, "UDP"),
}
"""Where metrics go: an agent on each node, which has the node's address, by a Service."""
PODS = {
    "api": Target(AIRFLOW["api-server"], 8080),
    "flower-ui": Target(AIRFLOW["flower"], 5555),
    "worker-logs": Target(AIRFLOW["worker-main"], 8793),
    "triggerer-logs": Target(AIRFLOW["triggerer"], 8794),
    "scheduler-health": Target(AIRFLOW["scheduler"], 8974),
    "stranger-443": Target(AIRFLOW["stranger"], 443),
    "keda-grpc": Target(KEDA["keda-operator"], 9666),
    "keda-metrics": Target(KEDA["keda-metrics"], 6443),
    "keda-webhooks": Target(KEDA["keda-webhooks"], 9443),
    "kubernetes": Target(Address("172.20.0.1"), 443),
}
TO_SERVICES = """
                dns  dns-tcp  database  broker  identity  aws  sources  ssh  http  metadata  data-443  public-443
api-server      x    x        x         .       x         x    .        .    .     .         .         .
dag-processor   x    x        x         .       x         x    .        .    .     .         .         .
flower          x    x        .         x       .         .    .        .    .     .         .         .
scheduler       x    x        x         x       .         .    .        .    .     .         .         .
triggerer       x    x        x         .       x         x    x        .    .     .         .         .
worker-main     x    x        x         x       x         x    x        .    .     .         .         .
worker-bulk     x    x        x         x       x         x    x        .    .     .         .         .
migration       x    x        x         .       .         .    .        .    .     .         .         .
create-user     x    x        x         .       .         .    .        .    .     .         .         .
cleanup         x    x        x         .       .         .    .        .    .     .         .         .
stranger        x    x        .         .       .         .    .        .    .     .         .         .
keda-operator   x    x        x         .       .         .    .        .    .     .         x         x
keda-metrics    x    x        .         .       .         .    .        .    .     .         x         x
keda-webhooks   x    x        .         .       .         .    .        .    .     .         x         x
keda-stranger   x    x        .         .       .         .    .        .    .     .         x         x
"""
"""KEDA reaches 443 of the whole VPC: the Kubernetes API has addresses there that nobody knows beforehand."""
TO_AGENTS = """
                agent  its-service  over-tcp  data-tier  internet
api-server      x      x            .         .          .
dag-processor   x      x            .         .          .
flower          .      .            .         .          .
scheduler       x      x            .         .          .
triggerer       x      x            .         .          .
worker-main     x      x            .         .          .
worker-bulk     x      x            .         .          .
migration       .      .            .         .          .
create-user     .      .            .         .          .
cleanup         .      .            .         .          .
stranger        .      .            .         .          .
keda-operator   .      .            .         .          .
keda-metrics    .      .            .         .          .
keda-webhooks   .      .            .         .          .
keda-stranger   .      .            .         .          .
"""
TO_PODS = """
                 api  flower-ui  worker-logs  triggerer-logs  scheduler-health  stranger-443  keda-grpc  keda-metrics  keda-webhooks  kubernetes
api-server       .    .          x            x               .                 .             .          .             .              x
dag-processor    .    .          .            .               .                 .             .          .             .              x
flower           .    .          .            .               .                 .             .          .             .              .
scheduler        .    .          .            .               .                 .             .          .             .              .
triggerer        .    .          .            .               .                 .             .          .             .              x
worker-main      x    .          .            .               .                 .             .          .             .              x
worker-bulk      x    .          .            .               .                 .             .          .             .              x
migration        .    .          .            .               .                 .             .          .             .              .
create-user      .    .          .            .               .                 .             .          .             .              .
cleanup          .    .          .            .               .                 .             .          .             .              .
stranger         .    .          .            .               .                 .             .          .             .              .
keda-operator    .    .          .            .               .                 .             .          .             .              x
keda-metrics     .    .          .            .               .                 .             x          .             .              x
keda-webhooks    .    .          .            .               .                 .             .          .             .              x
keda-stranger    .    .          .            .               .                 .             .          .             .              x
other-namespace  .    .          .            .               .                 .             .          .             .              x
node             .    .          .            .               .                 .             .          x             x              x
public-tier      .    .          .            .               .                 .             .          x             x              x
internet         .    .          .            .               .                 .             .          .             .              x
"""  # noqa: E501
"""`kubernetes` is the API: those with a way to 443 reach it, but no pod of Airflow has a token for it. It asks KEDA's
metrics and webhooks from addresses of the VPC. That the last rows reach it is for its own access control."""


GOES_OUT = ("api-server", "dag-processor", "triggerer", "worker-main", "worker-bulk")
CLOSED = TO_PODS
OPEN = TO_PODS.replace("public-tier      .", "public-tier      x")
"""With a load balancer, the addresses of its subnets reach the api-server."""


def policies(deployment: Deployment) -> Policies:
    """The network policies that the program registers."""
    return Policies({"kind": "NetworkPolicy", **each.plain_inputs} for each in deployment.of_type(NETWORK_POLICY))


def lines(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


def with_egress(*egress: dict[str, Any]) -> Policies:
    """The policies of `dev` with other ways out for workers and triggerer."""
    return policies(plan_stack("dev", config_overrides={"airflow": {"egress": list(egress)}}))


@STACKS
def test_pods_reach_what_they_need_and_nothing_else(name: str) -> None:
    """Every cell of the table, in both stacks: DNS for all, and services for those that docs/architecture.md names."""
    assert lines(policies(planned(name)).matrix({**AIRFLOW, **KEDA}, SERVICES)) == lines(TO_SERVICES)


@STACKS
def test_metrics_go_to_the_agents_and_nowhere_else(name: str) -> None:
    """Every cell of the table: those that send have a way to the agent of any node, and none beyond the VPC."""
    assert lines(policies(planned(name)).matrix({**AIRFLOW, **KEDA}, AGENTS)) == lines(TO_AGENTS)


def test_without_monitoring_nothing_is_sent() -> None:
    """No pod has a way to an agent that is not there."""
    rules = policies(plan_stack("dev", config_overrides={"monitoring": {"enabled": False}}))
    cells = [cell for row in lines(rules.matrix({**AIRFLOW, **KEDA}, AGENTS))[1:] for cell in row[1:]]
    assert set(cells) == {"."}


@STACKS
def test_pods_hear_from_those_who_need_them_and_nobody_else(name: str) -> None:
    """Every cell of the table: into Airflow's pods only Airflow's pods, into KEDA's the Kubernetes API and KEDA."""
    assert lines(policies(planned(name)).matrix({**AIRFLOW, **KEDA, **OUTSIDE}, PODS)) == lines(
        {"dev": CLOSED, "prod": OPEN}[name]
    )


def test_nothing_comes_in_from_outside() -> None:
    """No address and no other namespace opens a connection to a pod of Airflow, whatever the port; but a load balancer
    to the api-server, where there is one."""
    for name, wanted in (("dev", set[object]()), ("prod", {("public-tier", "api-server", 8080)})):
        rules = policies(planned(name))
        found = {
            (source, target, port)
            for source, outside in OUTSIDE.items()
            for target, pod in AIRFLOW.items()
            for port in PORTS
            if rules.allowed(outside, pod, port)
        }
        assert found == wanted, name


def test_single_sign_on_opens_flower_to_the_api_server_and_nothing_else_between_pods() -> None:
    """One cell of the table of pods: Flower hears from the api-server, and still from nobody else."""
    rules = policies(plan_stack("prod", config_overrides=SIGN_ON))
    wanted = OPEN.replace("api-server       .    .", "api-server       .    x")
    assert lines(rules.matrix({**AIRFLOW, **KEDA, **OUTSIDE}, PODS)) == lines(wanted)
    assert lines(rules.matrix({**AIRFLOW, **KEDA}, SERVICES)) == lines(TO_SERVICES)
    without = {**SIGN_ON, "airflow": {"flower": {"enabled": False}}}
    closed = policies(plan_stack("prod", config_overrides=without))
    assert lines(closed.matrix({**AIRFLOW, **KEDA, **OUTSIDE}, PODS)) == lines(OPEN)


def test_the_api_server_reaches_those_who_vouch_for_people_and_machines() -> None:
    """On the ports of their addresses, outside of the VPC's other tiers; no other pod of ours gets a way by it."""
    rules = policies(plan_stack("prod", config_overrides=SIGN_ON))
    for name, each in AIRFLOW.items():
        for port in (8443, 9444):
            assert rules.allowed(each, Address("198.51.100.7"), port) is (name == "api-server")
            assert not rules.allowed(each, Address("10.0.224.5"), port)
        assert rules.allowed(each, Address("198.51.100.7"), 443) is (name in GOES_OUT)
    pool = policies(plan_stack("prod", config_overrides=USER_POOL))
    assert pool.allowed(AIRFLOW["api-server"], Address("198.51.100.7"), 443)
    assert not pool.allowed(AIRFLOW["api-server"], Address("198.51.100.7"), 8443)


def test_without_a_public_tier_the_whole_vpc_is_let_in() -> None:
    """A load balancer that stands among the pods cannot be told from them: that is said, and works."""
    existing: dict[str, Any] = {**EXISTING_NETWORK["existing"], "publicSubnetIds": [], "publicCidrs": []}
    ingress = {"domain": "airflow.corp.net", "publicZoneId": "Z1"}
    stack = plan_stack("dev", config_overrides={"network": {"existing": existing}, "ingress": ingress})
    rules = policies(stack)
    assert rules.allowed(Address("10.8.3.3"), AIRFLOW["api-server"], 8080)
    assert not rules.allowed(Address("10.9.3.3"), AIRFLOW["api-server"], 8080)
    assert not rules.allowed(Address("10.8.3.3"), AIRFLOW["flower"], 5555)
    assert any("stands among the pods" in each for each in stack.warnings)


@STACKS
def test_all_pods_are_closed_both_ways(name: str) -> None:
    """Every pod of both namespaces, also one that nobody foresaw, is under a policy for each direction."""
    rules = policies(planned(name))
    for each in (*AIRFLOW.values(), *KEDA.values()):
        assert rules.isolated(each, "Ingress")
        assert rules.isolated(each, "Egress")


@STACKS
def test_awss_enforcement_means_what_kubernetes_means(name: str) -> None:
    """No `except` cuts what another rule of the same pod allows, as EKS's controller would let it."""
    assert policies(planned(name)).except_overlaps({**AIRFLOW, **KEDA}) == []


def test_egress_opens_what_the_settings_say() -> None:
    """A CIDR and its ports open for workers and triggerer, and for nobody else; the default is gone."""
    rules = with_egress({"cidr": "192.0.2.0/24", "ports": [22, 1521]})
    for name, each in AIRFLOW.items():
        goes_out = name in ("worker-main", "worker-bulk", "triggerer")
        for port in (22, 1521):
            assert rules.allowed(each, Address("192.0.2.9"), port) is goes_out
            assert not rules.allowed(each, Address("198.51.100.7"), port)
        assert not rules.allowed(each, Address("198.51.100.7"), 5432)


def test_no_egress_leads_into_the_vpcs_other_tiers_or_to_metadata() -> None:
    """However wide a setting is, the instance metadata address and the tiers of load balancers and data stay shut."""
    rules = with_egress({"cidr": "0.0.0.0/0", "ports": [80, 22]})
    for each in (AIRFLOW["worker-main"], AIRFLOW["triggerer"]):
        assert rules.allowed(each, Address("198.51.100.7"), 22)
        for shut in ("169.254.169.254", "10.0.192.9", "10.0.200.9", "10.0.224.5", "10.0.232.5"):
            for port in (80, 22):
                assert not rules.allowed(each, Address(shut), port), shut


def test_an_existing_vpc_has_its_own_ranges() -> None:
    """With a VPC of somebody else's, the database is where its data subnets are."""
    rules = policies(plan_stack("dev", config_overrides={"network": EXISTING_NETWORK}))
    scheduler, worker = AIRFLOW["scheduler"], AIRFLOW["worker-main"]
    assert rules.allowed(scheduler, Address("10.8.200.5"), 5432)
    assert not rules.allowed(scheduler, Address("10.0.224.5"), 5432)
    assert not rules.allowed(worker, Address("10.8.250.5"), 443)


def test_nodes_of_an_existing_vpc_are_in_its_private_subnets() -> None:
    """Their ranges are what is left by the other tiers, unless the settings name them."""
    worker = AIRFLOW["worker-main"]
    rules = policies(plan_stack("dev", config_overrides={"network": EXISTING_NETWORK}))
    assert rules.allowed(worker, Address("10.8.7.7"), 8125, "UDP")
    for other_tier in ("10.8.200.5", "10.8.250.5"):
        assert not rules.allowed(worker, Address(other_tier), 8125, "UDP")
    existing: dict[str, Any] = {**EXISTING_NETWORK["existing"], "privateCidrs": ["100.64.0.0/16"]}
    named = policies(plan_stack("dev", config_overrides={"network": {"existing": existing}}))
    assert named.allowed(worker, Address("100.64.7.7"), 8125, "UDP")
    assert not named.allowed(worker, Address("10.8.7.7"), 8125, "UDP")


@STACKS
def test_every_pod_of_the_chart_is_in_the_tables(name: str) -> None:
    """The labels above are those of the rendered pods: what the tables say of them is true of the real ones."""
    known = [set(each.labels.items()) for each in AIRFLOW.values() if each.labels]
    for each in airflow_pods(name):
        mine = {item for item in each.labels.items() if item[0] in ("tier", "release", "component", "worker-set")}
        assert mine in known, each.owner


@STACKS
def test_every_pod_of_keda_is_in_the_tables(name: str) -> None:
    """The label `app` of KEDA's rendered pods is the one above, and its ports are the ones that are open."""
    found = {each.labels["app"]: {port for port, _ in each.named_ports().values()} for each in keda_pods(name)}
    assert set(found) == {each.labels["app"] for each in KEDA.values() if each.labels}
    assert 9666 in found["keda-operator"]
    assert 6443 in found["keda-operator-metrics-apiserver"]
    assert 9443 in found["keda-admission-webhooks"]


@STACKS
def test_open_ports_are_ports_that_listen(name: str) -> None:
    """Each port of the tables is one that the chart's container opens."""
    wanted = {"api-server": 8080, "flower": 5555, "worker": 8793, "triggerer": 8794}
    for each in airflow_pods(name):
        port = wanted.get(each.labels["component"])
        assert port is None or port in {number for number, _ in each.named_ports().values()}, each.owner
