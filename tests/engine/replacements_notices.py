"""Of AWS resource types for alarms, and for who is told of them: the properties that force a replacement.

The sources are those of `replacements_aws`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.engine.forcing import Forcing

NOTICES: Final[Mapping[str, tuple[Forcing, ...]]] = {
    "aws:budgets/budget:Budget": ("accountId", "name", "namePrefix"),
    # chatbot/slack_channel_configuration.go and teams_channel_configuration.go plan no replacement, not even of what
    # AWS has no call to change: name, workspace, team, tenant. A program must say `replace_on_changes`.
    # https://docs.aws.amazon.com/chatbot/latest/APIReference/API_UpdateSlackChannelConfiguration.html
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": (),
    "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration": (),
    "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": ("name",),
    # cloudwatch/composite_alarm.go: `actionsEnabled` is no update, other than of a metric alarm.
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": ("actionsEnabled", "alarmName"),
    "aws:cloudwatch/dashboard:Dashboard": ("dashboardName",),
    "aws:cloudwatch/eventRule:EventRule": ("eventBusName", "name", "namePrefix"),
    "aws:cloudwatch/eventTarget:EventTarget": ("eventBusName", "rule", "targetId"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("name",),
    "aws:rds/eventSubscription:EventSubscription": ("name", "namePrefix"),
    "aws:sns/topic:Topic": ("fifoTopic", "name", "namePrefix"),
    "aws:sns/topicPolicy:TopicPolicy": ("arn",),
    "aws:sns/topicSubscription:TopicSubscription": ("endpoint", "protocol", "topic"),
}
