"""What the real API server says of schedules."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest

from tests.crons import ACCIDENTS, REFUSED, TAKEN
from tests.engine.cluster import Cluster
from tests.engine.programs import KARPENTER, KWOK, missing

pytestmark = pytest.mark.engine

NEEDED = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if absent := missing(*NEEDED, folders=[KWOK, KARPENTER]):
        pytest.fail(f"not built yet: {', '.join(absent)}; run `make engine`", pytrace=False)
    with Cluster(tmp_path_factory.mktemp("cron") / "cluster") as cluster:
        yield cluster


def complaint(cluster: Cluster, schedule: str) -> str:
    """What the API server has against a schedule; an empty text if it takes it."""
    pod = {"restartPolicy": "Never", "containers": [{"name": "clean", "image": "clean"}]}
    manifest: dict[str, Any] = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "clean"},
        "spec": {"schedule": schedule, "jobTemplate": {"spec": {"template": {"spec": pod}}}},
    }
    try:
        cluster.api.apply("/apis/batch/v1/namespaces/default/cronjobs", manifest)
    except urllib.error.HTTPError as error:
        if error.code != 422:
            raise
        return str(json.loads(error.read())["message"])
    return ""


def test_kubernetes_takes_and_refuses_what_the_settings_take_and_refuse(cluster: Cluster) -> None:
    """The table that the settings are tested with is the API server's own opinion."""
    assert {each: found for each in (*TAKEN, *ACCIDENTS) if (found := complaint(cluster, each))} == {}
    assert [each for each in REFUSED if "spec.schedule" not in complaint(cluster, each)] == []
