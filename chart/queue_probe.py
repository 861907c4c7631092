"""The sidecar that tells monitoring how many tasks wait in each queue, and for how long.

It runs in the dag-processor's pod. This part has the database's address, its network policy already reaches database
and collector, and there is one of it. A CronJob would start a pod every minute for one query and need a policy of its
own; a Deployment would need both, and an account. DAGs run in a process and a container beside it.
"""

from __future__ import annotations

from chart import ca_bundle, pod_code
from chart.pieces import Values, environment, resources
from chart.secrets import CONNECTION, Secret
from health.airflow_metrics import AGENT, PORT
from settings import AirflowSettings, MonitoringSettings

NAME = "queue-probe"
MODULE = pod_code.pod_name("runtime.queue_probe")


def sidecars(settings: AirflowSettings, monitoring: MonitoringSettings) -> list[Values]:
    """The container, where anybody listens to it."""
    return [_container(settings)] if monitoring.enabled else []


def _container(settings: AirflowSettings) -> Values:
    variables = {
        # Under the names that Airflow has for them, so that they are the same thing everywhere.
        "AIRFLOW__METRICS__STATSD_HOST": AGENT,
        "AIRFLOW__METRICS__STATSD_PORT": str(PORT),
        "ALISIO_WORKER_QUEUES": ",".join(group.queue_name for group in settings.worker_groups),
        **ca_bundle.TLS_ENVIRONMENT,
        "PYTHONPATH": pod_code.FOLDER,
    }
    uri = {"secretKeyRef": {"name": Secret.METADATA.value, "key": CONNECTION}}
    return {
        "name": NAME,
        "image": f"{settings.image.repository}:{settings.image.reference}",
        # Not by the image's own entry point, which imports all of Airflow to look at the database first.
        "command": ["python", "-B", "-m", MODULE],
        "env": [*environment(variables), {"name": "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "valueFrom": uri}],
        "resources": resources("10m", "64Mi"),
        "securityContext": {
            "runAsNonRoot": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": [
            {"name": ca_bundle.NAME, "mountPath": ca_bundle.FOLDER, "readOnly": True},
            {"name": pod_code.NAME, "mountPath": pod_code.FOLDER, "readOnly": True},
        ],
        # No probe. It waits for nothing longer than 5 s and ends when it cannot go on, which restarts it. A liveness
        # probe would start a second Python every time, and nobody connects to it.
    }
