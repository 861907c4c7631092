"""The broker: private, encrypted, with a token; it refuses work before it drops any."""

from __future__ import annotations

from typing import Any

import pytest

from plan import Deployment, plan_stack
from tests.program.conftest import planned
from tests.program.facts import origins, subnets
from tests.program.judges.iam import statements

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
PASSWORD = "random:index/randomPassword:RandomPassword"
PARAMETERS = "aws:elasticache/parameterGroup:ParameterGroup"


def broker(deployment: Deployment) -> dict[str, Any]:
    return deployment.one(GROUP).plain_inputs


@pytest.mark.parametrize(
    ("key", "dev", "prod"),
    [
        ("engine", "redis", "redis"),
        ("engineVersion", "7.1", "7.1"),
        ("nodeType", "cache.t4g.micro", "cache.m7g.large"),
        ("numCacheClusters", 1, 2),
        ("automaticFailoverEnabled", False, True),
        ("multiAzEnabled", False, True),
        ("snapshotRetentionLimit", 0, 3),
        ("applyImmediately", True, False),
        ("atRestEncryptionEnabled", True, True),
        ("transitEncryptionEnabled", True, True),
        ("transitEncryptionMode", "required", "required"),
        ("authTokenUpdateStrategy", "ROTATE", "ROTATE"),
        ("port", 6379, 6379),
    ],
)
def test_the_broker_is_as_its_file_says(key: str, dev: Any, prod: Any) -> None:
    """What a stack file names arrives at ElastiCache; what it does not is safe by default."""
    assert broker(planned("dev"))[key] == dev
    assert broker(planned("prod"))[key] == prod


def test_cluster_mode_is_off(stack: Deployment) -> None:
    """Celery does not speak Redis Cluster."""
    assert not {"clusterMode", "numNodeGroups", "replicasPerNodeGroup"} & set(broker(stack))
    assert "cluster-enabled" not in {each["name"] for each in stack.one(PARAMETERS).inputs["parameters"]}


def test_a_full_broker_refuses_and_drops_nothing(stack: Deployment) -> None:
    """`noeviction`: any other policy would delete queued tasks without a word."""
    parameters = stack.one(PARAMETERS)
    assert parameters.inputs["parameters"] == [{"name": "maxmemory-policy", "value": "noeviction"}]
    assert broker(stack)["parameterGroupName"] == parameters.outputs["name"]


def test_the_token_is_there_from_birth(stack: Deployment) -> None:
    """AUTH can be added to a group later only by an update that the pods would have to survive."""
    assert len(broker(stack)["authToken"]) == 64


def test_a_rotated_token_is_added_and_replaces_none() -> None:
    """A new first name is a new token for Airflow. It is sent as one more: SET would be refused, or lock Airflow out.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html
    """
    before, after = planned("prod"), plan_stack("prod", config_overrides={"cache": {"tokens": ["second", "first"]}})
    assert broker(after)["authToken"] != broker(before)["authToken"]
    for deployment in (before, after):
        assert broker(deployment)["authTokenUpdateStrategy"] == "ROTATE"
    secret = after.one("kubernetes:core/v1:Secret", "alisio-prod-airflow-broker").plain_inputs["stringData"]
    assert f":{broker(after)['authToken']}@" in secret["connection"]


def test_an_old_token_can_be_taken_out_of_a_protected_stack() -> None:
    """Only the token in use is protected."""
    rotated = plan_stack("prod", config_overrides={"cache": {"tokens": ["second", "first"]}})
    tokens = {each.name: each.protect for each in rotated.of_type(PASSWORD) if "-cache-" in each.name}
    assert tokens == {"alisio-prod-cache-token-second": True, "alisio-prod-cache-token-first": False}


def test_the_broker_has_a_key_of_its_own(stack: Deployment) -> None:
    """Storage, snapshots and logs of the broker share a key with nothing else."""
    name = f"alisio-{stack.stack}-cache"
    key = stack.one("aws:kms/key:Key", name).outputs["arn"]
    groups = [each for each in stack.of_type("aws:cloudwatch/logGroup:LogGroup") if each.name.startswith(name)]
    assert broker(stack)["kmsKeyId"] == key
    assert len(groups) == 2
    assert {each.inputs["kmsKeyId"] for each in groups} == {key}


def test_both_logs_arrive_in_their_log_groups(stack: Deployment) -> None:
    """Slow commands and the engine's own words go to CloudWatch Logs."""
    logs = {
        each["logType"]: (each["destinationType"], each["destination"])
        for each in broker(stack)["logDeliveryConfigurations"]
    }
    path = f"/alisio/{stack.stack}/cache"
    assert logs == {kind: ("cloudwatch-logs", f"{path}/{kind}") for kind in ("slow-log", "engine-log")}
    assert {destination for _, destination in logs.values()} <= {
        each.inputs["name"] for each in stack.of_type("aws:cloudwatch/logGroup:LogGroup")
    }


def test_elasticache_can_tell_of_its_events(stack: Deployment) -> None:
    """The topic is of the form that ElastiCache publishes to: no key, and a policy that asks for the topic's owner."""
    name = f"alisio-{stack.stack}-cache-events"
    topic = stack.one("aws:sns/topic:Topic", name)
    assert broker(stack)["notificationTopicArn"] == topic.outputs["arn"]
    assert "kmsMasterKeyId" not in topic.inputs
    [statement] = statements(stack.one("aws:sns/topicPolicy:TopicPolicy", name).inputs["policy"])
    assert statement["Condition"] == {"StringEquals": {"aws:SourceOwner": "111122223333"}}
    assert (statement["Action"], statement["Resource"]) == ("sns:Publish", topic.outputs["arn"])


def test_the_broker_lives_in_the_data_tier(stack: Deployment) -> None:
    """Its subnets are those that have no route to the internet."""
    group = stack.one("aws:elasticache/subnetGroup:SubnetGroup")
    assert origins(group, "subnetIds") == {each.name for each in subnets(stack, "data")}
    assert broker(stack)["subnetGroupName"] == group.outputs["name"]


def test_valkey_is_one_setting() -> None:
    """`engine: valkey` changes engine, version and family together."""
    valkey = plan_stack("dev", config_overrides={"cache": {"engine": "valkey", "replicas": 1}})
    assert (broker(valkey)["engine"], broker(valkey)["engineVersion"]) == ("valkey", "8.1")
    assert valkey.one(PARAMETERS).inputs["family"] == "valkey8"
    assert valkey.one(PARAMETERS).urn != planned("dev").one(PARAMETERS).urn


def test_windows_do_not_meet(stack: Deployment) -> None:
    """Snapshot and maintenance have windows of their own."""
    assert broker(stack)["snapshotWindow"] == "03:00-04:00"
    assert broker(stack)["maintenanceWindow"] == "sun:05:30-sun:06:30"
