"""Settings of Airflow: its components, its worker groups, what they may reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

import versions
from settings.airflow_config import plain_mistakes
from settings.base import Cidr, Cpu, Memory, Mistake, Name, Prefix, Settings, matching, unique
from settings.cluster import Capacity
from settings.cron import Cron

Port = Annotated[int, Field(ge=1, le=65535)]


class Image(Settings):
    """The container image of every Airflow component."""

    repository: Annotated[str, matching(r"[a-z0-9][a-z0-9./_:-]*", "the name of an image without its tag")] = (
        versions.AIRFLOW_IMAGE
    )
    """Repository of the image. Your own image must be built on the same version of Airflow."""
    tag: Annotated[str, matching(r"[\w][\w.-]{0,127}", "the tag of an image")] = versions.AIRFLOW
    """Tag of the image. Never move a tag: the nodes cache it."""
    digest: (
        Annotated[str, matching(r"sha256:[0-9a-f]{64}", "sha256: and 64 digits of a hash, as a registry shows it")]
        | None
    ) = None
    """Digest of the image. With it the nodes run this image and no other, wherever the tag points to."""

    @property
    def reference(self) -> str:
        """The tag, and the digest where there is one. Then Kubernetes goes by the digest alone."""
        return f"{self.tag}@{self.digest}" if self.digest else self.tag


Registry = Annotated[
    str,
    matching(
        r"[a-z0-9][a-z0-9.-]*(:\d+)?(/[a-z0-9][a-z0-9._-]*)*",
        "a registry of images, such as ghcr.io or 111122223333.dkr.ecr.eu-west-1.amazonaws.com/mirror",
    ),
]


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
    """Celery workers that serve one queue, with their own permissions and their own scale."""

    name: Name
    """Name of the group."""
    queue: (
        Annotated[str, matching(r"[A-Za-z0-9_.-]{1,128}", "a queue's name: letters, digits, dot, hyphen, underscore")]
        | None
    ) = None
    """The queue that the group serves, `@task(queue=...)`; by default the group's name."""
    concurrency: Annotated[int, Field(ge=1, le=256)] = 8
    """Tasks that one worker runs at once."""
    min_workers: Annotated[int, Field(ge=0, le=500)] = 1
    """Workers that always run. With 0 an idle group costs nothing, and its first task waits for a node."""
    max_workers: Annotated[int, Field(ge=1, le=500)] = 10
    """The most workers that run at once."""
    cpu: Cpu = "1"
    """CPU reserved for each worker."""
    memory: Memory = "4Gi"
    """Memory reserved for each worker, and its limit."""
    capacity: Capacity = "onDemand"
    """Capacity of the nodes that the group runs on. A node pool must offer it."""
    grace_minutes: Annotated[int, Field(ge=1, le=1380)] = 60
    """How long a worker may finish its tasks after it is told to stop. Set it longer than the longest task."""
    data_prefixes: Annotated[tuple[Prefix, ...], AfterValidator(unique)] = ()
    """Prefixes of the data bucket that the group reads and writes."""

    @property
    def queue_name(self) -> str:
        """The queue that the group serves."""
        return self.queue or self.name

    def mistakes(self) -> Iterator[Mistake]:
        if self.name == "default":
            # The chart labels the pods of every worker set but this one, so its selector matches those of all sets.
            yield Mistake("name", "is taken by the chart; choose another name, and queue: default", self.name)
        if self.min_workers > self.max_workers:
            yield Mistake("minWorkers", f"at most maxWorkers ({self.max_workers})", self.min_workers)


class Egress(Settings):
    """Addresses outside the platform that tasks may reach."""

    cidr: Cidr
    """Destination. 0.0.0.0/0 means everything but the VPC's other tiers and the instance metadata service."""
    ports: Annotated[tuple[Port, ...], Field(min_length=1), AfterValidator(unique)]
    """TCP ports."""


class Dags(Settings):
    """How DAGs get from the bucket into the pods."""

    bundle: Literal["release", "s3"] = "release"
    """`release`: all files change at once, and a run keeps the release that it started with. `s3`: Airflow's own
    S3DagBundle, which copies file by file."""
    publisher: Literal["pulumi", "command"] = "pulumi"
    """Who publishes: `pulumi up`, or only `python -m scripts.dags publish`. Then Pulumi leaves the DAGs alone."""
    github_repository: (
        Annotated[
            str,
            matching(
                r"[\w.-]+/[\w.-]+|[\w.-]+@[1-9]\d*/[\w.-]+@[1-9]\d*",
                "a repository on GitHub with its ids, such as my-company@123456/my-dags@456789, or an old one without",
            ),
        ]
        | None
    ) = None
    """A GitHub repository whose jobs may publish, by OIDC and their own role: docs/dag-releases.md. Repositories that
    were made, renamed or moved since 15 July 2026 need the ids: `my-company@123456/my-dags@456789`."""
    github_environment: Annotated[str, matching(r"[\w.-]{1,255}", "an environment on GitHub")] = "production"
    """The environment of that repository in which the job must run. Its protection rules decide who may publish."""

    def mistakes(self) -> Iterator[Mistake]:
        if self.github_repository and self.publisher != "command":
            yield Mistake("githubRepository", "needs publisher: command", self.github_repository)


class DatabaseCleanup(Settings):
    """Removes old runs from the metadata database, which would grow without end."""

    enabled: bool = True
    """Run the clean-up."""
    schedule: Cron = "0 3 * * *"
    """When it runs, in UTC."""
    retention_days: Annotated[int, Field(ge=7, le=3650)] = 60
    """How long runs and task instances are kept."""


class AirflowSettings(Settings):
    """Apache Airflow with the CeleryExecutor."""

    image: Image = Image()
    """Container image."""
    keda_registry: Registry = versions.KEDA_REGISTRY
    """Registry of the images of KEDA, which scales the workers. They lie below it as `kedacore/keda`,
    `kedacore/keda-metrics-apiserver` and `kedacore/keda-admission-webhooks`."""
    api_server: Component = Component()
    """UI, REST API, and the execution API to which tasks report."""
    scheduler: Component = Component()
    """Decides which tasks run."""
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
    """How DAGs are stored in their bucket, and who publishes them."""
    dag_refresh_seconds: Annotated[int, Field(ge=5, le=3600)] = 30
    """How often the dag-processor looks for new DAGs in the bucket."""
    longest_task_hours: Annotated[int, Field(ge=1, le=168)] = 24
    """The longest time of a task. Celery gives a task that runs longer to a second worker (`visibility_timeout`)."""
    egress: tuple[Egress, ...] = (Egress(cidr="0.0.0.0/0", ports=(443, 5432)),)
    """Addresses outside that workers and triggerer may reach over TCP."""
    database_cleanup: DatabaseCleanup = DatabaseCleanup()
    """Clean-up of the metadata database."""
    fernet_keys: Annotated[tuple[Name, ...], Field(min_length=1), AfterValidator(unique)] = ("first",)
    """Names of the keys that encrypt connections, newest first. To rotate, put a new name first."""
    admin_username: Annotated[str, matching(r"[\w.-]{1,64}", "1 to 64 letters, digits, dots, hyphens, underscores")] = (
        "admin"
    )
    """The local administrator: the only user, until there is single sign-on. The password is generated."""
    config: dict[str, dict[str, str]] = {}
    """More of airflow.cfg, by section and key. It overrides the platform's own entries, but not those that it needs.
    Values are texts as they are, without `%%`. Secrets go into `alisio:secretConfig`."""
    values: dict[str, Any] = {}
    """Overrides for the Helm chart's values, merged last. You own what you override."""

    def mistakes(self) -> Iterator[Mistake]:
        if self.dags.bundle == "s3" and self.dag_processor.replicas != 1:
            yield Mistake(
                "dagProcessor.replicas",
                "must be 1: with the S3 bundle a second one misses new files",
                self.dag_processor.replicas,
            )
        yield from plain_mistakes(self.config)
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
