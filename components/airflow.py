"""Apache Airflow on the cluster."""

from __future__ import annotations

from pathlib import Path
from typing import final

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi import Output, ResourceOptions

import versions
from components.airflow_access import grant_access
from components.airflow_cluster import AirflowCluster
from components.airflow_names import KEDA_NAMESPACE, NAMESPACE, RELEASE
from components.airflow_secrets import airflow_secrets
from components.airflow_values import CA_BUNDLE, Endpoints, airflow_values
from components.buckets import DagBucket, DataBucket, LogBucket
from components.cache import Cache
from components.data_store import DataStore
from components.flows import Policy, Surroundings, airflow_policies, keda_policies
from components.keda import keda
from components.network import Network
from settings import AirflowSettings, Site

RDS_CA_BUNDLE = Path(__file__).parent / "rds-global-bundle.pem"
"""Amazon's root certificates for RDS, of every commercial region."""
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
        cluster: AirflowCluster,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("alisio:kubernetes:Airflow", name, None, opts)
        placed = ResourceOptions(parent=self, provider=cluster.provider)
        around = Surroundings(
            vpc=network.cidr, services=cluster.service_cidr, public=network.public_cidrs, data=network.data_cidrs
        )
        roles = grant_access(settings, cluster, site, dags=dags, logs=logs, data=data)
        here = _restricted_namespace(name, NAMESPACE, airflow_policies(settings, around), opts=placed)
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
            dag_bucket=dags.bucket_name, log_bucket=logs.bucket_name, data_bucket=data.bucket_name, checksum=checksum
        ).apply(
            lambda known: airflow_values(
                settings,
                Endpoints(
                    region=site.region,
                    secrets_prefix=site.path,
                    dag_bucket=known["dag_bucket"],
                    dag_prefix=dags.prefix,
                    log_bucket=known["log_bucket"],
                    log_prefix=logs.prefix,
                    data_bucket=known["data_bucket"],
                    secrets_checksum=known["checksum"],
                ),
            )
        )
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
            opts=ResourceOptions.merge(
                placed,
                ResourceOptions(
                    depends_on=[*here, *secrets, scaler, *roles, *cluster.ready, data_store, cache, dags, logs, data]
                ),
            ),
        )
        self.namespace = Output.from_input(NAMESPACE)
        self.status = release.status.status
        self.register_outputs({"namespace": self.namespace, "status": self.status})


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
