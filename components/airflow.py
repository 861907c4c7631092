"""Apache Airflow on the cluster."""

from __future__ import annotations

from typing import final

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi import Output, ResourceOptions

import versions
from chart import pod_code
from chart.names import RELEASE
from chart.values import airflow_values
from components.airflow_access import AirflowAccess
from components.airflow_cluster import AirflowCluster
from components.airflow_namespaces import AirflowNamespaces
from components.airflow_secrets import AirflowSecrets
from components.user_access import UserAccess
from settings import StackSettings


@final
class Airflow(pulumi.ComponentResource):
    """Airflow with the CeleryExecutor from the official chart.

    A failed update rolls back by itself, but for a migration of the database: docs/operations.md. A rotated secret
    rolls the pods, and so does a change of our own code.
    """

    namespace: str
    """Namespace of the release, and the dimension `Namespace` of its metrics."""
    release_name: str
    status: Output[str]
    """`deployed`, once every pod has become ready."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        cluster: AirflowCluster,
        namespaces: AirflowNamespaces,
        secrets: AirflowSecrets,
        access: AirflowAccess,
        users: UserAccess,
        *,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("alisio:kubernetes:Airflow", name, None, opts)
        self.namespace = namespaces.namespace
        self.release_name = RELEASE
        in_cluster = ResourceOptions(parent=self, provider=cluster.provider, depends_on=[namespaces])
        code = kubernetes.core.v1.ConfigMap(
            f"{name}-runtime",
            metadata={"name": pod_code.NAME, "namespace": self.namespace},
            data=pod_code.SOURCES,
            opts=in_cluster,
        )
        values = Output.all(endpoints=access.endpoints, secrets_checksum=secrets.checksum, door=users.door).apply(
            lambda known: airflow_values(
                settings.airflow, settings.monitoring, secret_variables=secrets.option_variables, **known
            )
        )
        release = kubernetes.helm.v3.Release(
            name,
            name=RELEASE,
            chart="airflow",
            version=versions.AIRFLOW_CHART,
            repository_opts={"repo": versions.AIRFLOW_CHART_REPOSITORY},
            namespace=self.namespace,
            values=values,
            atomic=True,
            # Nodes start, images are pulled, the database is migrated. That takes longer than Helm's five minutes.
            timeout=900,
            max_history=5,
            opts=ResourceOptions.merge(in_cluster, ResourceOptions(depends_on=[code, secrets, access, users, cluster])),
        )
        self.status = release.status.status
        self.register_outputs({"namespace": self.namespace, "releaseName": self.release_name, "status": self.status})
