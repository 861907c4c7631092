"""dev and prod: the same program, different only as their files say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from plan import Deployment, Secret, plan_stack
from plan.wire import transform
from settings.stack_file import read_yaml
from tests.program.conftest import CHECKOUT

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
EXPORTS = {
    "airflow",
    "airflowNamespace",
    "brokerHost",
    "clusterName",
    "dagBucket",
    "dashboard",
    "dataBucket",
    "databaseHost",
    "kubeconfigCommand",
    "loadBalancer",
    "logBucket",
    "region",
    "signInIssuer",
    "signInRedirectUri",
    "signedOutUri",
}
MADE_UP = re.compile(r"[0-9a-f]{6,}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?|[A-Z0-9]{16,}")
"""Ids and suffixes that stand in for what AWS and autonaming choose; they follow from the name of the stack."""


def neutral(deployment: Deployment) -> list[tuple[Any, ...]]:
    """A deployment without the name of its stack, and without ids and secrets that follow from it."""
    name = deployment.stack

    def text(value: Any) -> str:
        known = transform(value, lambda leaf: "[secret]" if isinstance(leaf, Secret) else repr(leaf))
        return MADE_UP.sub("#", re.sub(rf"\b{name}\b", "STACK", json.dumps(known, sort_keys=True)))

    return [
        (
            text(each.urn),
            text(each.inputs),
            each.protect,
            text(sorted(each.dependencies)),
            each.additional_secret_outputs,
            each.delete_before_replace,
            text(each.provider),
        )
        for each in deployment.resources
    ]


def config(stack: str, folder: Path = CHECKOUT) -> dict[str, Any]:
    return read_yaml(folder / f"Pulumi.{stack}.yaml")["config"]


def under_the_name_of(stack: str, *, with_the_file_of: str) -> Deployment:
    """A stack that has another's settings."""
    theirs = config(with_the_file_of)
    return plan_stack(stack, config_overrides={**dict.fromkeys(config(stack)), **theirs})


@pytest.mark.parametrize(("name", "other"), [("dev", "prod"), ("prod", "dev")])
def test_stacks_differ_only_as_their_files_say(name: str, other: str) -> None:
    """With prod's settings, dev is prod: the program never looks at the name of a stack to decide anything."""
    disguised = neutral(under_the_name_of(name, with_the_file_of=other))
    genuine = neutral(plan_stack(other))
    assert [each[0] for each in disguised] == [each[0] for each in genuine]
    for one, two in zip(disguised, genuine, strict=True):
        assert one == two


def test_the_stacks_are_not_the_same(dev: Deployment, prod: Deployment) -> None:
    """What makes stacks comparable does not make them all alike."""
    assert neutral(dev) != neutral(prod)


def test_exports_are_what_operators_and_scripts_ask_for(any_run: Deployment) -> None:
    """Each stack exports exactly these, by names that stay."""
    assert set(any_run.outputs) == EXPORTS


def test_exports_lead_to_what_they_name(stack: Deployment) -> None:
    """Every export is the value of a resource, not a guess at it."""
    region = config(stack.stack)["aws:region"]
    prefix = f"alisio-{stack.stack}"
    balancers = stack.of_type(BALANCER)
    assert stack.outputs == {
        "airflow": {
            "dev": "kubectl --namespace airflow port-forward service/airflow-api-server 8080",
            "prod": "https://airflow.example.com",
        }[stack.stack],
        "loadBalancer": balancers[0].outputs["dnsName"] if balancers else "",
        # Neither has single sign-on: tests/program/components/test_user_access.py.
        **dict.fromkeys(("signInIssuer", "signInRedirectUri", "signedOutUri"), ""),
        "region": region,
        "clusterName": stack.one("eks:index:Cluster").inputs["name"],
        "kubeconfigCommand": f"aws eks update-kubeconfig --region {region} --name {prefix}",
        "airflowNamespace": stack.one("kubernetes:helm.sh/v3:Release", f"{prefix}-airflow").inputs["namespace"],
        "dagBucket": stack.one("aws:s3/bucket:Bucket", f"{prefix}-dags").outputs["bucket"],
        "logBucket": stack.one("aws:s3/bucket:Bucket", f"{prefix}-logs").outputs["bucket"],
        "dashboard": (
            f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#dashboards/dashboard/{prefix}"
        ),
        "dataBucket": stack.one("aws:s3/bucket:Bucket", f"{prefix}-data").outputs["bucket"],
        "databaseHost": stack.one("aws:rds/instance:Instance").outputs["address"],
        "brokerHost": stack.one("aws:elasticache/replicationGroup:ReplicationGroup").outputs["primaryEndpointAddress"],
    }
