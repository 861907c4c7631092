"""A Kubernetes control plane without containers: etcd, API server, controllers, scheduler; kwok in place of kubelets.

Real: admission with Pod Security, RBAC, quotas, disruption budgets, scheduling, controllers, custom resources. Not
real: images, the network and NetworkPolicy; a pod is Ready as soon as it has a node, a job's pod succeeds.
"""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, final

from tests.engine import crds
from tests.engine.api import Api
from tests.engine.nodes import Nodes
from tests.engine.parts import Part
from tests.engine.ports import free_ports
from tests.engine.programs import KWOK, program

ZONES: Final = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
STAGES: Final = ("node/fast", "node/heartbeat", "pod/fast")
SERVICES: Final = "172.20.0.0/16"


@final
class Cluster:
    """One control plane in a folder, gone when the `with` ends, or when whoever runs the test does."""

    def __init__(
        self,
        folder: Path,
        *,
        zones: Sequence[str] = ZONES,
        api_options: Sequence[str] = (),
        controller_options: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self._zones = zones
        self._api_options = api_options
        self._controller_options = controller_options
        self._parts: list[Part] = []
        self._closing = contextlib.ExitStack()
        self._etcd, self._peer, self._port, self._kwok = free_ports(4)
        self._token = secrets.token_urlsafe(32)

    def __enter__(self) -> Cluster:
        with self._closing:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._start_store()
            self._start_api()
            self._define()
            self._start_controllers()
            nodes = Nodes(self.api, self._zones)
            nodes.start()
            self._closing.callback(nodes.stop)
            # All is well: closing is for `__exit__`.
            self._closing = self._closing.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    @property
    def api(self) -> Api:
        return Api(self.kubeconfig)

    @property
    def kubeconfig(self) -> dict[str, Any]:
        """Of the administrator."""
        # The API server signs a certificate for itself at its first start; the file holds its authority too.
        authority = base64.b64encode((self._certificates / "apiserver.crt").read_bytes()).decode()
        cluster = {"server": f"https://127.0.0.1:{self._port}", "certificate-authority-data": authority}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "stage", "cluster": cluster}],
            "contexts": [{"name": "stage", "context": {"cluster": "stage", "user": "admin"}}],
            "current-context": "stage",
            "users": [{"name": "admin", "user": {"token": self._token}}],
        }

    @property
    def kubeconfig_file(self) -> Path:
        return self.folder / "kubeconfig.json"

    @property
    def _certificates(self) -> Path:
        return self.folder / "certificates"

    def _start_store(self) -> None:
        client, peer = f"http://127.0.0.1:{self._etcd}", f"http://127.0.0.1:{self._peer}"
        self._start(
            "etcd",
            *("--data-dir", str(self.folder / "etcd"), "--log-level", "warn", "--unsafe-no-fsync"),
            *("--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer),
            *("--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}"),
        )

    def _start_api(self) -> None:
        tokens = self.folder / "tokens.csv"
        tokens.touch(mode=0o600)
        tokens.write_text(f'{self._token},admin,1,"system:masters"\n', encoding="utf-8")
        # Tokens of service accounts are signed with the key of the server's own certificate: it is there in time.
        key = str(self._certificates / "apiserver.key")
        self._start(
            "kube-apiserver",
            *("--etcd-servers", f"http://127.0.0.1:{self._etcd}", "--secure-port", str(self._port)),
            *("--bind-address", "127.0.0.1", "--cert-dir", str(self._certificates)),
            *("--authorization-mode", "RBAC", "--token-auth-file", str(tokens)),
            *("--service-account-key-file", key, "--service-account-signing-key-file", key),
            *("--service-account-issuer", "https://kubernetes.default.svc", "--service-cluster-ip-range", SERVICES),
            "--allow-privileged=true",
            *self._api_options,
            ready=lambda: (
                self._certificates.is_dir() and (self._certificates / "apiserver.crt").is_file() and self.api.ready()
            ),
        )
        self.kubeconfig_file.touch(mode=0o600)
        self.kubeconfig_file.write_text(json.dumps(self.kubeconfig), encoding="utf-8")

    def _define(self) -> None:
        for definition in (*crds.karpenter(), *crds.auto_mode()):
            self.api.apply(crds.PATH, definition)
        self._wait("custom resources", lambda: all(map(_established, self.api.list(crds.PATH))))

    def _start_controllers(self) -> None:
        common = ("--kubeconfig", str(self.kubeconfig_file), "--leader-elect=false", "--secure-port=0")
        key = str(self._certificates / "apiserver.key")
        authority = str(self._certificates / "apiserver.crt")
        self._start(
            "kube-controller-manager",
            *common,
            *("--service-account-private-key-file", key, "--root-ca-file", authority),
            *self._controller_options,
            ready=lambda: self.api.get("/api/v1/namespaces/default/serviceaccounts/default") is not None,
        )
        self._start("kube-scheduler", *common)
        self._start(
            "kwok",
            *("--kubeconfig", str(self.kubeconfig_file), "--manage-all-nodes=true", "--config", str(self._stages())),
            f"--server-address=127.0.0.1:{self._kwok}",
        )

    def _stages(self) -> Path:
        """What kwok does to nodes and pods, as its authors wrote it, in the one file that it wants."""
        folder = KWOK.folder / "kustomize" / "stage"
        files = [file for stage in STAGES for file in sorted((folder / stage).glob("*.yaml"))]
        texts = [file.read_text(encoding="utf-8") for file in files if file.name != "kustomization.yaml"]
        joined = self.folder / "stages.yaml"
        joined.write_text("\n---\n".join(texts), encoding="utf-8")
        return joined

    def _start(self, name: str, *words: str, ready: Callable[[], bool] = lambda: True) -> None:
        part = Part(name=name, command=[str(program(name)), *words], log=self.folder / f"{name}.log")
        self._closing.callback(part.stop)
        self._parts.append(part)
        part.start(ready)

    def _wait(self, what: str, ready: Callable[[], bool], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}: not ready in {seconds:g} s")
            time.sleep(0.1)


def _established(definition: dict[str, Any]) -> bool:
    conditions: list[dict[str, str]] = definition.get("status", {}).get("conditions") or []
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)
