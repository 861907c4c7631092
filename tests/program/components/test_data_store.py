"""The metadata database: private, encrypted, backed up, over TLS only."""

from __future__ import annotations

from typing import Any

import pytest

from plan import Deployment, plan_stack
from tests.program.conftest import planned
from tests.program.facts import origins, subnets

INSTANCE = "aws:rds/instance:Instance"
PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
BASE = {"instanceClass": "db.t4g.medium", "multiAz": False}


def with_data_store(**settings: Any) -> Deployment:
    """`dev` with other settings of its database."""
    return plan_stack("dev", config_overrides={"dataStore": {**BASE, **settings}})


def database(deployment: Deployment) -> dict[str, Any]:
    return deployment.one(INSTANCE).plain_inputs


def parameters(deployment: Deployment) -> dict[str, str]:
    return {each["name"]: each["value"] for each in deployment.one(PARAMETERS).inputs["parameters"]}


@pytest.mark.parametrize(
    ("key", "dev", "prod"),
    [
        ("engine", "postgres", "postgres"),
        ("engineVersion", "17", "17"),
        ("instanceClass", "db.t4g.medium", "db.m8g.large"),
        ("allocatedStorage", 20, 100),
        ("maxAllocatedStorage", 50, 500),
        ("storageType", "gp3", "gp3"),
        ("multiAz", False, True),
        ("backupRetentionPeriod", 1, 30),
        ("applyImmediately", True, False),
        ("storageEncrypted", True, True),
        ("publiclyAccessible", False, False),
        ("autoMinorVersionUpgrade", True, True),
        ("allowMajorVersionUpgrade", False, False),
        ("copyTagsToSnapshot", True, True),
        ("performanceInsightsEnabled", True, True),
        ("monitoringInterval", 60, 60),
        ("enabledCloudwatchLogsExports", ["postgresql", "upgrade"], ["postgresql", "upgrade"]),
    ],
)
def test_the_database_is_as_its_file_says(key: str, dev: Any, prod: Any) -> None:
    """What a stack file names arrives at RDS; what it does not is safe by default."""
    assert database(planned("dev"))[key] == dev
    assert database(planned("prod"))[key] == prod


def test_everything_at_rest_has_the_databases_own_key(stack: Deployment) -> None:
    """Storage, snapshots, insights and logs are encrypted with one key that serves nothing else."""
    name = f"alisio-{stack.stack}-data-store"
    key = stack.one("aws:kms/key:Key", name)
    instance = database(stack)
    assert instance["kmsKeyId"] == instance["performanceInsightsKmsKeyId"] == key.outputs["arn"]
    assert key.inputs["enableKeyRotation"] is True
    groups = [each for each in stack.of_type("aws:cloudwatch/logGroup:LogGroup") if each.name.startswith(name)]
    assert {each.inputs["kmsKeyId"] for each in groups} == {key.outputs["arn"]}


def test_log_groups_are_those_that_rds_writes_to(stack: Deployment) -> None:
    """RDS derives the name of a log group from the instance's; another name would leave ours empty."""
    instance = database(stack)
    found = {each.inputs["name"] for each in stack.of_type("aws:cloudwatch/logGroup:LogGroup")}
    for export in instance["enabledCloudwatchLogsExports"]:
        assert f"/aws/rds/instance/{instance['identifier']}/{export}" in found


def test_the_database_lives_in_the_data_tier(stack: Deployment) -> None:
    """Its subnets are those that have no route to the internet."""
    group = stack.one("aws:rds/subnetGroup:SubnetGroup")
    assert origins(group, "subnetIds") == {each.name for each in subnets(stack, "data")}
    assert database(stack)["dbSubnetGroupName"] == group.outputs["name"]


def test_connections_without_tls_are_refused(stack: Deployment) -> None:
    """The server demands TLS; its certificate is one that our bundle can verify."""
    assert parameters(stack)["rds.force_ssl"] == "1"
    assert database(stack)["caCertIdentifier"] == "rds-ca-rsa2048-g1"
    assert database(stack)["parameterGroupName"] == stack.one(PARAMETERS).outputs["name"]


def test_parameters_survive_a_new_major_version() -> None:
    """A new family gets a group of another name, while the old one is still in use by the instance."""
    old, new = planned("dev").one(PARAMETERS), with_data_store(engineVersion="18").one(PARAMETERS)
    assert (old.inputs["family"], new.inputs["family"]) == ("postgres17", "postgres18")
    assert old.urn != new.urn


def test_own_parameters_join_ours() -> None:
    """`parameters` adds to the group, and TLS stays."""
    found = parameters(with_data_store(parameters={"work_mem": "65536"}, slowQueryMilliseconds=250))
    assert found == {"rds.force_ssl": "1", "log_min_duration_statement": "250", "work_mem": "65536"}


def test_insights_and_monitoring_can_be_turned_off() -> None:
    """Turned off, they leave neither a role nor a setting that RDS would refuse."""
    plain = with_data_store(performanceInsights=False, monitoringSeconds=0)
    instance = database(plain)
    assert instance["performanceInsightsEnabled"] is False
    assert not {"performanceInsightsKmsKeyId", "performanceInsightsRetentionPeriod", "monitoringRoleArn"} & set(
        instance
    )
    assert not any("data-store-monitoring" in each.name for each in plain.resources)


def test_the_monitoring_role_is_the_databases(stack: Deployment) -> None:
    """Enhanced monitoring reports by the role that is made for it."""
    role = stack.one("aws:iam/role:Role", f"alisio-{stack.stack}-data-store-monitoring")
    assert database(stack)["monitoringRoleArn"] == role.outputs["arn"]
