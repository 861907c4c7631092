"""The Kubernetes cluster that Airflow runs on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
import pulumi_kubernetes as kubernetes
from pulumi import Input, Output, ResourceOptions

from components.network import Network
from components.parts import cluster_access, node_pools
from components.parts.encryption import encryption_key, log_group
from components.parts.iam import Statement
from components.parts.metrics import Metrics, shown, source
from components.parts.pod_role import PodRole
from components.parts.security_groups import Members, open_port
from health.subjects import CLUSTER
from settings import ClusterSettings, Site

CONTROL_PLANE_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")


@final
class AirflowCluster(pulumi.ComponentResource):
    """EKS in Auto Mode: nodes, load balancers, volumes, DNS and pod identity are managed by AWS.

    The Kubernetes API is private, or open to named networks. Secrets are encrypted with a key of our own. People come
    in by access entries only. Network policies are enforced. The cluster stays reachable until Helm has uninstalled.
    """

    cluster_name: str
    metrics: Metrics
    """Of the control plane."""
    service_cidr: str
    security_group_id: Output[str]
    """The security group of every node and pod."""
    provider: kubernetes.Provider

    def __init__(
        self, name: str, settings: ClusterSettings, network: Network, site: Site, *, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("alisio:aws:AirflowCluster", name, None, opts)
        child = ResourceOptions(parent=self)
        self.cluster_name = name
        self.metrics = {CLUSTER: source(CLUSTER, name)}
        self.service_cidr = settings.service_cidr
        self._name = name
        self._site = site
        # Without this key the cluster is lost. EKS cannot change to another one.
        key = encryption_key(name, "Kubernetes secrets and the control plane's logs", site, opts=child)
        # EKS delivers late, and makes this group again, without a key, when the cluster and the group are gone. No
        # policy keeps it from that, as its own service-linked role does it, and the group's name is EKS's choice:
        # https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2763. docs/operations.md has the way out.
        logs = log_group(
            f"{name}-control-plane", f"/aws/eks/{name}/cluster", days=settings.log_days, key=key, opts=child
        )
        cluster = eks.Cluster(
            name,
            name=name,
            version=settings.kubernetes_version,
            vpc_id=network.vpc_id,
            private_subnet_ids=list(network.private_subnet_ids),
            kubernetes_service_ip_address_range=settings.service_cidr,
            authentication_mode=eks.AuthenticationMode.API,
            # No built-in node pools. Ours have a node class that enforces network policies and encrypts disks.
            auto_mode={"enabled": True, "create_node_role": False, "compute_config": {"node_pools": []}},
            encryption_config_key_arn=key.arn,
            enabled_cluster_log_types=list(CONTROL_PLANE_LOGS),
            endpoint_private_access=True,
            endpoint_public_access=bool(settings.public_access_cidrs),
            public_access_cidrs=list(settings.public_access_cidrs) or None,
            create_oidc_provider=False,
            skip_default_node_group=True,
            # Auto Mode resolves names by itself. The add-on would wait 20 minutes for a node, which comes with our node
            # pools only, and fail (pulumi/pulumi-eks 1726).
            coredns_addon_options={"enabled": False},
            deletion_protection=site.protect,
            upgrade_policy={"support_type": settings.upgrade_policy.upper()},
            # The network outlives the cluster. What EKS leaves behind would keep the VPC from being deleted.
            opts=ResourceOptions.merge(child, ResourceOptions(protect=site.protect, depends_on=[network, logs])),
        )
        self.security_group_id = cluster.cluster_security_group_id
        access = cluster_access.admit(name, cluster, site, opts=child)
        opened = cluster_access.open_api(name, settings, self.security_group_id, opts=child)
        node_role, node_access = cluster_access.node_role(name, cluster, opts=child)
        self.provider = kubernetes.Provider(
            name,
            kubeconfig=cluster.kubeconfig_json,
            # Without it, a kubeconfig that is unknown in a preview replaces every Kubernetes object.
            cluster_identifier=name,
            enable_server_side_apply=True,
            # What somebody changed with kubectl is changed back, not refused as a conflict.
            enable_patch_force=True,
            # Otherwise each change of one is a replacement: it is deleted first, and a pod that starts meanwhile fails.
            enable_config_map_mutable=True,
            enable_secret_mutable=True,
            opts=ResourceOptions.merge(child, ResourceOptions(depends_on=[*access, *opened])),
        )
        in_cluster = ResourceOptions.merge(child, ResourceOptions(provider=self.provider))
        enforced = node_pools.enforce_network_policies(name, opts=in_cluster)
        pools = node_pools.node_pools(
            name,
            settings,
            node_role=node_role,
            subnet_ids=network.private_subnet_ids,
            security_group_id=self.security_group_id,
            opts=ResourceOptions.merge(in_cluster, ResourceOptions(depends_on=[enforced, *node_access])),
        )
        # An add-on needs a node to run on. Without one, EKS reports it as degraded.
        aws.eks.Addon(
            f"{name}-metrics-server",
            cluster_name=cluster.eks_cluster.name,
            addon_name="metrics-server",
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            opts=ResourceOptions.merge(child, ResourceOptions(depends_on=pools)),
        )
        self._control_plane = cluster
        self.register_outputs(
            {
                "clusterName": self.cluster_name,
                "securityGroupId": self.security_group_id,
                "metrics": shown(self.metrics),
            }
        )

    def allow_from(self, peer: str, security_group_id: Input[str], *, port: int) -> None:
        """Open a port of all nodes and pods to one more security group. Network policies say which pods answer."""
        open_port(
            f"{self._name}-from-{peer}",
            f"Pods from {peer}",
            port=port,
            security_group_id=self.security_group_id,
            source=Members(security_group_id),
            opts=ResourceOptions(parent=self),
        )

    def pod_role(
        self,
        name: str,
        *,
        namespace: str,
        service_account: str,
        statements: Sequence[Statement] = (),
        opts: ResourceOptions,
    ) -> PodRole:
        """Make a role for the pods of a service account, with these statements and whatever is granted later."""
        role = PodRole(
            name,
            self._site,
            cluster_name=self._control_plane.eks_cluster.name,
            cluster_arn=f"arn:aws:eks:{self._site.region}:{self._site.account_id}:cluster/{self.cluster_name}",
            namespace=namespace,
            service_account=service_account,
            opts=opts,
        )
        if statements:
            role.permit("own", statements)
        return role
