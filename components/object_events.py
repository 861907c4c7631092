"""New objects of the data bucket, as messages that Airflow's triggerer consumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from components.buckets import DataBucket
from components.encryption import encryption_key
from components.iam import Statement, allow, document
from components.pod_role import PodRole
from settings import Site, Watch

FOURTEEN_DAYS = 14 * 24 * 3600
"""The longest that SQS keeps a message: a platform that is down over a holiday loses none."""
DELIVERIES = 5
"""A message that was received this often and never deleted is set aside."""
EVENTS = ("s3:ObjectCreated:*",)


@final
class ObjectEvents(pulumi.ComponentResource):
    """A queue for each watched prefix of the data bucket, with one beside it for messages that nobody can take.

    Encrypted, over TLS only; that bucket alone may send, and who is granted may receive.
    """

    queue_urls: Output[Mapping[str, str]]
    """URL of the queue, by the name of its asset."""

    def __init__(
        self, name: str, watches: Sequence[Watch], data: DataBucket, site: Site, *, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("alisio:aws:ObjectEvents", name, None, opts)
        self._queues: list[aws.sqs.Queue] = []
        self.queue_urls = Output.from_input({})
        if watches:
            self._build(name, watches, data, site)
        self.register_outputs({"queueUrls": self.queue_urls})

    def grant_consume(self, role: PodRole) -> None:
        """Let a role receive the messages, and delete what it has taken."""
        if self._queues:
            statements = [
                allow(["sqs:DeleteMessage", "sqs:ReceiveMessage"], on=[queue.arn for queue in self._queues]),
                allow(["kms:Decrypt"], on=self._key.arn),
            ]
            role.permit("events", statements)

    def _build(self, name: str, watches: Sequence[Watch], data: DataBucket, site: Site) -> None:
        senders = {"s3.amazonaws.com": ("kms:Decrypt", "kms:GenerateDataKey")}
        self._key = encryption_key(name, "Messages about new objects", site, parent=self, services=senders)
        ready: list[pulumi.Resource] = []
        for watch in watches:
            queue, policy = self._watch(f"{name}-{watch.asset}", data, site)
            self._queues.append(queue)
            ready.append(policy)
        aws.s3.BucketNotification(
            name,
            bucket=data.bucket_name,
            queues=[
                {"id": watch.asset, "queue_arn": queue.arn, "events": list(EVENTS), "filter_prefix": watch.prefix}
                for watch, queue in zip(watches, self._queues, strict=True)
            ],
            # S3 sends a test message at once, and refuses to notify a queue that does not take it.
            opts=ResourceOptions(parent=self, depends_on=ready),
        )
        urls = {watch.asset: queue.url for watch, queue in zip(watches, self._queues, strict=True)}
        self.queue_urls = Output.all(**urls)

    def _watch(self, name: str, data: DataBucket, site: Site) -> tuple[aws.sqs.Queue, aws.sqs.QueuePolicy]:
        aside = self._queue(f"{name}-aside")
        _policy(f"{name}-aside", aside, [], parent=self)
        queue = self._queue(name)
        aws.sqs.RedrivePolicy(
            name,
            queue_url=queue.url,
            redrive_policy=Output.json_dumps({"deadLetterTargetArn": aside.arn, "maxReceiveCount": DELIVERIES}),
            opts=ResourceOptions(parent=self),
        )
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
        return queue, _policy(name, queue, [from_the_bucket], parent=self)

    def _queue(self, name: str) -> aws.sqs.Queue:
        return aws.sqs.Queue(
            name,
            kms_master_key_id=self._key.arn,
            message_retention_seconds=FOURTEEN_DAYS,
            opts=ResourceOptions(parent=self),
        )


def _policy(
    name: str, queue: aws.sqs.Queue, statements: Sequence[Statement], *, parent: pulumi.Resource
) -> aws.sqs.QueuePolicy:
    """The queue's policy: what `statements` allow, and nothing over plain HTTP."""
    plain_http = {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": queue.arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return aws.sqs.QueuePolicy(
        name, queue_url=queue.url, policy=document([*statements, plain_http]), opts=ResourceOptions(parent=parent)
    )
