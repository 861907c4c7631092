"""Apache Airflow on the cluster."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi import Output, ResourceOptions

import versions
from components.airflow_access import grant_access
from components.airflow_cluster import AirflowCluster
from components.airflow_names import KEDA_NAMESPACE, NAMESPACE, RELEASE
from components.airflow_secrets import airflow_secrets
from components.airflow_values import CA_BUNDLE, RUNTIME, airflow_values
from components.buckets import DagBucket, DataBucket, LogBucket
from components.cache import Cache
from components.data_store import DataStore
from components.endpoints import Endpoints
from components.flows import Policy, Surroundings, airflow_policies, keda_policies
from components.keda import keda
from components.network import Network
from components.object_events import ObjectEvents
from settings import AirflowSettings, Site

RDS_CA_BUNDLE = Path(__file__).parent / "rds-global-bundle.pem"
"""Amazon's root certificates for RDS, of every commercial region."""
RUNTIME_FOLDER = Path(__file__).parent.parent / "runtime"
RESTRICTED = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}


@final
class Airflow(pulumi.ComponentResource):
    """Airflow with the CeleryExecutor from the official chart, in a namespace where pods may do little: Pod Security
    Standard `restricted`, all traffic refused that no flow names, a service account and an IAM role for each part.

    A failed update rolls back by itself. A rotated secret rolls the pods.
    """

    namespace: Output[str]
    status: Output[str]
    """`deployed`, once every pod has become ready."""

    def __init__(
        self,
        name: str,
        settings: AirflowSettings,
        site: Site,
        *,
        network: Network,
        data_store: DataStore,
        cache: Cache,
        dags: DagBucket,
        logs: LogBucket,
        data: DataBucket,
        events: ObjectEvents,
        cluster: AirflowCluster,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("alisio:kubernetes:Airflow", name, None, opts)
        placed = ResourceOptions(parent=self, provider=cluster.provider)
        around = Surroundings(
            vpc=network.cidr, services=cluster.service_cidr, public=network.public_cidrs, data=network.data_cidrs
        )
        roles = grant_access(settings, cluster, site, dags=dags, logs=logs, data=data, events=events)
        here = _restricted_namespace(name, NAMESPACE, airflow_policies(settings, around), opts=placed)
        code = _runtime(name, opts=ResourceOptions.merge(placed, ResourceOptions(depends_on=here)))
        kedas = _restricted_namespace(f"{name}-keda", KEDA_NAMESPACE, keda_policies(around), opts=placed)
        secrets, checksum = airflow_secrets(
            name,
            settings,
            site,
            data_store=data_store,
            cache=cache,
            opts=ResourceOptions.merge(placed, ResourceOptions(depends_on=here)),
        )
        scaler = keda(name, needs=[*kedas, *cluster.ready, data_store], opts=placed)
        values = Output.all(
            dag_bucket=dags.bucket_name,
            log_bucket=logs.bucket_name,
            data_bucket=data.bucket_name,
            watched_queues=events.queue_urls,
            secrets_checksum=checksum,
        ).apply(lambda known: airflow_values(settings, _endpoints(site, dags, logs, known)))
        stores = [data_store, cache, dags, logs, data, events]
        before: list[pulumi.Resource] = [*here, code, *secrets, scaler, *roles, *cluster.ready, *stores]
        release = kubernetes.helm.v3.Release(
            name,
            name=RELEASE,
            chart="airflow",
            version=versions.AIRFLOW_CHART,
            repository_opts={"repo": versions.AIRFLOW_CHART_REPOSITORY},
            namespace=NAMESPACE,
            values=values,
            atomic=True,
            # Nodes start, images are pulled, the database is migrated: longer than Helm's five minutes.
            timeout=900,
            max_history=5,
            opts=ResourceOptions.merge(placed, ResourceOptions(depends_on=before)),
        )
        self.namespace = Output.from_input(NAMESPACE)
        self.status = release.status.status
        self.register_outputs({"namespace": self.namespace, "status": self.status})


def _endpoints(site: Site, dags: DagBucket, logs: LogBucket, known: Mapping[str, Any]) -> Endpoints:
    return Endpoints(
        region=site.region,
        secrets_prefix=site.path,
        dag_prefix=dags.prefix,
        log_prefix=logs.prefix,
        runtime_checksum=hashlib.sha256(json.dumps(_runtime_files()).encode()).hexdigest(),
        **known,
    )


def _runtime(name: str, *, opts: ResourceOptions) -> pulumi.Resource:
    """Our Python inside the pods, which the values mount."""
    return kubernetes.core.v1.ConfigMap(
        f"{name}-runtime", metadata={"name": RUNTIME["name"], "namespace": NAMESPACE}, data=_runtime_files(), opts=opts
    )


def _runtime_files() -> dict[str, str]:
    return {file.name: file.read_text() for file in sorted(RUNTIME_FOLDER.glob("*.py"))}


def _restricted_namespace(
    name: str, namespace: str, policies: list[Policy], *, opts: ResourceOptions
) -> list[pulumi.Resource]:
    """A namespace that enforces `restricted`, with its network policies and the CA bundle of the database."""
    space = kubernetes.core.v1.Namespace(
        f"{name}-namespace", metadata={"name": namespace, "labels": RESTRICTED}, opts=opts
    )
    inside = ResourceOptions.merge(opts, ResourceOptions(depends_on=[space]))
    bundle = kubernetes.core.v1.ConfigMap(
        f"{name}-rds-ca",
        metadata={"name": CA_BUNDLE["name"], "namespace": namespace},
        data={CA_BUNDLE["file"]: RDS_CA_BUNDLE.read_text()},
        opts=inside,
    )
    enforced = [
        kubernetes.networking.v1.NetworkPolicy(
            f"{name}-{policy['metadata']['name']}", metadata=policy["metadata"], spec=policy["spec"], opts=inside
        )
        for policy in policies
    ]
    return [space, bundle, *enforced]
