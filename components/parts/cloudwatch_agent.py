"""What the EKS add-on amazon-cloudwatch-observability is told: what its agent takes, and whose logs Fluent Bit ships.

Every switch is stated. Versions have changed their defaults: one turned on tracing that is injected into Python pods.
https://github.com/aws-observability/helm-charts/blob/main/RELEASE_NOTES
"""

from __future__ import annotations

from typing import Any

from chart.names import NAMESPACE
from health.airflow_metrics import PORT

LOG_FOLDER = "/aws/containerinsights"
AIRFLOW_LOGS = ("application",)
ALL_LOGS = ("application", "dataplane", "host", "performance")
"""`performance` has what Container Insights makes metrics of."""


def configuration(*, cluster: str, region: str, namespace: str, insights: bool) -> dict[str, Any]:
    """The add-on's `configurationValues`. Without `insights`, only logs of Airflow's pods are shipped."""
    return {
        "agent": {"config": _agent(cluster=cluster, region=region, namespace=namespace, insights=insights)},
        "applicationSignals": {"enabled": False},
        "containerInsights": {"enabled": insights},
        "containerLogs": {"enabled": True, **({} if insights else _logs_of_airflow(cluster, region))},
        "otelContainerInsights": {"enabled": False},
        # Of nodes with GPUs and Trainium, and of the OpenTelemetry way above.
        **{each: {"enabled": False} for each in ("dcgmExporter", "kubeStateMetrics", "neuronMonitor", "nodeExporter")},
    }


def _agent(*, cluster: str, region: str, namespace: str, insights: bool) -> dict[str, Any]:
    """The agent's configuration. It replaces the one that the add-on would generate, Container Insights included."""
    statsd = {
        "service_address": f":{PORT}",
        "metrics_aggregation_interval": 60,
        # Keeps Airflow's names as they are.
        "metric_separator": ".",
    }
    kubernetes = {"cluster_name": cluster, "enhanced_container_insights": True}
    return {
        # With a host as a dimension, each node would make a series of its own.
        "agent": {"region": region, "omit_hostname": True},
        "metrics": {"namespace": namespace, "metrics_collected": {"statsd": statsd}},
        **({"logs": {"metrics_collected": {"kubernetes": kubernetes}}} if insights else {}),
    }


def _logs_of_airflow(cluster: str, region: str) -> dict[str, Any]:
    """Each text replaces a file of Fluent Bit as a whole."""
    nothing = "# Not shipped.\n"
    application = _section(
        "INPUT",
        Name="tail",
        Tag="application.*",
        Path=f"/var/log/containers/*_{NAMESPACE}_*.log",
        DB="/var/fluent-bit/state/flb_container.db",
        Mem_Buf_Limit="50MB",
        Skip_Long_Lines="On",
        Refresh_Interval="10",
        Rotate_Wait="30",
        Read_from_Head="${READ_FROM_HEAD}",
        **{"multiline.parser": "docker, cri", "storage.type": "filesystem"},
    )
    names = _section(
        "FILTER",
        Name="kubernetes",
        Match="application.*",
        Kube_Tag_Prefix="application.var.log.containers.",
        Merge_Log="On",
        Merge_Log_Key="log_processed",
        Labels="Off",
        Annotations="Off",
        Use_Kubelet="On",
        Kubelet_Port="10250",
        Buffer_Size="0",
    )
    out = _section(
        "OUTPUT",
        Name="cloudwatch_logs",
        Match="application.*",
        region=region,
        log_group_name=f"{LOG_FOLDER}/{cluster}/application",
        log_stream_prefix="${HOST_NAME}-",
        auto_create_group="false",
    )
    files = {
        "application-log.conf": "\n".join([application, names, out]),
        "dataplane-log.conf": nothing,
        "host-log.conf": nothing,
    }
    return {"fluentBit": {"config": {"extraFiles": files}}}


def _section(kind: str, **entries: str) -> str:
    """A section in Fluent Bit's own form."""
    return "\n".join([f"[{kind}]", *(f"    {key} {value}" for key, value in entries.items()), ""])
