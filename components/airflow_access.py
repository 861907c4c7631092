"""Who may do what in AWS: the one table of it in code. A component that is not here has no role, and no permission."""

from __future__ import annotations

from components.airflow_cluster import AirflowCluster
from components.airflow_names import service_account_name, worker_component
from components.buckets import DagBucket, DataBucket, LogBucket
from components.iam import Statement, allow
from components.object_events import ObjectEvents
from components.pod_role import PodRole
from settings import AirflowSettings, Site


def grant_access(
    settings: AirflowSettings,
    cluster: AirflowCluster,
    site: Site,
    *,
    dags: DagBucket,
    logs: LogBucket,
    data: DataBucket,
    events: ObjectEvents,
) -> list[PodRole]:
    """The pod roles of Airflow with all their grants. Pods get their identity at admission: make these before them."""
    stack_secrets = _read_secrets(site, "connections", "variables")

    dag_processor = cluster.pod_role(service_account_name("dag-processor"), [stack_secrets])
    dags.grant_read(dag_processor)

    triggerer = cluster.pod_role(service_account_name("triggerer"), [stack_secrets])
    logs.grant_write(triggerer)
    events.grant_consume(triggerer)

    api_server = cluster.pod_role(service_account_name("api-server"))
    logs.grant_read(api_server)

    workers: list[PodRole] = []
    for group in settings.worker_groups:
        own = _read_secrets(site, f"groups/{group.name}")
        worker = cluster.pod_role(service_account_name(worker_component(group.name)), [stack_secrets, own])
        dags.grant_read(worker)
        logs.grant_write(worker)
        data.grant_read_write(worker, [group_prefix(group.name), *group.data_prefixes])
        workers.append(worker)
    return [dag_processor, triggerer, api_server, *workers]


def group_prefix(group: str) -> str:
    """The prefix of the data bucket that a worker group has without asking."""
    return f"groups/{group}/"


def _read_secrets(site: Site, *folders: str) -> Statement:
    """Read the secrets below folders of the stack's prefix in AWS Secrets Manager."""
    return allow(
        ["secretsmanager:GetSecretValue"],
        on=[
            f"arn:aws:secretsmanager:{site.region}:{site.account_id}:secret:{site.path}/{folder}/*"
            for folder in folders
        ],
    )
