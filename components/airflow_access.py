"""Who may do what in AWS. This is the one table of it in code. A part that is not here has no permission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import final

import pulumi
from pulumi import Output, ResourceOptions

from chart.endpoints import Endpoints
from chart.names import NAMESPACE
from chart.parts import Part, worker_service_account
from components.airflow_cluster import AirflowCluster
from components.dag_bucket import DagBucket
from components.data_bucket import DataBucket
from components.log_bucket import LogBucket
from components.object_events import ObjectEvents
from components.parts.iam import Statement, allow
from components.parts.pod_role import PodRole
from settings import Site, StackSettings, WorkerGroup


@final
class AirflowAccess(pulumi.ComponentResource):
    """The pod roles of Airflow with all their grants, and the buckets and queues that the grants are for.

    A pod gets its identity when it is admitted, so the roles come before the pods. Buckets and queues come before the
    roles.
    """

    endpoints: Output[Endpoints]
    """What Airflow is told about the buckets and queues."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        cluster: AirflowCluster,
        dags: DagBucket,
        logs: LogBucket,
        data: DataBucket,
        events: ObjectEvents,
        site: Site,
        *,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("alisio:aws:AirflowAccess", name, None, opts)
        stack_secrets = _read_secrets(site, "connections", "variables")

        def role(part: str, service_account: str, *statements: Statement) -> PodRole:
            return cluster.pod_role(
                f"{name}-{part}",
                namespace=NAMESPACE,
                service_account=service_account,
                statements=statements,
                opts=ResourceOptions(parent=self, depends_on=[dags, logs, data, events]),
            )

        dag_processor = role(Part.DAG_PROCESSOR.value, Part.DAG_PROCESSOR.service_account, stack_secrets)
        dags.grant_read(dag_processor)

        triggerer = role(Part.TRIGGERER.value, Part.TRIGGERER.service_account, stack_secrets)
        logs.grant_write(triggerer)
        events.grant_consume(triggerer)

        client_secret = settings.access.secret_name
        own = [_read_secret(site, client_secret)] if client_secret else []
        api_server = role(Part.API_SERVER.value, Part.API_SERVER.service_account, *own)
        logs.grant_read(api_server)

        for group in settings.airflow.worker_groups:
            own_secrets = _read_secrets(site, f"groups/{group.name}")
            account = worker_service_account(group.name)
            worker = role(f"{Part.WORKER.value}-{group.name}", account, stack_secrets, own_secrets)
            dags.grant_read(worker)
            logs.grant_write(worker)
            data.grant_read_write(worker, worker_prefixes(group))

        self.endpoints = Output.all(
            dag_bucket=dags.bucket_name,
            log_bucket=logs.bucket_name,
            data_bucket=data.bucket_name,
            watched_queues=events.queue_urls,
        ).apply(lambda known: Endpoints(region=site.region, secrets_prefix=site.path, **known))
        self.register_outputs({"endpoints": self.endpoints.apply(asdict)})


def worker_prefixes(group: WorkerGroup) -> Sequence[str]:
    """Prefixes of the data bucket that a worker group reads and writes: its own, and those that the settings name."""
    return [f"groups/{group.name}/", *group.data_prefixes]


def _read_secrets(site: Site, *folders: str) -> Statement:
    """Read the secrets below folders of the stack's prefix in AWS Secrets Manager."""
    return allow(
        ["secretsmanager:GetSecretValue"],
        on=[
            f"arn:aws:secretsmanager:{site.region}:{site.account_id}:secret:{site.path}/{folder}/*"
            for folder in folders
        ],
    )


def _read_secret(site: Site, name: str) -> Statement:
    """Read one secret of AWS Secrets Manager, which puts a hyphen and six characters behind the name in its ARN."""
    return allow(
        ["secretsmanager:GetSecretValue"],
        on=[f"arn:aws:secretsmanager:{site.region}:{site.account_id}:secret:{name}-??????"],
    )
