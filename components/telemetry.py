"""What Airflow, its pods and its nodes tell CloudWatch."""

from __future__ import annotations

import json
from typing import final

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

import versions
from chart.names import NAMESPACE
from components.airflow_cluster import AirflowCluster
from components.parts.cloudwatch_agent import AIRFLOW_LOGS, ALL_LOGS, LOG_FOLDER, configuration
from components.parts.encryption import encryption_key, log_group
from components.parts.iam import allow
from components.parts.metrics import Metrics, shown, source
from health.metric import MetricSource
from health.subjects import AIRFLOW, PODS, airflow_namespace
from settings import MonitoringSettings, Site

ADDON = "amazon-cloudwatch-observability"
ADDON_NAMESPACE = "amazon-cloudwatch"
SERVICE_ACCOUNT = "cloudwatch-agent"
"""Of the agent, and of Fluent Bit too."""


@final
class Telemetry(pulumi.ComponentResource):
    """An agent on each node that takes Airflow's metrics, and ships logs. Nothing at all where the settings say so.

    Logs are encrypted and expire. The agent writes to these log groups and to one namespace of metrics only. It cannot
    make a log group, so none is left behind. Airflow starts after it, or would send to nobody.
    """

    metrics: Metrics
    """Of Airflow itself, and of its pods and their nodes where the settings ask for Container Insights."""

    def __init__(
        self,
        name: str,
        settings: MonitoringSettings,
        cluster: AirflowCluster,
        site: Site,
        *,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("alisio:aws:Telemetry", name, None, opts)
        self.metrics = {}
        if settings.enabled:
            namespace = airflow_namespace(site.prefix)
            self.metrics[AIRFLOW] = MetricSource(namespace=namespace, dimensions={})
            self._measure(name, settings, cluster, site, namespace=namespace)
            if settings.container_insights:
                self.metrics[PODS] = source(PODS, cluster.cluster_name, NAMESPACE)
        self.register_outputs({"metrics": shown(self.metrics)})

    def _measure(
        self, name: str, settings: MonitoringSettings, cluster: AirflowCluster, site: Site, *, namespace: str
    ) -> None:
        child = ResourceOptions(parent=self)
        key = encryption_key(name, "Logs of pods and nodes", site, holds_state=False, opts=child)
        logs = [
            log_group(
                f"{name}-{kind}",
                f"{LOG_FOLDER}/{cluster.cluster_name}/{kind}",
                days=settings.log_days,
                key=key,
                opts=child,
            )
            for kind in (ALL_LOGS if settings.container_insights else AIRFLOW_LOGS)
        ]
        # Narrower than CloudWatchAgentServerPolicy, which may make log groups and write to all of the account's.
        statements = [
            allow(["cloudwatch:PutMetricData"], on="*", when={"StringEquals": {"cloudwatch:namespace": namespace}}),
            allow(
                ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                on=[pulumi.Output.concat(group.arn, ":*") for group in logs],
            ),
        ]
        if settings.container_insights:
            # What the node's metrics are named by. AWS takes no narrower resource for either.
            statements.append(allow(["ec2:DescribeTags", "ec2:DescribeVolumes"], on="*"))
        # An association of the add-on's own would do. But this is the role that all other pods have: in the plan, below
        # the path of pods, and for this cluster only.
        role = cluster.pod_role(
            f"{name}-agent",
            namespace=ADDON_NAMESPACE,
            service_account=SERVICE_ACCOUNT,
            statements=statements,
            opts=child,
        )
        values = configuration(
            cluster=cluster.cluster_name,
            region=site.region,
            namespace=namespace,
            insights=settings.container_insights,
        )
        aws.eks.Addon(
            name,
            cluster_name=cluster.cluster_name,
            addon_name=ADDON,
            addon_version=versions.CLOUDWATCH_ADDON,
            configuration_values=json.dumps(values, sort_keys=True),
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            preserve=False,
            # Whoever writes to a log group comes after it, and so goes before it.
            opts=ResourceOptions.merge(child, ResourceOptions(depends_on=[*logs, role, cluster])),
        )
