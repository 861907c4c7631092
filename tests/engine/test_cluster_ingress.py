"""The way in from outside, on a real API server: what EKS is told, and the pods that roll."""

from __future__ import annotations

from typing import Any

import pytest

from settings.stack_file import read_yaml
from tests.engine.conftest import Deployed
from tests.engine.test_cluster_changes import NAMESPACE, change, everything, touched

pytestmark = pytest.mark.engine

BINDINGS = f"/apis/eks.amazonaws.com/v1/namespaces/{NAMESPACE}/targetgroupbindings"
POLICIES = f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}/networkpolicies"
DOOR = {"domain": "airflow.corp.net", "publicZoneId": "Z0123456789"}


def bindings(deployed: Deployed) -> list[dict[str, Any]]:
    return deployed.cluster.api.list(BINDINGS)


def admitting(deployed: Deployed) -> list[str]:
    """The network policies that let addresses in."""
    found = deployed.cluster.api.list(POLICIES)
    return [
        each["metadata"]["name"]
        for each in found
        if any("ipBlock" in peer for rule in each["spec"].get("ingress") or () for peer in rule.get("from") or ())
    ]


def test_it_opens_changes_and_closes(deployed: Deployed) -> None:
    """Opened, there is one binding, of the api-server's Service to our target group, and one policy more that lets
    addresses in. Another domain leaves the binding alone. Closed, both are gone. The address is in airflow.cfg, so it
    rolls every pod.
    """
    bring, kept = change(deployed), read_yaml(deployed.stage.project.stack_file(deployed.name))["config"]
    before = kept.get("alisio:ingress")
    closing: dict[str, Any] = {"alisio:ingress": None}
    if before:
        bring({"alisio:ingress": {**before, "deletionProtection": False}})
    bring(closing)
    assert bindings(deployed) == []
    closed = admitting(deployed)

    outcome, new = bring({"alisio:ingress": {**DOOR, "deletionProtection": False}})
    assert touched(deployed, outcome).keys() == {"create", "update"}
    assert new == everything(deployed)
    (binding,) = bindings(deployed)
    (group,) = deployed.stage.world.cloud.of_type("aws:lb/targetGroup:TargetGroup")
    assert binding["spec"] == {
        "targetGroupARN": group.outputs["arn"],
        "targetType": "ip",
        "serviceRef": {"name": "airflow-api-server", "port": 8080},
    }
    service = deployed.cluster.api.get(f"/api/v1/namespaces/{NAMESPACE}/services/airflow-api-server")
    assert service is not None
    assert 8080 in {each["port"] for each in service["spec"]["ports"]}
    assert len(set(admitting(deployed)) - set(closed)) == 1

    bring({"alisio:ingress": {**DOOR, "domain": "flows.corp.net", "deletionProtection": False}})
    assert [each["metadata"]["uid"] for each in bindings(deployed)] == [binding["metadata"]["uid"]]
    outcome, new = bring(closing)
    assert touched(deployed, outcome).keys() == {"delete", "update"}
    assert new == everything(deployed)
    assert bindings(deployed) == []
    assert admitting(deployed) == closed
    bring({"alisio:ingress": before})
