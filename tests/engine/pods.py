"""Which pods there are, and which of them are others than before: read from the API server."""

from __future__ import annotations

import time
from typing import Any, final

from tests.engine.api import Api

DEPLOYMENTS = "/apis/apps/v1/namespaces/{}/deployments"
PODS = "/api/v1/namespaces/{}/pods"


@final
class Pods:
    """The pods of each Deployment of a namespace, once every Deployment has come to rest."""

    def __init__(self, api: Api, namespace: str) -> None:
        self._api, self._namespace = api, namespace

    def now(self, seconds: float = 60) -> dict[str, set[str]]:
        """Deployment -> the unique ids of its pods."""
        deadline = time.monotonic() + seconds
        while True:
            found = self._look()
            if found is not None:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"the deployments of {self._namespace} did not come to rest in {seconds:g} s")
            time.sleep(0.2)

    def _look(self) -> dict[str, set[str]] | None:
        pods = [each for each in self._api.list(PODS.format(self._namespace)) if _lives(each)]
        found: dict[str, set[str]] = {}
        for each in self._api.list(DEPLOYMENTS.format(self._namespace)):
            status, wanted = each.get("status", {}), each["spec"]["replicas"]
            chosen: dict[str, str] = each["spec"]["selector"]["matchLabels"]
            mine = {
                pod["metadata"]["uid"]
                for pod in pods
                if chosen.items() <= (pod["metadata"].get("labels") or {}).items()
            }
            counts = [len(mine), *(status.get(key, 0) for key in ("replicas", "updatedReplicas", "readyReplicas"))]
            seen = status.get("observedGeneration", 0) >= each["metadata"]["generation"]
            if not seen or counts != [wanted] * len(counts):
                return None
            found[each["metadata"]["name"]] = mine
        return found


def rolled(before: dict[str, set[str]], after: dict[str, set[str]]) -> set[str]:
    """The Deployments none of whose pods is one of before; a Deployment that keeps some of its pods is no answer."""
    both = before.keys() & after.keys()
    changed = {name for name in both if before[name] != after[name]}
    for name in changed:
        kept = before[name] & after[name]
        if kept and kept != min(before[name], after[name], key=len):
            raise AssertionError(f"{name} rolled in part")
    return {name for name in changed if not before[name] & after[name]}


def _lives(pod: dict[str, Any]) -> bool:
    return "deletionTimestamp" not in pod["metadata"]
