"""What goes to CloudWatch from pods and nodes, and what the agent that sends it may do."""

from __future__ import annotations

import json
from typing import Any

import pytest

import versions
from health.airflow_metrics import AGENT, PORT
from plan import Deployment, Resource, plan_stack
from tests.program.grants import ACCOUNT, REGION, identity_policies, principal
from tests.program.judges.iam import Decision, Request, evaluate, statements

ADDON = "aws:eks/addon:Addon"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ALL_LOGS = {"application", "dataplane", "host", "performance"}
SWITCHES = ("applicationSignals", "containerInsights", "containerLogs", "otelContainerInsights")
COMPONENTS = ("dcgmExporter", "kubeStateMetrics", "neuronMonitor", "nodeExporter")


def addon(deployment: Deployment) -> Resource:
    return deployment.one(ADDON, f"alisio-{deployment.stack}-telemetry")


def configuration(deployment: Deployment) -> dict[str, Any]:
    return json.loads(addon(deployment).plain_inputs["configurationValues"])


def log_groups(deployment: Deployment) -> dict[str, Resource]:
    """By the last part of their names."""
    start = f"/aws/containerinsights/alisio-{deployment.stack}/"
    found = [each for each in deployment.of_type(LOG_GROUP) if each.inputs["name"].startswith(start)]
    return {each.inputs["name"].removeprefix(start): each for each in found}


def may(deployment: Deployment, action: str, resource: str, **context: str) -> bool:
    """Whether the agent's role may do this."""
    request = Request(
        action=action,
        resource=resource,
        principal=principal(deployment, "telemetry-agent"),
        context={key.replace("__", ":"): value for key, value in context.items()},
    )
    policies = identity_policies(deployment, "telemetry-agent")
    return evaluate(request, identity_policies=policies) is Decision.ALLOWED


def log_group_arn(name: str) -> str:
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:log-stream:a"


def test_the_version_is_pinned(stack: Deployment) -> None:
    """AWS changes the add-on's defaults, and what they cost, from one version to the next."""
    inputs = addon(stack).plain_inputs
    assert (inputs["addonName"], inputs["addonVersion"]) == (
        "amazon-cloudwatch-observability",
        versions.CLOUDWATCH_ADDON,
    )
    assert (inputs["resolveConflictsOnCreate"], inputs["resolveConflictsOnUpdate"]) == ("OVERWRITE", "OVERWRITE")
    assert inputs["preserve"] is False


def test_every_switch_is_stated(stack: Deployment) -> None:
    """No default decides: tracing that is injected into Airflow's pods, and a second Container Insights, stay off."""
    values = configuration(stack)
    on = {name for name in (*SWITCHES, *COMPONENTS) if values[name]["enabled"]}
    assert on == {"dev": {"containerLogs"}, "prod": {"containerInsights", "containerLogs"}}[stack.stack]


def test_the_agent_takes_airflows_metrics(stack: Deployment) -> None:
    """On the port that Airflow sends to, under the stack's own namespace, and as one series for all nodes."""
    config = configuration(stack)["agent"]["config"]
    assert config["agent"] == {"region": "eu-west-1", "omit_hostname": True}
    assert config["metrics"]["namespace"] == f"alisio-{stack.stack}/Airflow"
    statsd = config["metrics"]["metrics_collected"]["statsd"]
    assert statsd == {"service_address": f":{PORT}", "metrics_aggregation_interval": 60, "metric_separator": "."}
    assert AGENT == "cloudwatch-agent.amazon-cloudwatch"


def test_a_configuration_of_ours_keeps_container_insights(dev: Deployment, prod: Deployment) -> None:
    """It replaces what the add-on would generate, so it says again what Container Insights needs."""
    collected = configuration(prod)["agent"]["config"]["logs"]["metrics_collected"]
    assert collected == {"kubernetes": {"cluster_name": "alisio-prod", "enhanced_container_insights": True}}
    assert "logs" not in configuration(dev)["agent"]["config"]


def test_without_container_insights_only_airflows_logs_are_shipped(dev: Deployment, prod: Deployment) -> None:
    """The files of Fluent Bit are replaced as a whole; with Container Insights they are AWS's own."""
    files = configuration(dev)["containerLogs"]["fluentBit"]["config"]["extraFiles"]
    assert set(files) == {"application-log.conf", "dataplane-log.conf", "host-log.conf"}
    assert "Path /var/log/containers/*_airflow_*.log\n" in files["application-log.conf"]
    assert "log_group_name /aws/containerinsights/alisio-dev/application\n" in files["application-log.conf"]
    assert all("[" not in files[each] for each in ("dataplane-log.conf", "host-log.conf"))
    # The add-on's chart reads them as templates.
    assert not any("{{" in each for each in files.values())
    assert configuration(prod)["containerLogs"] == {"enabled": True}


def test_log_groups_are_there_first(stack: Deployment) -> None:
    """Encrypted with a key of their own, and with an end. The pods would make them without either."""
    groups = log_groups(stack)
    assert set(groups) == {"dev": {"application"}, "prod": ALL_LOGS}[stack.stack]
    key = stack.one("aws:kms/key:Key", f"alisio-{stack.stack}-telemetry").outputs["arn"]
    for each in groups.values():
        assert each.inputs["kmsKeyId"] == key
        assert each.inputs["retentionInDays"] == {"dev": 7, "prod": 90}[stack.stack]


def test_the_agent_makes_no_log_group(stack: Deployment) -> None:
    """What it cannot make, it cannot make again after a destroy. It needs no such right: the groups are there."""
    for action in ("logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:DeleteLogGroup"):
        for name in (f"/aws/containerinsights/alisio-{stack.stack}/application", "/aws/containerinsights/else"):
            assert not may(stack, action, log_group_arn(name).removesuffix(":log-stream:a"))


def test_the_agent_writes_to_its_own_log_groups_only(stack: Deployment) -> None:
    """Not to those of the control plane, the database or another stack."""
    for name in ALL_LOGS:
        arn = log_group_arn(f"/aws/containerinsights/alisio-{stack.stack}/{name}")
        assert may(stack, "logs:PutLogEvents", arn) is (name in log_groups(stack))
    for name in (f"/aws/eks/alisio-{stack.stack}/cluster", "/aws/containerinsights/other/application"):
        assert not may(stack, "logs:PutLogEvents", log_group_arn(name))


def test_the_agent_publishes_to_the_stacks_namespace_only(stack: Deployment) -> None:
    """It cannot make up a metric of another stack, nor one of AWS: an alarm would believe it."""
    assert may(stack, "cloudwatch:PutMetricData", "*", cloudwatch__namespace=f"alisio-{stack.stack}/Airflow")
    for namespace in ("alisio-other/Airflow", "AWS/RDS", "ContainerInsights", "CWAgent"):
        assert not may(stack, "cloudwatch:PutMetricData", "*", cloudwatch__namespace=namespace)
    assert not may(stack, "cloudwatch:PutMetricData", "*")


def test_the_agent_may_do_nothing_else(stack: Deployment) -> None:
    """Metrics, logs, and with Container Insights two looks at the node. No traces, no parameters, no alarms."""
    (policy,) = identity_policies(stack, "telemetry-agent")
    actions = {action for each in statements(policy) for action in each["Action"]}
    looks = {"ec2:DescribeTags", "ec2:DescribeVolumes"} if stack.stack == "prod" else set[str]()
    logs = {"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"}
    assert actions == {"cloudwatch:PutMetricData", *logs, *looks}


def test_insights_are_found_where_they_are_paid_for(dev: Deployment, prod: Deployment) -> None:
    """Alarms on pods exist with Container Insights only; Airflow's own metrics need no dimension."""
    assert dev.one("alisio:aws:Telemetry").outputs["metrics"] == {"airflow": {}}
    assert prod.one("alisio:aws:Telemetry").outputs["metrics"] == {
        "airflow": {},
        "pods": {"ClusterName": "alisio-prod", "Namespace": "airflow"},
    }


@pytest.mark.parametrize("name", ["dev"])
def test_without_monitoring_there_is_nothing(name: str) -> None:
    """No add-on, no key, no role, and Airflow sends nothing."""
    stack = plan_stack(name, config_overrides={"monitoring": {"enabled": False}})
    assert stack.children(stack.one("alisio:aws:Telemetry").urn) == ()
    release = stack.one("kubernetes:helm.sh/v3:Release", f"alisio-{name}-airflow")
    assert release.plain_inputs["values"]["config"]["metrics"] == {"statsd_on": "False"}
