"""Kill -9 while Helm works: with the real Kubernetes provider, on a real API server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.recover.helm import Helm
from scripts.recover.orphans import orphans_in
from tests.engine.charts_server import ChartRepository
from tests.engine.cluster import Cluster
from tests.engine.engine import Running
from tests.engine.programs import missing
from tests.engine.recovering import NamingDouble, mend
from tests.engine.stage import Stage

pytestmark = pytest.mark.engine

STACK = "dev"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    if absent := missing():
        pytest.fail(f"not built yet: {', '.join(absent)}; run `make engine`", pytrace=False)
    with Cluster(tmp_path / "cluster") as found:
        yield found


@pytest.fixture
def stage(tmp_path: Path, cluster: Cluster) -> Iterator[Stage]:
    with (
        ChartRepository(tmp_path / "charts") as charts,
        Stage(tmp_path / "stage", stack=STACK, kubeconfig=cluster.kubeconfig, double=NamingDouble) as found,
    ):
        charts.serve(found.project)
        found.engine.init(STACK)
        yield found


def records(cluster: Cluster, namespace: str) -> list[dict[str, str]]:
    """The labels of Helm's records, oldest first."""
    secrets = cluster.api.list(f"/api/v1/namespaces/{namespace}/secrets", owner="helm")
    return sorted((each["metadata"]["labels"] for each in secrets), key=lambda labels: int(labels["version"]))


def kill_when(cluster: Cluster, running: Running, namespace: str, status: str) -> None:
    """As soon as Helm has noted this of its last revision."""
    deadline = time.monotonic() + 180
    while [each["status"] for each in records(cluster, namespace)][-1:] != [status]:
        if running.process.poll() is not None or time.monotonic() > deadline:
            outcome = running.wait(1)
            pytest.fail(f"{namespace} was never {status}: {outcome.output[-2000:]}")
    running.kill()


def assert_deployed(stage: Stage, cluster: Cluster) -> None:
    preview = stage.engine.preview(STACK)
    assert set(preview.changes) == {"same"}, preview.output
    for namespace in ("airflow", "keda"):
        assert records(cluster, namespace)[-1]["status"] == "deployed"
        for each in cluster.api.list(f"/apis/apps/v1/namespaces/{namespace}/deployments"):
            assert each["status"].get("readyReplicas", 0) == each["spec"]["replicas"], each["metadata"]["name"]


def secrets_in(cluster: Cluster) -> dict[str, Any]:
    """What the pods use."""
    found = cluster.api.list("/api/v1/namespaces/airflow/secrets")
    return {each["metadata"]["name"]: each["data"] for each in found if each["type"] == "Opaque"}


def test_a_release_that_was_killed_while_it_waited(stage: Stage, cluster: Cluster) -> None:
    """In each first install, an upgrade and a removal: Helm would refuse every later `up`; after recover it goes on.

    Nothing is made twice, and no secret of the pods changes.
    """
    for namespace in ("keda", "airflow"):
        kill_when(cluster, stage.engine.start_up(STACK), namespace, "pending-install")
        assert [orphan.name for orphan in orphans_in(stage.project.folder)] == ["pulumi-resource-kubernetes"]
        mend(stage, STACK, connect=Helm)
        assert orphans_in(stage.project.folder) == []
        # Its provider may have come to the end of its wait before it was ended.
        assert [each["status"] for each in records(cluster, namespace)] in ([], ["deployed"])
    outcome = stage.engine.up(STACK)
    assert outcome.code == 0, outcome.output
    assert_deployed(stage, cluster)

    used = secrets_in(cluster)
    assert used
    stage.project.configure(STACK, {"alisio:airflow.scheduler": {"replicas": 2, "cpu": "1", "memory": "2Gi"}})
    kill_when(cluster, stage.engine.start_up(STACK), "airflow", "pending-upgrade")
    mend(stage, STACK, connect=Helm)
    outcome = stage.engine.up(STACK)
    assert outcome.code == 0, outcome.output
    assert_deployed(stage, cluster)
    assert secrets_in(cluster) == used

    kill_when(cluster, stage.engine.start_destroy(STACK), "airflow", "uninstalling")
    mend(stage, STACK, connect=Helm)
    outcome = stage.engine.destroy(STACK)
    assert outcome.code == 0, outcome.output
    assert stage.world.cloud.things == []
    assert cluster.api.list("/apis/apps/v1/deployments") == []
