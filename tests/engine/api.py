"""The Kubernetes API, as much of it as tests ask for."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

Object = dict[str, Any]


@final
@dataclass(frozen=True)
class Api:
    """One API server, as the administrator whose token is in the kubeconfig."""

    kubeconfig: Mapping[str, Any]

    def ready(self) -> bool:
        try:
            return self._ask("GET", "/readyz") == b"ok"
        except OSError:
            return False

    def list(self, path: str, **labels: str) -> list[Object]:
        """The objects of a path such as `/api/v1/pods`; nothing where the kind is unknown."""
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        query = f"?labelSelector={urllib.parse.quote(selector)}" if selector else ""
        try:
            return json.loads(self._ask("GET", path + query))["items"]
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return []
            raise

    def get(self, path: str) -> Object | None:
        try:
            return json.loads(self._ask("GET", path))
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise

    def apply(self, path: str, manifest: Mapping[str, Any]) -> Object:
        """Create or change by server-side apply; `path` is that of the kind."""
        where = f"{path}/{manifest['metadata']['name']}?fieldManager=stage&force=true"
        return json.loads(self._ask("PATCH", where, manifest, kind="application/apply-patch+yaml"))

    def merge(self, path: str, patch: Mapping[str, Any]) -> Object:
        return json.loads(self._ask("PATCH", path, patch, kind="application/merge-patch+json"))

    def delete(self, path: str) -> None:
        self._ask("DELETE", path)

    @cached_property
    def _cluster(self) -> Mapping[str, Any]:
        return self.kubeconfig["clusters"][0]["cluster"]

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        authority = base64.b64decode(self._cluster["certificate-authority-data"]).decode()
        return ssl.create_default_context(cadata=authority)

    def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, kind: str = "application/json"
    ) -> bytes:
        request = urllib.request.Request(
            self._cluster["server"] + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.kubeconfig['users'][0]['user']['token']}", "Content-Type": kind},
        )
        with urllib.request.urlopen(request, context=self._tls, timeout=30) as answer:
            return answer.read()
