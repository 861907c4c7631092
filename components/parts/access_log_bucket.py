"""The bucket of a load balancer's access logs."""

from __future__ import annotations

import json

from pulumi import Output, ResourceOptions

from components.parts.bucket_policy import access_log_policy
from components.parts.private_bucket import PrivateBucket, private_bucket
from settings import BucketsSettings, Site

OLD_VERSION_DAYS = 7


def access_log_bucket(
    name: str, settings: BucketsSettings, site: Site, *, days: int, opts: ResourceOptions
) -> PrivateBucket:
    """Make a bucket that the load balancers of this account write to, and that people alone read. Logs expire.

    It goes with a setting, so it is not protected, but it outlives both as the other buckets do.
    """

    def policy(bucket_arn: Output[str]) -> Output[str]:
        return bucket_arn.apply(
            lambda arn: json.dumps(
                access_log_policy(arn, readers=site.people, region=site.region, account_id=site.account_id)
            )
        )

    return private_bucket(
        name,
        settings,
        # The only encryption that access logs know:
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
        encryption={"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}},
        policy=policy,
        version_days=OLD_VERSION_DAYS,
        rules=[{"id": "expiry", "status": "Enabled", "filter": {}, "expiration": {"days": days}}],
        protect=False,
        opts=opts,
    )
