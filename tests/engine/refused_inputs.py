"""What AWS refuses to make of inputs, because of what exists, or of a limit that no type of the SDK tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from tests.engine.cloud import CloudError, Thing
from tests.engine.forcing import at
from tests.engine.raw import clear

BUDGET: Final = "aws:budgets/budget:Budget"
COMPOSITE: Final = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
METRIC_ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
MUTE_RULE: Final = "aws:cloudwatch/alarmMuteRule:AlarmMuteRule"
TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"
TOPIC: Final = "aws:sns/topic:Topic"
# Their input that names a topic, which must exist: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html,
# https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
OF_TOPICS: Final = {
    "aws:sns/topicPolicy:TopicPolicy": "arn",
    "aws:sns/topicSubscription:TopicSubscription": "topic",
}
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html, API_PutCompositeAlarm.html,
# API_PutAlarmMuteRule.html
NAMES: Final = {COMPOSITE: "alarmName", METRIC_ALARM: "name", MUTE_RULE: "name"}
LONGEST_NAME: Final = 255
LONGEST_DESCRIPTION: Final = 1024
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MuteTargets.html
MOST_MUTED: Final = 100
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
MOST_IN_RULE: Final = 100
LONGEST_RULE: Final = 10_240
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
MOST_ACTIONS: Final = 5
ALARM_IN_RULE: Final = re.compile(r'(?:ALARM|OK|INSUFFICIENT_DATA)\(\s*"?([^()"]+?)"?\s*\)')


def refuse_inputs(type_: str, inputs: Mapping[str, Any], there: Iterable[Thing]) -> None:
    """Refuse as AWS would: names that are too long, too many of something, and what is about nothing that exists."""
    given = clear(inputs)
    if type_ in NAMES:
        _refuse_alarm(type_, given)
    match type_:
        case "aws:cloudwatch/compositeAlarm:CompositeAlarm":
            # https://github.com/awsdocs/aws-cloudformation-user-guide/issues/911
            missing = set(ALARM_IN_RULE.findall(given["alarmRule"])) - _alarms(there)
            if missing:
                text = f"Could not save the composite alarm as alarms {sorted(missing)} in the alarm rule do not exist"
                raise CloudError(f"ValidationError: {text}")
        case "aws:cloudwatch/eventTarget:EventTarget":
            # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
            rules = {each.outputs.get("name") for each in there if each.type == "aws:cloudwatch/eventRule:EventRule"}
            if given["rule"] not in rules:
                raise CloudError(f"ResourceNotFoundException: Rule {given['rule']} does not exist")
        case "aws:budgets/budget:Budget":
            # https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_NotificationWithSubscribers.html
            if any(len(each.get("subscriberSnsTopicArns") or ()) > 1 for each in given.get("notifications") or ()):
                raise CloudError("CreationLimitExceededException: a notification can have one subscriber of type SNS")
        case _ if type_ in OF_TOPICS:
            arn = given[OF_TOPICS[type_]]
            if arn not in {each.outputs.get("arn") for each in there if each.type == TOPIC}:
                raise CloudError(f"NotFound: Topic {arn} does not exist")
        case _:
            pass


def _refuse_alarm(type_: str, given: Mapping[str, Any]) -> None:
    """Limits of CloudWatch."""
    rule = str(given.get("alarmRule", ""))
    numbers = {
        "name": (len(given[NAMES[type_]]), LONGEST_NAME),
        "description": (len(given.get("description") or given.get("alarmDescription") or ""), LONGEST_DESCRIPTION),
        "rule": (len(rule), LONGEST_RULE),
        "alarms of a rule": (len({*ALARM_IN_RULE.findall(rule)}), MOST_IN_RULE),
        "muted alarms": (len(at(given, "muteTargets.alarmNames") or ()), MOST_MUTED),
        "actions": (len(given.get("alarmActions") or ()), MOST_ACTIONS),
    }
    for what, (number, most) in numbers.items():
        if number > most:
            raise CloudError(f"ValidationError: {type_}: {what} is {number}, which is more than {most}")


def _alarms(there: Iterable[Thing]) -> set[str]:
    things = (each for each in there if each.type in (COMPOSITE, METRIC_ALARM))
    return {str(clear(each.inputs).get(NAMES[each.type])) for each in things}
