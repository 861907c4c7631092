"""The end of a stack on a real API server. This file stands behind all others that use it: it ends the stack."""

from __future__ import annotations

import threading
import time
import urllib.error
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from tests.engine.api import Api
from tests.engine.conftest import Deployed
from tests.engine.events import Outcome

pytestmark = pytest.mark.engine

NAMESPACES = {"airflow", "keda"}
SCALED = "/apis/keda.sh/v1alpha1/namespaces/airflow/scaledobjects"
FINALIZER = "finalizer.keda.sh"
OPERATOR = "/apis/apps/v1/namespaces/keda/deployments/keda-operator"
RELEASE = "kubernetes:helm.sh/v3:Release"
SLOW_SECONDS = 3
# EKS takes the pods out of the target group while it still may. The load balancer's addresses are gone before subnets
# and internet gateway.
DOOR = {
    "dev": (),
    "prod": (
        ("kubernetes:eks.amazonaws.com/v1:TargetGroupBinding", "aws:lb/listener:Listener"),
        ("kubernetes:eks.amazonaws.com/v1:TargetGroupBinding", "aws:lb/targetGroup:TargetGroup"),
        ("kubernetes:eks.amazonaws.com/v1:TargetGroupBinding", "aws:eks/cluster:Cluster"),
        ("aws:wafv2/webAclAssociation:WebAclAssociation", "aws:lb/loadBalancer:LoadBalancer"),
        ("aws:lb/listener:Listener", "aws:lb/loadBalancer:LoadBalancer"),
        ("aws:lb/loadBalancer:LoadBalancer", "aws:ec2/internetGateway:InternetGateway"),
        ("aws:lb/loadBalancer:LoadBalancer", "aws:ec2/subnet:Subnet"),
    ),
}


@contextmanager
def keda_at_work(api: Api) -> Generator[list[str]]:
    """KEDA's part in a deletion: it takes its time, and is there only as long as its release is. Yields what it did."""
    freed: list[str] = []
    stopped = threading.Event()
    marked: dict[str, float] = {}
    for each in api.list(SCALED):
        api.merge(f"{SCALED}/{each['metadata']['name']}", {"metadata": {"finalizers": [FINALIZER]}})

    def work() -> None:
        while not stopped.wait(0.3):
            try:
                if api.get(OPERATOR) is None:
                    continue
                for each in api.list(SCALED):
                    name = each["metadata"]["name"]
                    if "deletionTimestamp" not in each["metadata"]:
                        continue
                    if time.monotonic() - marked.setdefault(name, time.monotonic()) > SLOW_SECONDS:
                        api.merge(f"{SCALED}/{name}", {"metadata": {"finalizers": None}})
                        freed.append(name)
            except (urllib.error.URLError, OSError):
                continue

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield freed
    finally:
        stopped.set()
        thread.join()


class Order:
    """When the deletion of a resource began and when it had succeeded, as places in the row of events."""

    def __init__(self, outcome: Outcome) -> None:
        self.began: dict[str, list[int]] = {}
        self.ended: dict[str, list[int]] = {}
        for place, event in enumerate(outcome.events):
            for kind, found in (("resourcePreEvent", self.began), ("resOutputsEvent", self.ended)):
                metadata = event.get(kind, {}).get("metadata", {})
                if metadata.get("op") == "delete":
                    name = metadata["urn"].rpartition("::")[2] if metadata["type"] == RELEASE else ""
                    found.setdefault(f"{metadata['type']} {name}".strip(), []).append(place)

    def before(self, first: str, then: str) -> bool:
        """All of the one were gone when the first of the others began to go."""
        return max(self.ended[first]) < min(self.began[then])


def test_destroy_leaves_nothing_and_goes_in_order(deployed: Deployed) -> None:
    """Airflow goes before its nodes and before KEDA, which frees its objects; access and the cluster outlive both.

    The network outlives the cluster. Without protection `pulumi destroy` succeeds at once, and nothing is left if
    the settings say so.
    """
    stage, api = deployed.stage, deployed.cluster.api
    if deployed.name == "prod":
        stage.project.configure(
            "prod",
            {
                "alisio:production": False,
                "alisio:protect": False,
                "alisio:buckets.forceDestroy": True,
                "alisio:dataStore.skipFinalSnapshot": True,
            },
        )
        unprotected = stage.engine.up("prod")
        assert unprotected.code == 0, unprotected.output
        assert set(unprotected.touched) <= {"update"}, unprotected.touched
    held = {(each["type"], each.get("id")) for each in stage.engine.resources(deployed.name)}
    # The tests before this one closed the door: what it wrote about its visitors stays.
    let_go = [thing for thing in stage.world.cloud.things if (thing.type, thing.id) not in held]
    assert {thing.name for thing in let_go} <= {f"alisio-{deployed.name}-access-logs"}
    scaled = {each["metadata"]["name"] for each in api.list(SCALED)}
    assert scaled
    with keda_at_work(api) as freed:
        outcome = stage.engine.destroy(deployed.name)
    assert outcome.code == 0, outcome.output
    assert set(freed) == scaled

    order = Order(outcome)
    airflow, keda = (f"{RELEASE} alisio-{deployed.name}-airflow{end}" for end in ("", "-keda"))
    for first, then in [
        (airflow, keda),
        (airflow, "kubernetes:karpenter.sh/v1:NodePool"),
        *((release, access) for release in (airflow, keda) for access in (
            "aws:eks/accessEntry:AccessEntry", "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
            "kubernetes:eks.amazonaws.com/v1:NodeClass", "aws:eks/cluster:Cluster",
        )),
        ("kubernetes:karpenter.sh/v1:NodePool", "aws:eks/cluster:Cluster"),
        *DOOR[deployed.name],
        *(("aws:eks/cluster:Cluster", network) for network in (
            "aws:ec2/subnet:Subnet", "aws:ec2/natGateway:NatGateway", "aws:ec2/vpc:Vpc",
        )),
    ]:  # fmt: skip
        assert order.before(first, then), f"{then} began to go before {first} was gone"

    assert stage.world.cloud.things == let_go
    assert not {space["metadata"]["name"] for space in api.list("/api/v1/namespaces")} & NAMESPACES
    for kind in (
        "/apis/apps/v1/deployments", "/apis/karpenter.sh/v1/nodepools", "/apis/eks.amazonaws.com/v1/nodeclasses",
    ):  # fmt: skip
        assert api.list(kind) == []
    assert stage.engine.resources(deployed.name) == []
