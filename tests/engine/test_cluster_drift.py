"""What somebody changed in the cluster by hand: refresh shows it, up heals it."""

from __future__ import annotations

import pytest

from tests.engine.conftest import Deployed

pytestmark = pytest.mark.engine

POLICIES = "/apis/networking.k8s.io/v1/namespaces/airflow/networkpolicies"
POOLS = "/apis/karpenter.sh/v1/nodepools"


def test_a_policy_that_was_deleted_and_a_pool_that_was_changed_come_back(deployed: Deployed) -> None:
    """One deletion and one change are seen as such, and nothing else is touched when they are healed."""
    api, engine = deployed.cluster.api, deployed.stage.engine
    policy = api.list(POLICIES)[0]["metadata"]["name"]
    api.delete(f"{POLICIES}/{policy}")
    pool = api.list(POOLS)[0]
    name, limits = pool["metadata"]["name"], pool["spec"]["limits"]
    api.merge(f"{POOLS}/{name}", {"spec": {"limits": {"cpu": "1"}}})

    seen = engine.refresh(deployed.name)
    assert seen.code == 0, seen.output
    assert {op: count for op, count in seen.changes.items() if op != "same"} == {"delete": 1, "update": 1}
    healed = engine.up(deployed.name)
    assert healed.code == 0, healed.output
    found = {op: {each.rpartition("-")[2] for each in names} for op, names in healed.touched.items()}
    assert {op: len(names) for op, names in found.items()} == {"create": 1, "update": 1}
    assert api.get(f"{POLICIES}/{policy}") is not None
    again = api.get(f"{POOLS}/{name}")
    assert again is not None
    assert again["spec"]["limits"] == limits


def test_a_release_that_was_uninstalled_comes_back(deployed: Deployed) -> None:
    """Its record and its Deployments are gone: refresh says that the release is, and up installs it again."""
    api, engine = deployed.cluster.api, deployed.stage.engine
    records = "/api/v1/namespaces/airflow/secrets"
    there = {each["metadata"]["name"] for each in api.list("/apis/apps/v1/namespaces/airflow/deployments")}
    for record in api.list(records, owner="helm", name="airflow"):
        api.delete(f"{records}/{record['metadata']['name']}")
    for name in there:
        api.delete(f"/apis/apps/v1/namespaces/airflow/deployments/{name}")

    seen = engine.refresh(deployed.name)
    assert seen.code == 0, seen.output
    assert {op: count for op, count in seen.changes.items() if op != "same"} == {"delete": 1}
    healed = engine.up(deployed.name)
    assert healed.code == 0, healed.output
    assert healed.touched == {"create": {f"alisio-{deployed.name}-airflow"}}
    assert {each["metadata"]["name"] for each in api.list("/apis/apps/v1/namespaces/airflow/deployments")} == there
