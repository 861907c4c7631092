"""The contract of a component, asked of all of them: docs/architecture.md."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from health.subjects import subjects
from plan import deploy, plan_stack
from plan.program import CHECKOUT
from plan.wire import Unknown, walk
from settings import StackSettings as Chosen
from settings.stack_file import read_stack, stack_file
from tests.program.conftest import planned
from tests.program.facts import EXISTING_NETWORK, origins

DIMENSIONS = {
    # What CloudWatch asks for, where AWS publishes a metric of the component's resources.
    "alisio:aws:Network": ("metrics",),
    "alisio:aws:DataStore": ("metrics",),
    "alisio:aws:Cache": ("metrics",),
    "alisio:aws:DagBucket": ("bucketName",),
    "alisio:aws:LogBucket": ("bucketName",),
    "alisio:aws:DataBucket": ("bucketName",),
    "alisio:aws:ObjectEvents": ("metrics",),
    "alisio:aws:AirflowCluster": ("clusterName", "metrics"),
    "alisio:aws:Telemetry": ("metrics",),
    "alisio:aws:Ingress": ("metrics",),
    "alisio:kubernetes:Airflow": ("namespace", "releaseName"),
}


@contextmanager
def recorded_opens() -> Generator[list[str]]:
    """The files that this process opens meanwhile."""
    opened: list[str] = []
    on = True

    def record(event: str, arguments: tuple[object, ...]) -> None:
        if on and event == "open":
            opened.append(str(arguments[0]))

    # A hook cannot be removed: it is switched off.
    sys.addaudithook(record)
    try:
        yield opened
    finally:
        on = False


def test_components_touch_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the checkout is read while components are made, and the working directory does not matter.

    What they need from disk, their caller has read: the same program runs as a stack, in a script and in a test.
    """
    planned("dev")
    from components.airflow import Airflow
    from components.airflow_access import AirflowAccess
    from components.airflow_cluster import AirflowCluster
    from components.airflow_namespaces import AirflowNamespaces
    from components.airflow_secrets import AirflowSecrets
    from components.cache import Cache
    from components.dag_bucket import DagBucket
    from components.data_bucket import DataBucket
    from components.data_store import DataStore
    from components.ingress import Ingress
    from components.log_bucket import LogBucket
    from components.network import Network
    from components.object_events import ObjectEvents
    from components.telemetry import Telemetry
    from components.user_access import UserAccess
    from settings import (
        AccessSettings,
        BucketsSettings,
        CacheSettings,
        ClusterSettings,
        Dags,
        DataStoreSettings,
        IngressSettings,
        MonitoringSettings,
        NetworkSettings,
        StackSettings,
    )
    from tests.program.components.test_buckets import SITE

    settings = StackSettings(
        deployer=SITE.deployer,
        ingress=IngressSettings.model_validate({"domain": "a.example.com", "publicZoneId": "Z1"}),
        access=AccessSettings.model_validate({"cognito": {"domainPrefix": "a"}, "contact": "us"}),
    )

    def program() -> None:
        network = Network("n", NetworkSettings(), SITE)
        data_store, cache = (
            DataStore("d", DataStoreSettings(), network, SITE),
            Cache("c", CacheSettings(), network, SITE),
        )
        dags = DagBucket("dags", BucketsSettings(), SITE, dags=Dags(), publication=None)
        logs, data = LogBucket("logs", BucketsSettings(), SITE), DataBucket("data", BucketsSettings(), SITE)
        events = ObjectEvents("events", (), data, SITE)
        cluster = AirflowCluster("cluster", ClusterSettings(), network, SITE)
        Telemetry("t", MonitoringSettings(), cluster, SITE)
        namespaces = AirflowNamespaces("a", settings, network, cluster)
        secrets = AirflowSecrets("a", settings, data_store, cache, cluster, namespaces, SITE)
        ingress = Ingress("i", settings, network, cluster, namespaces, SITE)
        access = AirflowAccess("a", settings, cluster, dags, logs, data, events, SITE)
        users = UserAccess("a", settings, cluster, namespaces, ingress, SITE)
        Airflow("a", settings, cluster, namespaces, secrets, access, users)

    deploy(program, project="alisio", stack="test")
    monkeypatch.chdir(tmp_path)
    with recorded_opens() as opened:
        again = deploy(program, project="alisio", stack="test")
    assert len(again.resources) > 100
    assert [path for path in opened if Path(path).is_relative_to(CHECKOUT) or Path(path).is_relative_to(tmp_path)] == []


def settings_of(stack: str) -> Chosen:
    return read_stack(stack_file(CHECKOUT, stack)).settings


@pytest.mark.parametrize("token", DIMENSIONS)
def test_components_expose_what_an_alarm_asks_for(token: str) -> None:
    """An alarm's dimensions come from the component, not from names that somebody puts together again."""
    outputs = planned("prod").one(token).outputs
    for key in DIMENSIONS[token]:
        assert outputs[key], key
        assert not any(isinstance(leaf, Unknown) for _, leaf in walk(outputs[key])), key


def test_a_network_of_somebody_elses_has_no_gateway_of_ours() -> None:
    """With an existing VPC there is nothing to watch."""
    outputs = plan_stack("dev", config_overrides={"network": EXISTING_NETWORK}).one("alisio:aws:Network").outputs
    assert outputs["metrics"] == {}


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_each_dimension_is_the_name_of_what_is_measured(name: str) -> None:
    """A component's metrics are found by what AWS calls its resource, under the name that alarms have for it."""
    stack = planned(name)
    found: dict[str, Any] = {}
    for component in stack.children(stack.stack_urn):
        found |= component.outputs.get("metrics") or {}
    assert set(found) == set(subjects(settings_of(name)))
    broker = stack.one("aws:elasticache/replicationGroup:ReplicationGroup").outputs
    nodes = {f"broker-{member[-3:]}": member for member in broker["memberClusters"]}
    assert {key: each["CacheClusterId"] for key, each in found.items() if key.startswith("broker-")} == nodes
    assert found["database"] == {"DBInstanceIdentifier": stack.one("aws:rds/instance:Instance").outputs["identifier"]}
    queues = {each.outputs["name"] for each in stack.of_type("aws:sqs/queue:Queue")}
    assert {each["QueueName"] for each in found.values() if "QueueName" in each} == queues
    ways_out = [each for each in stack.of_type("aws:ec2/route:Route") if "natGatewayId" in each.inputs]
    numbers = {origins(each, "natGatewayId").pop()[-1]: each.inputs["natGatewayId"] for each in ways_out}
    gateways = {f"nat-{'abc'[int(number)]}": gateway for number, gateway in numbers.items()}
    assert {key: each["NatGatewayId"] for key, each in found.items() if key.startswith("nat-")} == gateways
    for token, dimension in (
        ("aws:lb/loadBalancer:LoadBalancer", "LoadBalancer"),
        ("aws:lb/targetGroup:TargetGroup", "TargetGroup"),
    ):
        assert [each.outputs["arnSuffix"] for each in stack.of_type(token)] == [
            each[dimension] for each in found.values() if dimension in each
        ]
