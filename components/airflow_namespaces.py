"""The namespaces of Airflow and of KEDA, which scales Airflow's workers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi import CustomTimeouts, ResourceOptions

import versions
from chart import ca_bundle
from chart.flows import Surroundings
from chart.keda import keda_values
from chart.names import KEDA_NAMESPACE, KEDA_RELEASE, NAMESPACE
from chart.policies import Policy, airflow_policies, keda_policies
from components.airflow_cluster import AirflowCluster
from components.network import Network
from settings import StackSettings

NAMESPACE_MINUTES = 15
"""What the deletion of a namespace takes beside the grace of its pods."""
RESTRICTED = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}


@final
class AirflowNamespaces(pulumi.ComponentResource):
    """Two namespaces in which pods may do little.

    The Pod Security Standard is `restricted`. Traffic is refused unless a flow names it. Both namespaces hold the
    certificate authorities of RDS. KEDA must stay in its namespace until Airflow is gone from the other one, because
    only KEDA removes the finalizers of Airflow's ScaledObjects.
    """

    namespace: str
    """The namespace of Airflow."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        network: Network,
        cluster: AirflowCluster,
        *,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("alisio:kubernetes:AirflowNamespaces", name, None, opts)
        self.namespace = NAMESPACE
        in_cluster = ResourceOptions(parent=self, provider=cluster.provider)
        around = Surroundings(
            vpc=network.cidr,
            services=cluster.service_cidr,
            public=network.public_cidrs,
            data=network.data_cidrs,
            load_balancer=network.load_balancer_cidrs if settings.ingress.is_open else (),
            agents=(*network.private_cidrs, cluster.service_cidr) if settings.monitoring.enabled else (),
        )
        # Helm does not wait for the pods that it deletes, but the namespace does. Workers have the grace of their
        # group, and Pulumi would give up after ten minutes.
        grace = max(group.grace_minutes for group in settings.airflow.worker_groups)
        patient = ResourceOptions(custom_timeouts=CustomTimeouts(delete=f"{grace + NAMESPACE_MINUTES}m"))
        _restricted_namespace(
            name,
            NAMESPACE,
            airflow_policies(settings.airflow, around, settings.access),
            opts=in_cluster,
            namespace_opts=patient,
        )
        for_keda = _restricted_namespace(
            f"{name}-{KEDA_NAMESPACE}", KEDA_NAMESPACE, keda_policies(around), opts=in_cluster
        )
        kubernetes.helm.v3.Release(
            f"{name}-{KEDA_RELEASE}",
            name=KEDA_RELEASE,
            chart="keda",
            version=versions.KEDA_CHART,
            repository_opts={"repo": versions.KEDA_CHART_REPOSITORY},
            namespace=KEDA_NAMESPACE,
            values=keda_values(settings.airflow),
            atomic=True,
            timeout=600,
            max_history=5,
            opts=ResourceOptions.merge(in_cluster, ResourceOptions(depends_on=[*for_keda, cluster])),
        )
        self.register_outputs({"namespace": self.namespace})


def _restricted_namespace(
    name: str,
    namespace: str,
    policies: Sequence[Policy],
    *,
    opts: ResourceOptions,
    namespace_opts: ResourceOptions | None = None,
) -> list[pulumi.Resource]:
    """Make a namespace with its network policies and the certificate authorities of RDS."""
    space = kubernetes.core.v1.Namespace(
        f"{name}-namespace",
        metadata={"name": namespace, "labels": RESTRICTED},
        opts=ResourceOptions.merge(opts, namespace_opts or ResourceOptions()),
    )
    inside = ResourceOptions.merge(opts, ResourceOptions(depends_on=[space]))
    bundle = kubernetes.core.v1.ConfigMap(
        f"{name}-rds-ca",
        metadata={"name": ca_bundle.NAME, "namespace": namespace},
        data={ca_bundle.FILE: ca_bundle.PEM},
        opts=inside,
    )
    enforced = [
        kubernetes.networking.v1.NetworkPolicy(
            f"{name}-{policy['metadata']['name']}", metadata=policy["metadata"], spec=policy["spec"], opts=inside
        )
        for policy in policies
    ]
    return [space, bundle, *enforced]
