"""Who may take a role, and whom a key serves."""

from __future__ import annotations

import pytest

from plan import Deployment
from tests.program.judges.iam import Decision, Request, evaluate

ROLE = "aws:iam/role:Role"
TAKERS = {
    "node": "ec2.amazonaws.com",
    "data-store-monitoring": "monitoring.rds.amazonaws.com",
    "network-flow-logs": "vpc-flow-logs.amazonaws.com",
}
PODS = "pods.eks.amazonaws.com"
AGENT = "telemetry-agent"
"""A pod's role, too, but of another namespace, and its service account has another name."""
OURS = {"aws:SourceAccount": "111122223333"}
THEIRS = {"aws:SourceAccount": "999999999999"}


def takes(deployment: Deployment, role: str, who: str, context: dict[str, str], action: str = "sts:AssumeRole") -> bool:
    """Whether the trust policy of a role lets somebody take it. It alone decides: within an account too."""
    resource = deployment.one(ROLE, f"alisio-{deployment.stack}-{role}")
    request = Request(action=action, resource=resource.outputs["arn"], principal=who, context=dict(context))
    return evaluate(request, resource_policy=resource.plain_inputs["assumeRolePolicy"]) is Decision.ALLOWED


def pod_roles(deployment: Deployment) -> list[str]:
    prefix = f"alisio-{deployment.stack}-"
    names = [each.name.removeprefix(prefix) for each in deployment.of_type(ROLE)]
    return [name for name in names if name.startswith("airflow-") or name == AGENT]


def of_pod(role: str, *, stack: str = "prod", namespace: str = "") -> dict[str, str]:
    """What EKS says of the pod that a role is for, unless it is another namespace's."""
    home, account = ("amazon-cloudwatch", "cloudwatch-agent") if role == AGENT else ("airflow", role)
    return {
        "aws:RequestTag/eks-cluster-arn": f"arn:aws:eks:eu-west-1:111122223333:cluster/alisio-{stack}",
        "aws:RequestTag/kubernetes-namespace": namespace or home,
        "aws:RequestTag/kubernetes-service-account": account,
        **OURS,
    }


def test_every_role_has_one_taker(stack: Deployment) -> None:
    """Each role is a pod's, or one of the three that an AWS service takes."""
    assert len(stack.of_type(ROLE)) == len(pod_roles(stack)) + len(TAKERS)


@pytest.mark.parametrize("action", ["sts:AssumeRole", "sts:TagSession"])
def test_a_pod_role_is_taken_for_its_service_account_only(prod: Deployment, action: str) -> None:
    """EKS takes it for pods of its service account in its namespace; for others it is refused."""
    for role in pod_roles(prod):
        others = [each for each in (*pod_roles(prod), "airflow-scheduler", "default") if each != role]
        assert takes(prod, role, PODS, of_pod(role), action)
        assert not any(takes(prod, role, PODS, of_pod(other), action) for other in others)
        assert not takes(prod, role, PODS, of_pod(role, namespace="default"), action)
        assert not takes(prod, role, PODS, of_pod(role, stack="dev"), action)
        assert not takes(prod, role, PODS, {}, action)


def test_no_person_and_no_other_service_takes_a_role(stack: Deployment) -> None:
    """Not an administrator of the account, not another AWS service."""
    services = ("ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com", PODS)
    for role in (*pod_roles(stack), *TAKERS):
        mine = TAKERS.get(role, PODS)
        for service in services:
            if service != mine:
                assert not takes(stack, role, service, of_pod(role)), (role, service)
        assert not takes(stack, role, "arn:aws:iam::111122223333:role/outsider", of_pod(role)), role
        assert not takes(stack, role, "arn:aws:iam::111122223333:role/deployer", of_pod(role)), role


@pytest.mark.parametrize(("role", "service"), TAKERS.items())
def test_services_take_their_roles(stack: Deployment, role: str, service: str) -> None:
    """The service that needs the role gets it."""
    assert takes(stack, role, service, OURS)


@pytest.mark.parametrize("role", ["data-store-monitoring", "network-flow-logs"])
def test_services_take_no_role_on_anothers_behalf(stack: Deployment, role: str) -> None:
    """A service that acts for another account is refused: it would be a confused deputy.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html; EC2 names no source.
    """
    assert not takes(stack, role, TAKERS[role], THEIRS)


def test_keys_serve_cloudwatch_logs_for_our_log_groups_only(stack: Deployment) -> None:
    """CloudWatch Logs uses each key for log groups of this account, and no other service uses one."""
    ours = "arn:aws:logs:eu-west-1:111122223333:log-group:/alisio/x"
    theirs = "arn:aws:logs:eu-west-1:999999999999:log-group:/alisio/x"
    for resource in stack.of_type("aws:kms/key:Key"):

        def asks(who: str, group: str, policy: str = resource.plain_inputs["policy"]) -> Decision:
            context = {"kms:EncryptionContext:aws:logs:arn": group} if group else {}
            request = Request(action="kms:GenerateDataKey", resource="*", principal=who, context=dict(context))
            return evaluate(request, resource_policy=policy)

        assert asks("logs.eu-west-1.amazonaws.com", ours) is Decision.ALLOWED
        assert asks("logs.eu-west-1.amazonaws.com", theirs) is Decision.IMPLICIT_DENY
        assert asks("logs.eu-west-1.amazonaws.com", "") is Decision.IMPLICIT_DENY
        assert asks("logs.us-east-1.amazonaws.com", ours) is Decision.IMPLICIT_DENY
        assert asks("s3.amazonaws.com", ours) is Decision.IMPLICIT_DENY
        assert asks("arn:aws:iam::999999999999:role/deployer", ours) is Decision.IMPLICIT_DENY
