"""Celery's broker."""

from __future__ import annotations

from typing import final

import pulumi
import pulumi_aws as aws
import pulumi_random as random
from pulumi import Input, Output, ResourceOptions

import versions
from chart.uris import REDIS_PORT, broker_uri
from components.network import Network
from components.parts.encryption import encryption_key, log_group
from components.parts.iam import document
from components.parts.metrics import Metrics, shown, source
from components.parts.security_groups import Members, open_port
from health.subjects import BROKER, broker_node
from settings import CacheSettings, Site

LOGS = ("slow-log", "engine-log")


@final
class Cache(pulumi.ComponentResource):
    """Redis or Valkey as Celery's broker: private, encrypted, reachable over TLS with a token only.

    A full broker refuses work. It never drops any.
    """

    metrics: Metrics
    """Of each node."""
    host: Output[str]
    security_group_id: Output[str]
    events_topic_arn: Output[str]
    """Topic on which ElastiCache tells of failovers and replaced nodes."""
    uri: Output[str]
    """Broker URL with the token, always a secret. It demands a valid certificate."""

    def __init__(
        self, name: str, settings: CacheSettings, network: Network, site: Site, *, opts: ResourceOptions | None = None
    ) -> None:
        super().__init__("alisio:aws:Cache", name, None, opts)
        child = ResourceOptions(parent=self)
        key = encryption_key(name, "Celery's broker: storage, snapshots, logs", site, opts=child)
        token = _token(name, settings.tokens, site, opts=child)
        subnets = aws.elasticache.SubnetGroup(f"{name}-subnets", subnet_ids=network.data_subnet_ids, opts=child)
        group = aws.ec2.SecurityGroup(f"{name}-access", description="Celery broker", vpc_id=network.vpc_id, opts=child)
        logs = {
            kind: log_group(f"{name}-{kind}", f"/{site.path}/cache/{kind}", days=settings.log_days, key=key, opts=child)
            for kind in LOGS
        }
        events = _events_topic(f"{name}-events", site, opts=child)
        replication = aws.elasticache.ReplicationGroup(
            name,
            description="Celery's broker",
            engine=settings.engine,
            engine_version=versions.CACHE_ENGINES[settings.engine],
            auto_minor_version_upgrade=True,
            node_type=settings.node_type,
            port=REDIS_PORT,
            # Cluster mode off: Celery does not speak Redis Cluster.
            num_cache_clusters=1 + settings.replicas,
            automatic_failover_enabled=settings.replicas > 0,
            multi_az_enabled=settings.replicas > 0,
            parameter_group_name=_parameters(name, settings, opts=child).name,
            subnet_group_name=subnets.name,
            security_group_ids=[group.id],
            at_rest_encryption_enabled=True,
            kms_key_id=key.arn,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            auth_token=token.result,
            # A token that changes is added, and the one before stays valid until all pods have the new one. ElastiCache
            # takes SET only for a token that ROTATE has added. The strategy never changes: the provider would send the
            # token again with it:
            # https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html
            auth_token_update_strategy="ROTATE",
            notification_topic_arn=events.arn,
            maintenance_window=settings.maintenance_window,
            snapshot_window=settings.snapshot_window,
            # No final snapshot: it would hold queued tasks only, which the scheduler queues again from its database.
            snapshot_retention_limit=settings.snapshot_days,
            apply_immediately=settings.apply_immediately,
            log_delivery_configurations=[
                {
                    "log_type": kind,
                    "log_format": "json",
                    "destination_type": "cloudwatch-logs",
                    "destination": logs[kind].name,
                }
                for kind in LOGS
            ],
            opts=child,
        )
        self.host = replication.primary_endpoint_address
        self.security_group_id = group.id
        self.events_topic_arn = events.arn
        known = Output.all(password=token.result, host=self.host)
        self.uri = Output.secret(known.apply(lambda login: broker_uri(**login)))
        # `member_clusters` would say the same, but not before the nodes are there. With cluster mode off, each is a
        # cluster with one node.
        nodes = [broker_node(number) for number in range(1, 2 + settings.replicas)]
        self.metrics = {
            f"{BROKER}-{node}": source(BROKER, Output.concat(replication.replication_group_id, "-", node), "0001")
            for node in nodes
        }
        self._name = name
        self.register_outputs(
            {
                "metrics": shown(self.metrics),
                "host": self.host,
                "eventsTopicArn": self.events_topic_arn,
                "uri": self.uri,
            }
        )

    def allow_from(self, peer: str, security_group_id: Input[str]) -> None:
        """Open the broker's port to one more security group."""
        open_port(
            f"{self._name}-from-{peer}",
            f"Redis from {peer}",
            port=REDIS_PORT,
            security_group_id=self.security_group_id,
            source=Members(security_group_id),
            opts=ResourceOptions(parent=self),
        )


def _token(name: str, names: tuple[str, ...], site: Site, *, opts: ResourceOptions) -> random.RandomPassword:
    """Make a token for each name, and take the first. It alone is protected, so that an older name can be taken out."""
    tokens = [
        random.RandomPassword(
            f"{name}-token-{each}",
            length=64,
            special=False,
            opts=ResourceOptions.merge(opts, ResourceOptions(protect=site.protect and each == names[0])),
        )
        for each in names
    ]
    return tokens[0]


def _events_topic(name: str, site: Site, *, opts: ResourceOptions) -> aws.sns.Topic:
    """Make a topic to which ElastiCache can publish.

    It stays silent on a topic that is encrypted; its messages hold names only. It stays silent, too, where the policy
    asks for `aws:SourceAccount`, as that of a new topic does: it says `aws:SourceOwner`, and no service's name.
    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCacheSNS.html
    """
    topic = aws.sns.Topic(name, opts=opts)
    publish = {
        "Sid": "AccountAndElastiCache",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "sns:Publish",
        "Resource": topic.arn,
        "Condition": {"StringEquals": {"aws:SourceOwner": site.account_id}},
    }
    aws.sns.TopicPolicy(name, arn=topic.arn, policy=document([publish]), opts=opts)
    return topic


def _parameters(name: str, settings: CacheSettings, *, opts: ResourceOptions) -> aws.elasticache.ParameterGroup:
    """Make a group that is named after its family. A group in use can neither change its family nor be deleted."""
    family = versions.CACHE_FAMILIES[settings.engine]
    return aws.elasticache.ParameterGroup(
        f"{name}-{family}",
        family=family,
        description="A broker may refuse work, never drop it",
        parameters=[{"name": "maxmemory-policy", "value": "noeviction"}],
        opts=opts,
    )
