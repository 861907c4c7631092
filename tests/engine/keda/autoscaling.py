"""KEDA's operator and adapter beside the control plane, and the worker groups of a stack as the chart makes them.

The API server must reach the adapter, which runs outside a pod. Endpoints may not name a loopback address. A Service of
type ExternalName may name `localhost`: with `--enable-aggregator-routing=false` the aggregator resolves it, takes the
port of the APIService, and still checks the certificate for `<service>.<namespace>.svc`.

Everything listens on loopback, but for the adapter's own metrics: KEDA takes a port for them and no address.

Time runs faster for KEDA and for the autoscalers by one factor, `FASTER`; `quick` says where.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, final

import trustme

from chart import ca_bundle
from chart.names import KEDA_NAMESPACE, NAMESPACE
from chart.secrets import CONNECTION, Secret
from local.services.certificates import Certificates
from plan import plan_stack
from plan.deployment import Resource
from plan.values import release
from tests.engine import crds
from tests.engine.api import Object
from tests.engine.charts_server import official
from tests.engine.cluster import Cluster
from tests.engine.keda.database import Database
from tests.engine.keda.way import Way
from tests.engine.parts import Part
from tests.engine.ports import free_ports
from tests.engine.programs import program
from tests.engine.test_charts import rendered

FASTER: Final = 30
SYNC_SECONDS: Final = 15
"""How often the autoscalers of Kubernetes look: the default of --horizontal-pod-autoscaler-sync-period."""
DEPLOYMENTS: Final = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
SCALED_OBJECTS: Final = f"/apis/keda.sh/v1alpha1/namespaces/{NAMESPACE}/scaledobjects"
FRONT_PROXY: Final = "front-proxy-client"
ADAPTER: Final = "keda-metrics-apiserver"
EXTERNAL_METRICS: Final = "v1beta1.external.metrics.k8s.io"


def quick(scaled: Object) -> Object:
    """The ScaledObject with its times divided by `FASTER`. KEDA looks no more often than once a second."""
    found = copy.deepcopy(scaled)
    spec = found["spec"]
    down = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
    for where, key in (
        (spec, "pollingInterval"),
        (spec, "cooldownPeriod"),
        (down, "stabilizationWindowSeconds"),
        *((policy, "periodSeconds") for policy in down["policies"]),
    ):
        where[key] = max(1, where[key] // FASTER)
    return found


@final
class Autoscaling:
    """A stack's worker groups under KEDA, until the `with` ends."""

    def __init__(self, stack: str, folder: Path) -> None:
        self.stack = stack
        self.folder = folder
        self._closing = contextlib.ExitStack()
        postgres, self._grpc, self._secure, self._probe, self._metrics = free_ports(5)
        self._files = _certificates(folder)
        self.database = Database(Certificates(folder), postgres)
        self.way = Way(postgres)
        self.cluster = Cluster(
            folder / "cluster",
            api_options=[
                "--enable-aggregator-routing=false",
                *("--proxy-client-cert-file", str(folder / "front.pem")),
                *("--proxy-client-key-file", str(folder / "front.key")),
                *("--requestheader-client-ca-file", str(folder / "ca.pem")),
                *("--requestheader-allowed-names", FRONT_PROXY),
                *("--requestheader-username-headers", "X-Remote-User"),
                *("--requestheader-group-headers", "X-Remote-Group"),
                *("--requestheader-extra-headers-prefix", "X-Remote-Extra-"),
            ],
            controller_options=[f"--horizontal-pod-autoscaler-sync-period={SYNC_SECONDS * 1000 // FASTER}ms"],
        )
        made = rendered("airflow", stack, folder / "chart", official("airflow"))
        self.scaled: dict[str, Object] = {
            key.rpartition("-worker-")[2]: each for key, each in made.items() if key.startswith("ScaledObject/")
        }
        """As the chart makes them, by worker group."""
        self._made = made

    def __enter__(self) -> Autoscaling:
        with self._closing:
            for each in (self.database, self.way, self.cluster):
                self._closing.enter_context(each)
            self._surround()
            self._start_operator()
            self._start_adapter()
            for scaled in self.scaled.values():
                self.cluster.api.apply(SCALED_OBJECTS, quick(scaled))
            self._closing = self._closing.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def workers(self, group: str) -> int:
        """How many the group is to have."""
        found = self.cluster.api.get(f"{DEPLOYMENTS}/airflow-worker-{group}")
        assert found is not None
        return found["spec"]["replicas"]

    def running(self, group: str) -> int:
        """How many pods of the group are ready."""
        pods = self.cluster.api.list(
            f"/api/v1/namespaces/{NAMESPACE}/pods", component="worker", **{"worker-set": group}
        )
        return sum(
            any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions", []))
            for pod in pods
        )

    def watch(
        self, seconds: float, *groups: str, until: Callable[[dict[str, Course]], bool] = lambda _: False
    ) -> dict[str, Course]:
        """How many workers each group has over time, for so long, or until something holds of what was noted."""
        courses = {group: Course() for group in groups}
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for group, course in courses.items():
                course.note(self.workers(group))
            if until(courses):
                break
            time.sleep(0.2)
        return courses

    def becomes(self, group: str, count: int, seconds: float = 60) -> Course:
        """Wait until the group has so many workers, and they run."""
        course = self.watch(
            seconds, group, until=lambda courses: courses[group].last == count and self.running(group) == count
        )[group]
        assert course.last == count, f"{group} is to have {count} workers: {course}\n{self.told(group)}"
        return course

    def told(self, group: str) -> str:
        """What KEDA and the autoscaler say of the group, and the last lines of KEDA."""
        conditions: list[str] = []
        for path in (
            f"{SCALED_OBJECTS}/airflow-worker-{group}",
            f"/apis/autoscaling/v2/namespaces/{NAMESPACE}/horizontalpodautoscalers/keda-hpa-airflow-worker-{group}",
        ):
            found = self.cluster.api.get(path) or {}
            conditions += [str(each) for each in found.get("status", {}).get("conditions", [])]
        logs = [file.read_text(encoding="utf-8").splitlines()[-6:] for file in sorted(self.folder.glob("keda-*.log"))]
        return "\n".join([*conditions, *(line for lines in logs for line in lines)])

    def _surround(self) -> None:
        """What stands around the workers: namespaces, node pools, what their variables are read from.

        KEDA resolves every variable of the container that it scales, not only the one that its trigger names: it scales
        nothing where a Secret of another is missing. The official chart's workers have more than the stand-in's.
        """
        api = self.cluster.api
        for definition in crds.keda():
            api.apply(crds.PATH, definition)
        for resource in _kubernetes(self.stack, "core/v1:Namespace"):
            api.apply("/api/v1/namespaces", dict(resource))
        for resource in _kubernetes(self.stack, "karpenter.sh/v1:NodePool"):
            api.apply("/apis/karpenter.sh/v1/nodepools", dict(resource))
        for kind, path in (("core/v1:Secret", "secrets"), ("core/v1:ConfigMap", "configmaps")):
            for resource in _kubernetes(self.stack, kind):
                if resource["metadata"]["namespace"] == NAMESPACE:
                    api.apply(f"/api/v1/namespaces/{NAMESPACE}/{path}", dict(resource))
        uri = self.database.uri(self.way.port)
        secret = {"metadata": {"name": Secret.METADATA.value}, "stringData": {CONNECTION: uri}}
        api.apply(f"/api/v1/namespaces/{NAMESPACE}/secrets", {"apiVersion": "v1", "kind": "Secret", **secret})
        for name, each in self._made.items():
            if "worker" in name and each["kind"] == "ServiceAccount":
                api.apply(f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts", each)
            if name.startswith("Deployment/airflow-worker-"):
                api.apply(DEPLOYMENTS, each)

    def _start_operator(self) -> None:
        values = release(plan_stack(self.stack), "keda").plain_inputs["values"]
        given: dict[str, str] = {each["name"]: each["value"] for each in values["env"]}
        environment = {
            **given,
            **{name: str(self.folder / "ca.pem") for name, value in given.items() if value == ca_bundle.PATH},
            **self._identity("keda-operator"),
            "KEDA_HTTP_DEFAULT_TIMEOUT": "3000",
        }
        self._start(
            "keda-operator",
            environment,
            *("--cert-dir", str(self._files), "--enable-cert-rotation=false"),
            f"--metrics-bind-address=127.0.0.1:{self._metrics}",
            f"--health-probe-bind-address=127.0.0.1:{self._probe}",
            f"--metrics-service-bind-address=127.0.0.1:{self._grpc}",
            ready=lambda: _listens(self._grpc),
        )

    def _start_adapter(self) -> None:
        api, kubeconfig = self.cluster.api, str(self.cluster.kubeconfig_file)
        self._start(
            "keda-adapter",
            self._identity(ADAPTER),
            *("--secure-port", str(self._secure), "--bind-address=127.0.0.1", "--cert-dir", str(self._files)),
            *("--tls-cert-file", str(self._files / "tls.crt"), "--tls-private-key-file", str(self._files / "tls.key")),
            *("--authentication-kubeconfig", kubeconfig, "--authorization-kubeconfig", kubeconfig),
            *("--lister-kubeconfig", kubeconfig, f"--metrics-service-address=127.0.0.1:{self._grpc}", "--port=0"),
            ready=lambda: _listens(self._secure),
        )
        service = {"type": "ExternalName", "externalName": "localhost"}
        api.apply(
            f"/api/v1/namespaces/{KEDA_NAMESPACE}/services",
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": ADAPTER}, "spec": service},
        )
        group, version = "external.metrics.k8s.io", "v1beta1"
        spec = {
            "service": {"name": ADAPTER, "namespace": KEDA_NAMESPACE, "port": self._secure},
            "caBundle": base64.b64encode((self.folder / "ca.pem").read_bytes()).decode(),
            "group": group,
            "version": version,
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
        }
        services = "/apis/apiregistration.k8s.io/v1/apiservices"
        api.apply(
            services,
            {
                "apiVersion": "apiregistration.k8s.io/v1",
                "kind": "APIService",
                "metadata": {"name": EXTERNAL_METRICS},
                "spec": spec,
            },
        )
        deadline = time.monotonic() + 30
        while not _available(found := api.get(f"{services}/{EXTERNAL_METRICS}") or {}):
            assert time.monotonic() < deadline, found.get("status")
            time.sleep(0.2)

    def _identity(self, pod: str) -> dict[str, str]:
        return {
            "KEDA_CLUSTER_OBJECT_NAMESPACE": KEDA_NAMESPACE,
            "POD_NAMESPACE": KEDA_NAMESPACE,
            "POD_NAME": pod,
            "OPERATOR_NAME": pod,
            "WATCH_NAMESPACE": "",
            "HOME": str(self.folder),
        }

    def _start(self, name: str, environment: dict[str, str], *words: str, ready: Callable[[], bool]) -> None:
        part = Part(
            name=name,
            command=[str(program(name)), "--kubeconfig", str(self.cluster.kubeconfig_file), *words],
            log=self.folder / f"{name}.log",
            environment=environment,
        )
        self._closing.callback(part.stop)
        part.start(ready)


@final
class Course:
    """Numbers of workers over time, each with the second at which it was first seen."""

    def __init__(self) -> None:
        self.steps: list[tuple[float, int]] = []

    def note(self, count: int) -> None:
        if not self.steps or self.steps[-1][1] != count:
            self.steps.append((time.monotonic(), count))

    @property
    def counts(self) -> Sequence[int]:
        return [count for _, count in self.steps]

    @property
    def last(self) -> int:
        return self.steps[-1][1]

    @property
    def gaps(self) -> Sequence[float]:
        """Seconds between one change and the next."""
        return [later - earlier for (earlier, _), (later, _) in zip(self.steps[1:], self.steps[2:], strict=False)]

    def __repr__(self) -> str:
        return ", ".join(f"{count} at {moment - self.steps[0][0]:.1f} s" for moment, count in self.steps)


def _kubernetes(stack: str, kind: str) -> Iterator[dict[str, Any]]:
    resources: Sequence[Resource] = plan_stack(stack).resources
    for each in resources:
        if each.type == f"kubernetes:{kind}":
            yield {**each.plain_inputs}


def _certificates(folder: Path) -> Path:
    """One private authority: of the database, as RDS has its own; of KEDA's parts; of the aggregator."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    keda = folder / "keda"
    keda.mkdir()
    authority.cert_pem.write_to_path(keda / "ca.crt")
    for certificate, file, key in (
        (authority.issue_cert("localhost", "127.0.0.1"), folder / "server.pem", folder / "server.key"),
        # A name in it although nobody asks for one: Go refuses a certificate whose list of names is critical and empty.
        (authority.issue_cert(FRONT_PROXY, common_name=FRONT_PROXY), folder / "front.pem", folder / "front.key"),
        (
            authority.issue_cert("127.0.0.1", "localhost", f"{ADAPTER}.{KEDA_NAMESPACE}.svc"),
            keda / "tls.crt",
            keda / "tls.key",
        ),
    ):
        certificate.private_key_pem.write_to_path(key)
        for blob in certificate.cert_chain_pems:
            blob.write_to_path(file, append=True)
    return keda


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _available(service: Object) -> bool:
    conditions: list[dict[str, str]] = service.get("status", {}).get("conditions") or []
    return any(each["type"] == "Available" and each["status"] == "True" for each in conditions)
