"""New objects of the data bucket, as messages that Airflow's triggerer consumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from chart.events import DEAD_LETTER_SUFFIX, DELIVERIES, OBJECT_CREATED, RETENTION_SECONDS, as_filter
from components.data_bucket import DataBucket
from components.parts.encryption import encryption_key
from components.parts.iam import Statement, allow, document
from components.parts.metrics import Metrics, shown, source
from components.parts.pod_role import PodRole
from health.subjects import DEAD_LETTERS, QUEUE
from settings import Site, Watch


@final
class ObjectEvents(pulumi.ComponentResource):
    """A queue for each watched prefix of the data bucket, with a dead-letter queue for messages that nobody can take.

    All queues are encrypted, and reachable over TLS only. Only the bucket may send. A role needs a grant to receive.
    """

    queue_urls: Output[Mapping[str, str]]
    """URL of the queue, by the name of its asset."""
    metrics: Metrics
    """Of the queues, and of those for dead letters."""

    def __init__(
        self, name: str, watches: Sequence[Watch], data: DataBucket, site: Site, *, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("alisio:aws:ObjectEvents", name, None, opts)
        self._queues: dict[str, aws.sqs.Queue] = {}
        self._dead_letter_queues: dict[str, aws.sqs.Queue] = {}
        if watches:
            self._build(name, watches, data, site)
        # Without any output, `Output.all` makes an empty list.
        self.queue_urls = Output.all(**{asset: queue.url for asset, queue in self._queues.items()}).apply(dict)
        self.metrics = {
            f"{kind}-{asset}": source(kind, queue.name)
            for kind, queues in ((QUEUE, self._queues), (DEAD_LETTERS, self._dead_letter_queues))
            for asset, queue in queues.items()
        }
        self.register_outputs(
            {
                "queueUrls": self.queue_urls,
                "metrics": shown(self.metrics),
            }
        )

    def grant_consume(self, role: PodRole) -> None:
        """Let a role receive the messages, and delete what it has taken."""
        if self._queues:
            statements = [
                allow(["sqs:DeleteMessage", "sqs:ReceiveMessage"], on=[queue.arn for queue in self._queues.values()]),
                allow(["kms:Decrypt"], on=self._key.arn),
            ]
            role.permit("events", statements)

    def _build(self, name: str, watches: Sequence[Watch], data: DataBucket, site: Site) -> None:
        senders = {"s3.amazonaws.com": ("kms:Decrypt", "kms:GenerateDataKey")}
        self._key = encryption_key(
            name,
            "Messages about new objects",
            site,
            holds_state=False,
            opts=ResourceOptions(parent=self),
            services=senders,
        )
        policies = [self._watch(name, watch.asset, data, site) for watch in watches]
        aws.s3.BucketNotification(
            name,
            bucket=data.bucket_name,
            queues=[
                {
                    "id": watch.asset,
                    "queue_arn": self._queues[watch.asset].arn,
                    "events": [OBJECT_CREATED],
                    "filter_prefix": as_filter(watch.prefix),
                }
                for watch in watches
            ],
            # S3 sends a test message at once. It refuses to notify a queue that does not take the message.
            opts=ResourceOptions(parent=self, depends_on=policies),
        )

    def _watch(self, component: str, asset: str, data: DataBucket, site: Site) -> aws.sqs.QueuePolicy:
        """Make the two queues of one asset. S3 may be told about the queue when this policy exists."""
        child = ResourceOptions(parent=self)
        name = f"{component}-{asset}"
        dead_letters = self._queue(f"{name}{DEAD_LETTER_SUFFIX}")
        _policy(f"{name}{DEAD_LETTER_SUFFIX}", dead_letters, [], opts=child)
        queue = self._queue(name)
        aws.sqs.RedrivePolicy(
            name,
            queue_url=queue.url,
            redrive_policy=Output.json_dumps({"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": DELIVERIES}),
            opts=child,
        )
        self._queues[asset] = queue
        self._dead_letter_queues[asset] = dead_letters
        from_the_bucket: Statement = {
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue.arn,
            "Condition": {
                "ArnEquals": {"aws:SourceArn": data.arn},
                "StringEquals": {"aws:SourceAccount": site.account_id},
            },
        }
        return _policy(name, queue, [from_the_bucket], opts=child)

    def _queue(self, name: str) -> aws.sqs.Queue:
        return aws.sqs.Queue(
            name,
            kms_master_key_id=self._key.arn,
            message_retention_seconds=RETENTION_SECONDS,
            opts=ResourceOptions(parent=self),
        )


def _policy(
    name: str, queue: aws.sqs.Queue, statements: Sequence[Statement], *, opts: ResourceOptions
) -> aws.sqs.QueuePolicy:
    """Make the policy of a queue: what `statements` allow, and nothing over plain HTTP."""
    plain_http = {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": queue.arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return aws.sqs.QueuePolicy(name, queue_url=queue.url, policy=document([*statements, plain_http]), opts=opts)
