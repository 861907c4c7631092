"""The bucket of the DAGs."""

from __future__ import annotations

from typing import final

import pulumi
from pulumi import Output, ResourceOptions

from components.parts.dag_objects import loose_objects, release_objects
from components.parts.dag_publisher import github_publisher, publishers
from components.parts.hardened_bucket import hardened_bucket
from components.parts.pod_role import PodRole
from releases.format import Release
from releases.publication import LooseFiles, Publication
from settings import BucketsSettings, Dags, Site


@final
class DagBucket(pulumi.ComponentResource):
    """The DAGs. Only people write them, and the publishers that the settings name. A pod needs a grant to read."""

    bucket_name: Output[str]
    publisher_role_arn: Output[str | None]
    """Role for the publishing jobs of a GitHub repository, if the settings name one."""

    def __init__(
        self,
        name: str,
        settings: BucketsSettings,
        site: Site,
        *,
        dags: Dags,
        publication: Publication,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("alisio:aws:DagBucket", name, None, opts)
        child = ResourceOptions(parent=self)
        self._bucket = hardened_bucket(
            name,
            "DAGs",
            settings,
            site,
            version_days=settings.dag_version_days,
            rules=[],
            readers=[site.pod_roles],
            writers=[*site.people, *([publishers(site)] if dags.github_repository else [])],
            opts=child,
        )
        self.bucket_name = self._bucket.bucket.bucket
        self.publisher_role_arn = Output.from_input(None)
        if dags.github_repository:
            self.publisher_role_arn = github_publisher(
                name, dags.github_repository, dags.github_environment, self._bucket, site, opts=child
            ).apply(lambda arn: arn)
        match publication:
            case Release():
                release_objects(name, publication, self._bucket, opts=child)
            case LooseFiles():
                loose_objects(name, publication, self._bucket, opts=child)
            case None:
                pass
        self.register_outputs({"bucketName": self.bucket_name})

    def grant_read(self, role: PodRole) -> None:
        """Let a role list and read the DAGs."""
        # The whole bucket, because Airflow's S3DagBundle calls HeadBucket, which no prefix can limit.
        role.permit("dags", self._bucket.reading([""]))
