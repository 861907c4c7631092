"""The three buckets, each with the policies of its use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import final

import pulumi
from pulumi import Output, ResourceOptions

from components.dag_publisher import github_publisher, publishers
from components.dag_publishing import publish_files, publish_release
from components.hardened_bucket import LifecycleRule, hardened_bucket
from components.pod_role import PodRole
from settings import BucketsSettings, Dags, Site

DAG_PREFIX = "dags/"
LOG_PREFIX = "logs/"


def _pods(site: Site) -> str:
    """Pattern of every pod role of the stack: they alone lie below its IAM path."""
    return f"arn:aws:iam::{site.account_id}:role/{site.path}/pods/*"


@final
class DagBucket(pulumi.ComponentResource):
    """The DAGs. Pods read what they are granted; only people write."""

    bucket_name: Output[str]
    publisher_role_arn: Output[str | None]
    """Role of a GitHub repository's jobs that publish, where the settings name one."""
    prefix = DAG_PREFIX
    """Where the files lie, when they are published one by one."""

    def __init__(
        self,
        name: str,
        settings: BucketsSettings,
        site: Site,
        *,
        dags: Path,
        publishing: Dags,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("alisio:aws:DagBucket", name, None, opts)
        self._bucket = hardened_bucket(
            name,
            "DAGs",
            settings,
            site,
            version_days=settings.dag_version_days,
            rules=[],
            readers=[_pods(site)],
            writers=[*site.people, *([publishers(site)] if publishing.github_repository else [])],
            parent=self,
        )
        self.bucket_name = self._bucket.bucket.bucket
        self.publisher_role_arn = Output.from_input(None)
        if publishing.github_repository:
            self.publisher_role_arn = github_publisher(
                name,
                publishing.github_repository,
                publishing.github_environment,
                self._bucket,
                site,
                parent=self,
            ).apply(lambda arn: arn)
        match publishing:
            case Dags(publisher="command"):
                pass
            case Dags(bundle="release"):
                publish_release(name, dags, self._bucket, parent=self)
            case _:
                publish_files(name, dags, self._bucket, prefix=DAG_PREFIX, parent=self)
        self.register_outputs({"bucketName": self.bucket_name})

    def grant_read(self, role: PodRole) -> None:
        """Let a role list and read the DAGs."""
        # The whole bucket: Airflow's S3DagBundle asks for its head, which no prefix limits.
        role.permit("dags", self._bucket.reading([""]))


@final
class LogBucket(pulumi.ComponentResource):
    """The logs of tasks. They expire; no pod deletes one."""

    bucket_name: Output[str]
    prefix = LOG_PREFIX

    def __init__(
        self, name: str, settings: BucketsSettings, site: Site, *, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("alisio:aws:LogBucket", name, None, opts)
        expiry: LifecycleRule = {
            "id": "expiry",
            "status": "Enabled",
            "filter": {"prefix": LOG_PREFIX},
            "expiration": {"days": settings.log_days},
        }
        self._bucket = hardened_bucket(
            name,
            "Task logs",
            settings,
            site,
            version_days=7,
            rules=[expiry],
            readers=[],
            writers=[_pods(site), *site.people],
            parent=self,
        )
        self.bucket_name = self._bucket.bucket.bucket
        self.register_outputs({"bucketName": self.bucket_name})

    def grant_read(self, role: PodRole) -> None:
        """Let a role list and read the logs."""
        role.permit("logs", self._bucket.reading([LOG_PREFIX]))

    def grant_write(self, role: PodRole) -> None:
        """Let a role append to logs, which S3 does by reading and writing the whole."""
        role.permit("logs", self._bucket.writing([LOG_PREFIX]))


@final
class DataBucket(pulumi.ComponentResource):
    """The data that flows through. Each worker group has prefixes of its own."""

    bucket_name: Output[str]
    arn: Output[str]

    def __init__(
        self, name: str, settings: BucketsSettings, site: Site, *, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("alisio:aws:DataBucket", name, None, opts)
        archive: LifecycleRule = {
            "id": "archive",
            "status": "Enabled",
            "filter": {},
            "transitions": [{"days": settings.data_archive_days, "storage_class": "INTELLIGENT_TIERING"}],
        }
        self._bucket = hardened_bucket(
            name,
            "Data",
            settings,
            site,
            version_days=settings.data_version_days,
            rules=[archive] if settings.data_archive_days else [],
            readers=[],
            writers=[_pods(site), *site.people],
            parent=self,
        )
        self.bucket_name = self._bucket.bucket.bucket
        self.arn = self._bucket.bucket.arn
        self.register_outputs({"bucketName": self.bucket_name})

    def grant_read_write(self, role: PodRole, prefixes: Sequence[str]) -> None:
        """Let a role list, read, write and delete below prefixes."""
        role.permit("data", [*self._bucket.writing(prefixes), *self._bucket.deleting(prefixes)])
