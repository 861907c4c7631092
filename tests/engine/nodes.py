"""Karpenter's part: a node for each zone of a node pool that exists, none for one that is gone."""

from __future__ import annotations

import threading
import urllib.error
from collections.abc import Iterator, Sequence
from typing import Any, Final, final

from tests.engine.api import Api, Object

POOLS: Final = "/apis/karpenter.sh/v1/nodepools"
NODES: Final = "/api/v1/nodes"
POOL_LABEL: Final = "karpenter.sh/nodepool"
# Of an m7g.4xlarge, less what the kubelet keeps.
SIZE: Final = {"cpu": "15890m", "memory": "61Gi", "pods": "110", "ephemeral-storage": "75Gi"}


@final
class Nodes:
    """Looks at the node pools twice a second, in a thread of its own."""

    def __init__(self, api: Api, zones: Sequence[str]) -> None:
        self._api = api
        self._zones = zones
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(0.5):
            try:
                self._reconcile()
            except (urllib.error.URLError, OSError):
                # The API server is busy, or on its way out; the next look decides.
                continue

    def _reconcile(self) -> None:
        wanted = {node["metadata"]["name"]: node for pool in self._api.list(POOLS) for node in self._nodes_of(pool)}
        there = {node["metadata"]["name"] for node in self._api.list(NODES)}
        for name in wanted.keys() - there:
            self._api.apply(NODES, wanted[name])
        for name in there - wanted.keys():
            self._api.delete(f"{NODES}/{name}")

    def _nodes_of(self, pool: Object) -> Iterator[Object]:
        if "deletionTimestamp" in pool["metadata"]:
            return
        name = pool["metadata"]["name"]
        requirements: list[dict[str, Any]] = pool["spec"]["template"]["spec"]["requirements"]
        chosen = {each["key"]: each["values"][0] for each in requirements if each["operator"] == "In"}
        for zone in self._zones:
            labels: dict[str, str] = {
                **chosen,
                POOL_LABEL: name,
                "kubernetes.io/hostname": f"{name}-{zone}",
                "kubernetes.io/os": "linux",
                "topology.kubernetes.io/zone": zone,
                "topology.kubernetes.io/region": zone[:-1],
            }
            yield {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {"name": f"{name}-{zone}", "labels": labels},
                "spec": {"taints": pool["spec"]["template"]["spec"].get("taints", [])},
                "status": {"allocatable": SIZE, "capacity": SIZE},
            }
