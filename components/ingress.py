"""The way in to Airflow from outside the cluster."""

from __future__ import annotations

from typing import final

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
from pulumi import Output, ResourceOptions

from chart.door import Door
from chart.flows import API_SERVER
from chart.names import NAMESPACE
from chart.parts import Part
from components.airflow_cluster import AirflowCluster
from components.airflow_namespaces import AirflowNamespaces
from components.network import Network
from components.parts.access_log_bucket import access_log_bucket
from components.parts.certificate import issued_certificate
from components.parts.firewall import firewall
from components.parts.listeners import listeners
from components.parts.load_balancer import LoadBalancer, Place, load_balancer
from components.parts.metrics import Metrics, shown, source
from health.subjects import CERTIFICATE, DOOR
from settings import Site, StackSettings
from settings.ingress import IngressSettings

PORT_FORWARD = f"kubectl --namespace {NAMESPACE} port-forward service/{Part.API_SERVER.service_account} {API_SERVER}"


@final
class Ingress(pulumi.ComponentResource):
    """Closed, unless the settings name a domain: then one load balancer, over TLS, for one host and named networks.

    All of it is ours and in the plan. EKS only keeps the list of pods behind it, so a destroy leaves nothing.
    """

    door: Door | None
    """What Airflow is told. None while there is no load balancer."""
    way_in: str
    """Where Airflow is, or the command that brings it to `http://localhost:8080`."""
    dns_name: Output[str]
    """The load balancer's own name, for a record that the program does not make. Empty while there is none."""
    metrics: Metrics
    """Of the load balancer, and of the certificate if the program has it issued."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        network: Network,
        cluster: AirflowCluster,
        namespaces: AirflowNamespaces,
        site: Site,
        *,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("alisio:aws:Ingress", name, None, opts)
        self.door = None
        self.metrics = {}
        self.dns_name = Output.from_input("")
        self.way_in = PORT_FORWARD
        domain = settings.ingress.domain
        if domain is not None:
            self.door = Door(host=domain, proxies=network.load_balancer_cidrs)
            self.way_in = self.door.url
            self._open(name, domain, settings, network, cluster, namespaces, site)
        self.register_outputs(
            {
                "wayIn": self.way_in,
                "dnsName": self.dns_name,
                "metrics": shown(self.metrics),
            }
        )

    def _open(
        self,
        name: str,
        domain: str,
        settings: StackSettings,
        network: Network,
        cluster: AirflowCluster,
        namespaces: AirflowNamespaces,
        site: Site,
    ) -> None:
        child = ResourceOptions(parent=self)
        ingress = settings.ingress
        logs = access_log_bucket(
            f"{name}-access-logs", settings.buckets, site, days=ingress.access_log_days, opts=child
        )
        made = load_balancer(
            name,
            ingress,
            site,
            Place(
                vpc_id=network.vpc_id,
                cidr=network.cidr,
                subnet_ids=network.load_balancer_subnet_ids,
                pods_group_id=cluster.security_group_id,
            ),
            logs=logs.bucket,
            # AWS writes a first log at once, and a public address needs the route to the internet.
            after=[*logs.ready, network],
            opts=child,
        )
        cluster.allow_from("load-balancer", made.security_group_id, port=API_SERVER)
        certificate = _certificate(name, domain, ingress, opts=child)
        answering = listeners(
            name,
            domain,
            load_balancer=made.balancer,
            group=made.group,
            certificate_arn=certificate,
            opts=child,
        )
        _binding(
            name,
            made,
            opts=ResourceOptions.merge(
                child, ResourceOptions(provider=cluster.provider, depends_on=[namespaces, *answering])
            ),
        )
        if ingress.waf.enabled:
            firewall(f"{name}-firewall", ingress.waf, site, resource_arn=made.balancer.arn, opts=child)
        if ingress.record_zone_id:
            aws.route53.Record(
                f"{name}-name",
                zone_id=ingress.record_zone_id,
                name=domain,
                type="A",
                aliases=[
                    {
                        "name": made.balancer.dns_name,
                        "zone_id": made.balancer.zone_id,
                        "evaluate_target_health": True,
                    }
                ],
                opts=ResourceOptions.merge(child, ResourceOptions(depends_on=answering)),
            )
        self.dns_name = made.balancer.dns_name
        self.metrics = {DOOR: source(DOOR, made.balancer.arn_suffix, made.group.arn_suffix)}
        if not ingress.certificate_arn:
            self.metrics[CERTIFICATE] = source(CERTIFICATE, certificate)


def _certificate(name: str, domain: str, settings: IngressSettings, *, opts: ResourceOptions) -> pulumi.Input[str]:
    if settings.certificate_arn:
        return settings.certificate_arn
    assert settings.public_zone_id, "settings refuse a domain without certificate and zone"
    return issued_certificate(f"{name}-certificate", domain, zone_id=settings.public_zone_id, opts=opts)


def _binding(name: str, made: LoadBalancer, *, opts: ResourceOptions) -> None:
    """Let EKS Auto Mode keep the api-server's pods in the target group. It need not exist yet.

    Without `networking` EKS touches no security group: the two rules are ours.
    https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-alb.html
    """
    kubernetes.apiextensions.CustomResource(
        f"{name}-api-server",
        api_version="eks.amazonaws.com/v1",
        kind="TargetGroupBinding",
        metadata={"name": Part.API_SERVER.value, "namespace": NAMESPACE},
        spec={
            "targetGroupARN": made.group.arn,
            "targetType": "ip",
            "serviceRef": {"name": Part.API_SERVER.service_account, "port": API_SERVER},
        },
        # The webhook of EKS refuses another target group.
        opts=ResourceOptions.merge(opts, ResourceOptions(replace_on_changes=["spec.targetGroupARN"])),
    )
