"""Settings of Airflow: its components, its worker groups, what they may reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

import versions
from settings.base import Cidr, Cpu, Memory, Mistake, Name, Prefix, Settings, matching, unique
from settings.cluster import Capacity
from settings.cron import Cron

Port = Annotated[int, Field(ge=1, le=65535)]
GUARDED_CONFIG = (
    "api.secret_key",
    "api_auth.jwt_secret",
    "celery.broker_url",
    "celery.flower_basic_auth",
    "celery.result_backend",
    "celery.ssl_active",
    "core.executor",
    "core.fernet_key",
    "core.sql_alchemy_conn",
    "database.sql_alchemy_conn",
    "database.sql_alchemy_conn_async",
    "logging.remote_base_log_folder",
    "logging.remote_logging",
    "secrets.backend",
    "secrets.backend_kwargs",
)
"""Where a secret would lie in the open, or the platform would come apart."""


class Image(Settings):
    """The container image of every Airflow component."""

    repository: Annotated[str, matching(r"[a-z0-9][a-z0-9./_:-]*", "the name of an image without its tag")] = (
        versions.AIRFLOW_IMAGE
    )
    """Where the image lies; your own must be built on the same version of Airflow."""
    tag: Annotated[str, matching(r"[\w][\w.-]{0,127}", "the tag of an image")] = versions.AIRFLOW
    """Tag; never move a tag, the nodes cache it."""


class Component(Settings):
    """Size of one Airflow component."""

    replicas: Annotated[int, Field(ge=1, le=20)] = 2
    """Pods, spread over zones."""
    cpu: Cpu = "500m"
    """CPU reserved for each pod."""
    memory: Memory = "2Gi"
    """Memory reserved for each pod, and its limit."""


class Flower(Settings):
    """Whether Flower runs, and its size."""

    enabled: bool = True
    """Run Flower."""
    cpu: Cpu = "100m"
    """CPU reserved."""
    memory: Memory = "512Mi"
    """Memory reserved, and its limit."""


class WorkerGroup(Settings):
    """Celery workers that serve one queue, with permissions and a scale of their own."""

    name: Name
    """Name of the group."""
    queue: (
        Annotated[str, matching(r"[A-Za-z0-9_.-]{1,128}", "a queue's name: letters, digits, dot, hyphen, underscore")]
        | None
    ) = None
    """The queue it serves, `@task(queue=...)`; by default the group's name."""
    concurrency: Annotated[int, Field(ge=1, le=256)] = 8
    """Tasks that one worker runs at once."""
    min_workers: Annotated[int, Field(ge=0, le=500)] = 1
    """Workers that always run; 0 lets an idle group cost nothing, and its first task wait for a node."""
    max_workers: Annotated[int, Field(ge=1, le=500)] = 10
    """Workers at most."""
    cpu: Cpu = "1"
    """CPU reserved for each worker."""
    memory: Memory = "4Gi"
    """Memory reserved for each worker, and its limit."""
    capacity: Capacity = "onDemand"
    """Kind of nodes it runs on; a node pool must offer it."""
    grace_minutes: Annotated[int, Field(ge=1, le=1380)] = 60
    """How long a worker that is told to stop may finish its tasks: longer than the longest task."""
    data_prefixes: Annotated[tuple[Prefix, ...], AfterValidator(unique)] = ()
    """Prefixes of the data bucket that the group reads and writes."""

    @property
    def queue_name(self) -> str:
        """The queue that the group serves."""
        return self.queue or self.name

    def mistakes(self) -> Iterator[Mistake]:
        if self.name == "default":
            # The chart labels the pods of every set but this one, whose selector then matches those of all others.
            yield Mistake("name", "is taken by the chart; choose another name, and queue: default", self.name)
        if self.min_workers > self.max_workers:
            yield Mistake("minWorkers", f"at most maxWorkers ({self.max_workers})", self.min_workers)


class Egress(Settings):
    """Addresses outside that tasks may reach."""

    cidr: Cidr
    """Destination; 0.0.0.0/0 is anywhere but the VPC's other tiers and the instance metadata service."""
    ports: Annotated[tuple[Port, ...], Field(min_length=1), AfterValidator(unique)]
    """TCP ports."""


class Dags(Settings):
    """How DAGs come from the bucket into the pods."""

    bundle: Literal["release", "s3"] = "release"
    """`release`: all files at once, versioned, a run keeps the release that it started with. `s3`: Airflow's own
    S3DagBundle, file by file."""
    publisher: Literal["pulumi", "command"] = "pulumi"
    """Who publishes: `pulumi up`, or `python -m scripts.dags publish` alone, with Pulumi keeping its hands off."""
    github_repository: (
        Annotated[str, matching(r"[\w.-]+/[\w.-]+", "a repository on GitHub, such as my-company/my-dags")] | None
    ) = None
    """A repository whose jobs may publish, by OIDC and a role of their own: docs/dag-releases.md."""
    github_environment: Annotated[str, matching(r"[\w.-]{1,255}", "an environment on GitHub")] = "production"
    """The environment of that repository that the job must run in; its protection rules say who may publish."""

    def mistakes(self) -> Iterator[Mistake]:
        if self.github_repository and self.publisher != "command":
            yield Mistake("githubRepository", "needs publisher: command", self.github_repository)


class DatabaseCleanup(Settings):
    """Removes old runs from the metadata database, which otherwise grows for ever."""

    enabled: bool = True
    """Run the clean-up."""
    schedule: Cron = "0 3 * * *"
    """When, UTC."""
    retention_days: Annotated[int, Field(ge=7, le=3650)] = 60
    """How long runs and task instances are kept."""


class AirflowSettings(Settings):
    """Apache Airflow with the CeleryExecutor."""

    image: Image = Image()
    """Container image."""
    api_server: Component = Component()
    """UI, REST API, and the execution API that tasks report to."""
    scheduler: Component = Component()
    """Decides what runs."""
    dag_processor: Component = Component(replicas=1)
    """Parses DAG files."""
    triggerer: Component = Component(cpu="250m", memory="1Gi")
    """Waits for deferred tasks."""
    flower: Flower = Flower()
    """Celery's own monitor."""
    worker_groups: Annotated[tuple[WorkerGroup, ...], Field(min_length=1)] = (
        WorkerGroup(name="main", queue="default"),
    )
    """Groups of workers; the first one serves tasks that name no queue."""
    parallelism: Annotated[int, Field(ge=1, le=10_000)] = 128
    """Tasks that one scheduler lets run at once."""
    max_active_tasks_per_dag: Annotated[int, Field(ge=1, le=10_000)] = 32
    """Tasks of one DAG that run at once."""
    dags: Dags = Dags()
    """How DAGs lie in their bucket, and who publishes them."""
    dag_refresh_seconds: Annotated[int, Field(ge=5, le=3600)] = 30
    """How often the dag-processor looks for new DAGs in the bucket."""
    longest_task_hours: Annotated[int, Field(ge=1, le=168)] = 24
    """Celery gives a task that runs longer to a second worker (`visibility_timeout`)."""
    egress: tuple[Egress, ...] = (Egress(cidr="0.0.0.0/0", ports=(443, 5432)),)
    """What workers and triggerer may reach outside, over TCP."""
    database_cleanup: DatabaseCleanup = DatabaseCleanup()
    """Clean-up of the metadata database."""
    fernet_keys: Annotated[tuple[Name, ...], Field(min_length=1), AfterValidator(unique)] = ("first",)
    """Names of the keys that encrypt connections, newest first. To rotate, put a new name in front."""
    admin_username: Annotated[str, matching(r"[\w.-]{1,64}", "1 to 64 letters, digits, dots, hyphens, underscores")] = (
        "admin"
    )
    """The one user, until there is single sign-on; its password is generated."""
    config: dict[str, dict[str, str]] = {}
    """More of airflow.cfg: section, key, value; it wins over the platform's own, but for what holds that together."""
    values: dict[str, Any] = {}
    """Overrides for the Helm chart's values, merged last. You own what you override."""

    def mistakes(self) -> Iterator[Mistake]:
        if self.dags.bundle == "s3" and self.dag_processor.replicas != 1:
            yield Mistake(
                "dagProcessor.replicas",
                "must be 1: Airflow's S3 bundle lets a second one go stale",
                self.dag_processor.replicas,
            )
        for section, entries in self.config.items():
            for key in entries:
                # Airflow reads sections and keys without regard to case. The value may be a secret: it is not shown.
                if f"{section}.{key}".lower() in GUARDED_CONFIG:
                    yield Mistake(f"config.{section}.{key}", "is set by the platform; remove it")
        for index, group in enumerate(self.worker_groups):
            before = self.worker_groups[:index]
            if group.name in [other.name for other in before]:
                yield Mistake(f"workerGroups[{index}].name", "another worker group has this name", group.name)
            elif group.queue_name in [other.queue_name for other in before]:
                yield Mistake(
                    f"workerGroups[{index}].queue", "another worker group serves this queue", group.queue_name
                )
        for index, group in enumerate(self.worker_groups):
            if group.grace_minutes > self.longest_task_hours * 60:
                yield Mistake(
                    f"workerGroups[{index}].graceMinutes",
                    f"longer than longestTaskHours ({self.longest_task_hours} h): the task would run twice",
                    group.grace_minutes,
                )
