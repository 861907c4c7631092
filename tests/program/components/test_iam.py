"""Every policy of the program, linted against AWS's own list of actions, resources and condition keys."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest

from plan import Deployment, plan_stack
from plan.wire import walk
from tests.program.conftest import planned
from tests.program.facts import SIGN_ON
from tests.program.judges.iam import statements
from tests.program.judges.iam_form import malformed
from tests.program.judges.iam_lint import lint, mismatched_resources, unknown_actions, unknown_condition_keys

WILDCARDS = {
    # The account's own administration of its key, and the families that CloudWatch Logs' documentation asks for.
    "aws:kms/key:Key policy": ("kms:*", "kms:GenerateDataKey*", "kms:ReEncrypt*"),
}
NAMESPACE_INSTEAD = ("cloudwatch:PutMetricData",)
"""Limited by a condition on the namespace:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
tests/program/components/test_telemetry.py asks whether it is."""
PLACES: dict[str, Literal["identity", "resource"]] = {
    "aws:iam/role:Role assumeRolePolicy": "resource",
    "aws:iam/rolePolicy:RolePolicy policy": "identity",
    "aws:kms/key:Key policy": "resource",
    "aws:s3/bucketPolicy:BucketPolicy policy": "resource",
    "aws:sns/topicPolicy:TopicPolicy policy": "resource",
    "aws:sqs/queuePolicy:QueuePolicy policy": "resource",
}
MANAGED = {
    "data-store-monitoring": {"service-role/AmazonRDSEnhancedMonitoringRole"},
    "node": {"AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodeMinimalPolicy"},
}


@pytest.fixture(scope="module", params=["dev", "prod", "secret in Secrets Manager"])
def stack(request: pytest.FixtureRequest) -> Deployment:
    """Each stack in turn, and one in which the api-server reads a secret of its own."""
    if request.param in ("dev", "prod"):
        return planned(request.param)
    access = {**SIGN_ON["access"], "secretName": "company/sso"}
    return plan_stack("prod", config_overrides={"access": access})


def policies(deployment: Deployment) -> list[tuple[str, str, str]]:
    """(place, name, document) of each policy, wherever it stands."""
    found: list[tuple[str, str, str]] = []
    for resource in deployment.resources:
        for path, leaf in walk(resource.inputs):
            if isinstance(leaf, str) and leaf.startswith("{") and "Statement" in parsed(leaf):
                found.append((f"{resource.type} {path}", resource.name, leaf))
    return found


def parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {}


def test_policies_stand_where_we_look_for_them(stack: Deployment) -> None:
    """Each policy document of the program is in a place that this file knows how to judge."""
    assert {place for place, _, _ in policies(stack)} == set(PLACES)


def test_statements_are_no_wider_than_they_must_be(stack: Deployment) -> None:
    """No wildcard in an action, no `*` as a resource where AWS takes a narrower one, no principal without a name."""
    problems = [
        f"{name}: {problem}"
        for place, name, document in policies(stack)
        for statement in statements(document)
        for problem in lint(
            statement,
            attached_to=PLACES[place],
            wildcard_actions=WILDCARDS.get(place, ()),
            star_resources=NAMESPACE_INSTEAD,
        )
    ]
    assert problems == []


def test_policies_are_well_formed(stack: Deployment) -> None:
    """ARNs, names of statements, global condition keys and compared values are such as IAM knows."""
    assert {name: found for _, name, document in policies(stack) if (found := malformed(document))} == {}


def test_actions_exist(stack: Deployment) -> None:
    """A misspelt action allows nothing and denies nothing."""
    assert {name: found for _, name, document in policies(stack) if (found := unknown_actions(document))} == {}


def test_conditions_are_carried_by_their_actions(stack: Deployment) -> None:
    """A condition on what a request never says is false for good, or true for good."""
    documents = [(name, document) for place, name, document in policies(stack) if "assumeRole" not in place]
    assert {name: found for name, document in documents if (found := unknown_condition_keys(document))} == {}


def test_actions_meet_their_kind_of_resource(stack: Deployment) -> None:
    """s3:GetObject on a bucket, or s3:ListBucket on objects, would be without effect."""
    assert {name: found for _, name, document in policies(stack) if (found := mismatched_resources(document))} == {}


def test_managed_policies_are_few_and_known(stack: Deployment) -> None:
    """AWS's managed policies are attached to nodes and monitoring only, by their names."""
    attachments = stack.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    roles = {
        each.outputs["name"]: each.name.removeprefix(f"alisio-{stack.stack}-")
        for each in stack.of_type("aws:iam/role:Role")
    }
    found: dict[str, set[str]] = {}
    for each in attachments:
        policy = each.inputs["policyArn"].removeprefix("arn:aws:iam::aws:policy/")
        found.setdefault(roles[each.inputs["role"]], set()).add(policy)
    assert found == MANAGED


def test_roles_of_the_stack_lie_below_its_path(stack: Deployment) -> None:
    """Bucket policies know pod roles by their path: theirs alone is that path, and a role outside is locked out.

    Only the node role has none: EKS Auto Mode would not find its access entry.
    """
    for role in stack.of_type("aws:iam/role:Role"):
        pods = stack.by_urn[role.parent].type == "alisio:aws:PodRole"
        node = role.name == f"alisio-{stack.stack}-node"
        wanted = None if node else f"/alisio/{stack.stack}/{'pods/' if pods else ''}"
        assert role.inputs.get("path") == wanted, role.name
