"""What the doubles' cloud refuses to make."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.cloud import CloudError, Thing
from tests.engine.refused_inputs import BUDGET, COMPOSITE, METRIC_ALARM, MUTE_RULE, TARGET, TOPIC, refuse_inputs

SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
POLICY = "aws:sns/topicPolicy:TopicPolicy"
EVENT_RULE = "aws:cloudwatch/eventRule:EventRule"


def thing(type_: str, id_: str, **inputs: Any) -> Thing:
    outputs = {"name": id_, "arn": f"arn:{id_}"}
    return Thing(type=type_, id=id_, name=id_, urn=id_, seed=id_, inputs=inputs, outputs={**outputs, **inputs})


THERE = [
    thing(METRIC_ALARM, "a", name="a"),
    thing(COMPOSITE, "c", alarmName="c", alarmRule='ALARM("a")'),
    thing(TOPIC, "t"),
    thing(EVENT_RULE, "e"),
]


@pytest.mark.parametrize(
    ("type_", "inputs", "error"),
    [
        (COMPOSITE, {"alarmName": "d", "alarmRule": 'ALARM("a") OR ALARM("b")'}, r"ValidationError: .*\['b'\]"),
        (COMPOSITE, {"alarmName": "d", "alarmRule": "NOT OK(b)"}, r"ValidationError: .*\['b'\]"),
        (METRIC_ALARM, {"name": "a" * 256}, "ValidationError: .*name is 256"),
        (METRIC_ALARM, {"name": "a", "alarmDescription": "d" * 1025}, "ValidationError: .*description is 1025"),
        (METRIC_ALARM, {"name": "a", "alarmActions": ["t"] * 6}, "ValidationError: .*actions is 6"),
        (
            MUTE_RULE,
            {"name": "m", "muteTargets": {"alarmNames": ["a"] * 101}},
            "ValidationError: .*muted alarms is 101",
        ),
        (SUBSCRIPTION, {"topic": "arn:u"}, "NotFound"),
        (POLICY, {"arn": "arn:u"}, "NotFound"),
        (TARGET, {"rule": "f"}, "ResourceNotFoundException"),
        (BUDGET, {"notifications": [{"subscriberSnsTopicArns": ["arn:t", "arn:u"]}]}, "CreationLimitExceeded"),
    ],
)
def test_what_is_about_nothing_or_too_much_is_refused(type_: str, inputs: dict[str, Any], error: str) -> None:
    """The error is AWS's own, by which one knows it again."""
    with pytest.raises(CloudError, match=f"^{error}"):
        refuse_inputs(type_, inputs, THERE)


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        (COMPOSITE, {"alarmName": "d", "alarmRule": 'ALARM("a") AND NOT ALARM(c)'}),
        (COMPOSITE, {"alarmName": "d", "alarmRule": "TRUE"}),
        (METRIC_ALARM, {"name": "a" * 255, "alarmActions": ["arn:of-nobody"]}),
        (MUTE_RULE, {"name": "m", "muteTargets": {"alarmNames": ["of-nobody"] * 100}}),
        (SUBSCRIPTION, {"topic": "arn:t"}),
        (POLICY, {"arn": "arn:t"}),
        (TARGET, {"rule": "e", "arn": "arn:of-nobody"}),
        (BUDGET, {"notifications": [{"subscriberSnsTopicArns": ["arn:t"]}, {"subscriberEmailAddresses": ["a", "b"]}]}),
    ],
)
def test_what_aws_does_not_look_at_passes(type_: str, inputs: dict[str, Any]) -> None:
    """AWS is no stricter than it says: a test that fails here must fail there."""
    refuse_inputs(type_, inputs, THERE)
