"""Topics by which people are told, and who is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

from components.parts.encryption import encryption_key
from components.parts.iam import Statement, assumable_by, document, only_from
from settings import Site
from settings.monitoring import MonitoringSettings

PUBLISHERS = {
    "cloudwatch.amazonaws.com": "alarms",
    "events.amazonaws.com": "events of AWS",
    "budgets.amazonaws.com": "the budget",
}
USE_OF_THE_KEY = ("kms:Decrypt", "kms:GenerateDataKey")
NOTHING = "arn:aws:iam::aws:policy/AWSDenyAll"
"""What a chat may do in the account at most. Without one, its guardrail would be AdministratorAccess:
https://docs.aws.amazon.com/chatbot/latest/adminguide/understanding-permissions.html"""


@dataclass(frozen=True)
class Topics:
    """Two topics, as who is woken up by one of them need not be who reads the other in the morning."""

    pages: aws.sns.Topic
    """Users notice: somebody has to come."""
    tickets: aws.sns.Topic
    """A part is at fault: somebody has to look."""
    ready: Sequence[pulumi.Resource]
    """The policies by which AWS may publish. Who publishes comes after them."""

    @property
    def by_kind(self) -> Mapping[str, aws.sns.Topic]:
        """Both, by what they are called."""
        return {"pages": self.pages, "tickets": self.tickets}


def topics(name: str, site: Site, *, opts: ResourceOptions) -> Topics:
    """Make the topics, encrypted with a key that alarms, events and the budget may use.

    The key that AWS offers for it lets no alarm publish, and nobody would find out.
    """
    key = encryption_key(
        name,
        "Notices of alarms",
        site,
        holds_state=False,
        opts=opts,
        services=dict.fromkeys(PUBLISHERS, USE_OF_THE_KEY),
    )
    made = {
        kind: aws.sns.Topic(f"{name}-{kind}", kms_master_key_id=key.arn, opts=opts) for kind in ("pages", "tickets")
    }
    ready = [
        aws.sns.TopicPolicy(f"{name}-{kind}", arn=topic.arn, policy=_policy(topic.arn, site), opts=opts)
        for kind, topic in made.items()
    ]
    return Topics(pages=made["pages"], tickets=made["tickets"], ready=ready)


def tell(
    name: str,
    settings: MonitoringSettings,
    site: Site,
    *,
    pages: Mapping[str, Input[str]],
    tickets: Mapping[str, Input[str]],
    opts: ResourceOptions,
) -> None:
    """Tell the people of the settings of these topics, by a short name for each. A pager is told of pages only."""
    for kind, topic in {**pages, **tickets}.items():
        for email in settings.emails:
            _subscribe(f"{name}-{kind}-{email}", topic, "email", email, opts=opts)
    for kind, topic in pages.items():
        for index, endpoint in enumerate(settings.https_endpoints):
            _subscribe(f"{name}-{kind}-https-{index}", topic, "https", endpoint, opts=opts)
    if settings.slack or settings.teams:
        _chats(name, settings, site, [*pages.values(), *tickets.values()], opts=opts)


def _subscribe(name: str, topic: Input[str], protocol: str, endpoint: str, *, opts: ResourceOptions) -> None:
    aws.sns.TopicSubscription(name, topic=topic, protocol=protocol, endpoint=endpoint, opts=opts)


def _chats(
    name: str, settings: MonitoringSettings, site: Site, arns: Sequence[Input[str]], *, opts: ResourceOptions
) -> None:
    """Amazon Q Developer brings the notices into a chat. Its role may do nothing: nobody runs AWS from there."""
    role = aws.iam.Role(
        f"{name}-chat",
        path=f"/{site.path}/",
        description="Notices in chats; it may do nothing",
        assume_role_policy=assumable_by("chatbot.amazonaws.com", when=only_from(site.account_id)),
        opts=opts,
    )
    if settings.slack:
        aws.chatbot.SlackChannelConfiguration(
            f"{name}-slack",
            configuration_name=f"{site.prefix}-slack",
            slack_team_id=settings.slack.team_id,
            slack_channel_id=settings.slack.channel_id,
            iam_role_arn=role.arn,
            guardrail_policy_arns=[NOTHING],
            sns_topic_arns=list(arns),
            opts=ResourceOptions.merge(opts, _anew("slackTeamId")),
        )
    if settings.teams:
        aws.chatbot.TeamsChannelConfiguration(
            f"{name}-teams",
            configuration_name=f"{site.prefix}-teams",
            team_id=settings.teams.team_id,
            tenant_id=settings.teams.tenant_id,
            channel_id=settings.teams.channel_id,
            iam_role_arn=role.arn,
            guardrail_policy_arns=[NOTHING],
            sns_topic_arns=list(arns),
            opts=ResourceOptions.merge(opts, _anew("teamId", "tenantId")),
        )


def _anew(*properties: str) -> ResourceOptions:
    """Make a chat's configuration anew where these change.

    AWS's calls that update one do not take them, and the provider plans an update all the same, which changes nothing:
    https://docs.aws.amazon.com/chatbot/latest/APIReference/API_UpdateSlackChannelConfiguration.html
    """
    return ResourceOptions(replace_on_changes=list(properties), delete_before_replace=True)


def _policy(topic_arn: Output[str], site: Site) -> Output[str]:
    statements: list[Statement] = [
        {
            "Sid": "".join(word.capitalize() for word in what.split()),
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": only_from(site.account_id),
        }
        for service, what in PUBLISHERS.items()
    ]
    plain_http = {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": topic_arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return document([*statements, plain_http])
