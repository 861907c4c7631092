"""All settings of a stack, and the site that follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field

from settings.access import AccessSettings
from settings.airflow import AirflowSettings
from settings.base import PrincipalArn, Settings, matching, unique
from settings.buckets import BucketsSettings
from settings.cache import CacheSettings
from settings.cluster import ClusterSettings
from settings.data_store import DataStoreSettings
from settings.ingress import IngressSettings
from settings.monitoring import MonitoringSettings
from settings.network import NetworkSettings

Principals = Annotated[tuple[PrincipalArn, ...], AfterValidator(unique)]


class AwsSettings(Settings):
    """The part of the AWS provider's own configuration that the program reads."""

    region: Annotated[
        str,
        matching(
            r"(?!cn-|us-gov-|us-iso)[a-z]{2}-[a-z]+-\d",
            "a region of AWS's commercial partition, such as eu-west-1",
        ),
    ]
    """The region of the whole stack."""
    allowed_account_ids: Annotated[
        tuple[Annotated[str, matching(r"\d{12}", "an AWS account id: 12 digits, in quotes")], ...],
        Field(min_length=1, max_length=1),
    ]
    """The account of this stack. The AWS provider refuses any other."""


class StackSettings(Settings):
    """The keys of a stack file, `alisio:…`."""

    production: bool = False
    """This stack must survive failures: requires protection, standbys in a second zone, and backups."""
    protect: bool = True
    """Refuse to delete what holds state, in Pulumi and in AWS."""
    deployer: PrincipalArn
    """The IAM role that runs the first `pulumi up`. EKS makes the creator of a cluster its administrator for good. A
    role that takes over later goes into `administrators`."""
    administrators: Principals = ()
    """More IAM roles that administer the cluster and may read and write the buckets."""
    viewers: Principals = ()
    """IAM roles that may look at the cluster, but change nothing."""
    network: NetworkSettings = NetworkSettings()
    """VPC, subnets, NAT, endpoints, flow logs; or an existing VPC."""
    data_store: DataStoreSettings = DataStoreSettings()
    """RDS PostgreSQL: Airflow's metadata."""
    cache: CacheSettings = CacheSettings()
    """ElastiCache: Celery's broker."""
    buckets: BucketsSettings = BucketsSettings()
    """S3: DAGs, logs, data."""
    cluster: ClusterSettings = ClusterSettings()
    """EKS in Auto Mode."""
    airflow: AirflowSettings = AirflowSettings()
    """Apache Airflow."""
    ingress: IngressSettings = IngressSettings()
    """The way in from outside: a load balancer, its name and its certificate. By default there is none."""
    access: AccessSettings = AccessSettings()
    """Who gets into Airflow: single sign-on, roles, machines. By default one local administrator."""
    monitoring: MonitoringSettings = MonitoringSettings()
    """What CloudWatch measures, which alarms it raises, and who is told."""
    access_secret: str | None = None
    """The secret by which the provider of `access` knows this Airflow, encrypted in this file: `pulumi config set
    --secret alisio:accessSecret`."""
    secret_config: dict[str, dict[str, str]] = {}
    """More of airflow.cfg, by section and key, whose values are secrets: each is encrypted in this file, and reaches
    the pods from a Kubernetes Secret. `pulumi config set --secret --path 'alisio:secretConfig.smtp.smtp_password'`."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where a stack is and who is responsible for it: what all components share."""

    project: str
    stack: str
    region: str
    account_id: str
    protect: bool
    deployer: str
    administrators: tuple[str, ...]
    viewers: tuple[str, ...]

    @property
    def prefix(self) -> str:
        """First part of every name in the cloud."""
        return f"{self.project}-{self.stack}"

    @property
    def path(self) -> str:
        """IAM path of every role of the stack, and prefix of its secrets, without slashes at the ends."""
        return f"{self.project}/{self.stack}"

    @property
    def pod_roles(self) -> str:
        """Pattern of the ARNs of all pod roles. No other role is below this IAM path."""
        return f"arn:aws:iam::{self.account_id}:role/{self.path}/pods/*"

    @property
    def people(self) -> tuple[str, ...]:
        """The IAM principals that run the platform."""
        return (self.deployer, *self.administrators)


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One deployment of the platform: its site and its settings."""

    site: Site
    settings: StackSettings
