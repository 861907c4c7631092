from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pytest
from small_programs import run

CONFIG = {"aws:region": "eu-west-1", "aws:allowedAccountIds": '["111122223333"]'}


def _exports(program: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    def exporting() -> None:
        for name, value in program().items():
            pulumi.export(name, value)

    return run(exporting, config=CONFIG).outputs


@pytest.mark.parametrize(
    ("make", "arn"),
    [
        (
            lambda: aws.iam.Role("r", name="r", path="/a/b/", assume_role_policy="{}"),
            r"arn:aws:iam::111122223333:role/a/b/r",
        ),
        (lambda: aws.iam.Role("r", assume_role_policy="{}"), r"arn:aws:iam::111122223333:role/r-[0-9a-f]{7}"),
        (lambda: aws.s3.Bucket("b", bucket="my-bucket"), r"arn:aws:s3:::my-bucket"),
        (lambda: aws.kms.Key("k"), r"arn:aws:kms:eu-west-1:111122223333:key/[0-9a-f-]{36}"),
        (lambda: aws.sqs.Queue("q", name="q"), r"arn:aws:sqs:eu-west-1:111122223333:q"),
        (lambda: aws.cloudwatch.LogGroup("l", name="/a/b"), r"arn:aws:logs:eu-west-1:111122223333:log-group:/a/b"),
        (
            lambda: aws.secretsmanager.Secret("s", name="a/b"),
            r"arn:aws:secretsmanager:eu-west-1:111122223333:secret:a/b-[0-9a-f]{6}",
        ),
        (
            lambda: aws.ec2.SecurityGroup("g"),
            r"arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0[0-9a-f]{16}",
        ),
        (
            lambda: aws.rds.Instance("d", identifier="db", instance_class="db.t4g.micro"),
            r"arn:aws:rds:eu-west-1:111122223333:db:db",
        ),
    ],
)
def test_arns_are_like_those_of_the_account(make: Callable[[], Any], arn: str) -> None:
    """An ARN has the stack's region and account, and the form of its service, so that policies can be checked."""
    assert re.fullmatch(arn, _exports(lambda: {"arn": make().arn})["arn"])


def test_databases_and_caches_have_endpoints() -> None:
    """What the platform connects to has an address and a port, made of its name and region."""

    def program() -> dict[str, Any]:
        database = aws.rds.Instance("d", identifier="db", instance_class="db.t4g.micro")
        cache = aws.elasticache.ReplicationGroup(
            "c", replication_group_id="c", description="c", transit_encryption_enabled=True
        )
        return {
            "endpoint": database.endpoint,
            "address": database.address,
            "port": database.port,
            "primary": cache.primary_endpoint_address,
            "reader": cache.reader_endpoint_address,
        }

    outputs = _exports(program)

    assert re.fullmatch(r"db\.[0-9a-f]{12}\.eu-west-1\.rds\.amazonaws\.com", outputs["address"])
    assert outputs["endpoint"] == f"{outputs['address']}:{outputs['port']}" == f"{outputs['address']}:5432"
    assert outputs["primary"].startswith("master.c.")
    assert outputs["reader"].startswith("replica.c.")


def test_ids_are_those_that_other_resources_take() -> None:
    """The id of a resource is what AWS calls its id: a name for a bucket or a role, a generated one in EC2."""

    def program() -> dict[str, Any]:
        vpc = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16")
        return {
            "bucket": aws.s3.Bucket("b", bucket="my-bucket").id,
            "role": aws.iam.Role("r", name="my-role", assume_role_policy="{}").id,
            "vpc": vpc.id,
            "default": vpc.default_security_group_id,
            "key": aws.kms.Key("k").key_id,
        }

    outputs = _exports(program)

    assert (outputs["bucket"], outputs["role"]) == ("my-bucket", "my-role")
    assert re.fullmatch(r"vpc-0[0-9a-f]{16}", outputs["vpc"])
    assert re.fullmatch(r"sg-0[0-9a-f]{16}", outputs["default"])
    assert re.fullmatch(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", outputs["key"])


def test_names_that_are_not_given_are_made_as_the_provider_makes_them() -> None:
    """Eight characters are added to the logical name: enough to check every limit, and the same in each run."""

    def program() -> dict[str, Any]:
        cache = aws.elasticache.ReplicationGroup("cache", description="c")
        return {
            "bucket": aws.s3.Bucket("bucket").bucket,
            "database": aws.rds.Instance("database", instance_class="db.t4g.micro").identifier,
            "cache": cache.replication_group_id,
            "role": aws.iam.Role("role", assume_role_policy="{}").name,
            "prefixed": aws.iam.Role("p", name_prefix="pre-", assume_role_policy="{}").name,
        }

    outputs = _exports(program)

    prefixed = outputs.pop("prefixed")
    assert all(re.fullmatch(f"{kind}-[0-9a-f]{{7}}", name) for kind, name in outputs.items())
    assert re.fullmatch("pre-[0-9a-f]{26}", prefixed)
    assert _exports(program) == outputs | {"prefixed": prefixed}


def test_a_helm_release_has_a_status() -> None:
    """A release answers with its own name, namespace, chart and version."""

    def program() -> dict[str, Any]:
        release = kubernetes.helm.v3.Release("r", name="airflow", namespace="ns", chart="airflow", version="1.2.3")
        return {"status": release.status.status, "version": release.status.version, "id": release.id}

    assert _exports(program) == {"status": "deployed", "version": "1.2.3", "id": "ns/airflow"}


@pytest.mark.parametrize("accounts", ["", "[]", "{}", "not JSON", '"text"', "null", "7"])
def test_bad_settings_are_left_to_the_program(accounts: str) -> None:
    """The harness itself never stumbles over settings that the program will refuse in its own words."""
    run(lambda: None, config={"aws:allowedAccountIds": accounts})
