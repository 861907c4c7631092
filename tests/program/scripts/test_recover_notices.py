"""How `recover` finds what tells people: by its name, or by what it belongs to, and nobody else's."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from refused import Refused
from scripts.recover.aws import Aws
from scripts.recover.notices import BUDGET, CHAT_REGION, SLACK, SUBSCRIPTION, TARGET, TOPIC
from tests.program.scripts.fake_programs import fake

TOPIC_ARN: Final = "arn:aws:sns:eu-west-1:1:alisio-prod-pages-1234567"
CONFIRMED: Final = f"{TOPIC_ARN}:5be8f5b2"
MAIL: Final = {"topic": TOPIC_ARN, "protocol": "email", "endpoint": "a@example.com"}
SUBSCRIBED: Final = {"Protocol": "email", "Endpoint": "a@example.com", "SubscriptionArn": CONFIRMED}
CHAT: Final = "arn:aws:chatbot::1:chat-configuration/slack-channel/alisio-prod-slack"
BUDGETED: Final = {"Budget": {"BudgetName": "alisio-prod-1234567"}}
ACCOUNT: Final = {"get-caller-identity": {"Account": "111122223333"}}


def found(folder: Path, monkeypatch: pytest.MonkeyPatch, type_: str, inputs: Any, answers: Any) -> str | None:
    fake(folder, monkeypatch, "aws", answers)
    return Aws(region="eu-central-1").find(type_, inputs, set())


@pytest.mark.parametrize(
    ("type_", "inputs", "answers", "expected"),
    [
        (
            TOPIC, {"name": "alisio-prod-pages-1234567"},
            {"list-topics": {"Topics": [{"TopicArn": f"{TOPIC_ARN}8"}, {"TopicArn": TOPIC_ARN}]}}, TOPIC_ARN,
        ),
        (TOPIC, {"name": "alisio"}, {"list-topics": {"Topics": [{"TopicArn": TOPIC_ARN}]}}, None),
        (
            SUBSCRIPTION, MAIL,
            {"list-subscriptions-by-topic": {"Subscriptions": [
                {**SUBSCRIBED, "Endpoint": "b@example.com", "SubscriptionArn": "arn:b"}, SUBSCRIBED,
            ]}},
            CONFIRMED,
        ),
        (
            TARGET, {"rule": "alisio-prod-events", "arn": TOPIC_ARN},
            {"list-targets-by-rule": {"Targets": [{"Id": "a", "Arn": "arn:other"}, {"Id": "b", "Arn": TOPIC_ARN}]}},
            "alisio-prod-events/b",
        ),
        (
            BUDGET, {"name": "alisio-prod-1234567"}, {**ACCOUNT, "describe-budget": BUDGETED},
            "111122223333:alisio-prod-1234567",
        ),
        (BUDGET, {"name": "alisio-prod-1234567"}, {**ACCOUNT, "describe-budget": {}}, None),
        (
            SLACK, {"configurationName": "alisio-prod-slack"},
            {"describe-slack-channel-configurations": {"SlackChannelConfigurations": [
                {"ConfigurationName": "of-others", "ChatConfigurationArn": "arn:other"},
                {"ConfigurationName": "alisio-prod-slack", "ChatConfigurationArn": CHAT},
            ]}},
            CHAT,
        ),
    ],
)  # fmt: skip
def test_what_tells_people_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, type_: str, inputs: Any, answers: Any, expected: str | None
) -> None:
    """A topic by the whole of its name, a subscription by whom it tells, a target by where it leads."""
    assert found(tmp_path, monkeypatch, type_, inputs, answers) == expected


def test_a_subscription_that_nobody_has_confirmed_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SNS does not tell its ARN, and takes a second one for the same."""
    unconfirmed = {**SUBSCRIBED, "SubscriptionArn": "PendingConfirmation"}
    answers = {"list-subscriptions-by-topic": {"Subscriptions": [unconfirmed]}}
    assert found(tmp_path, monkeypatch, SUBSCRIPTION, MAIL, answers) is None


def test_chats_are_asked_for_where_they_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their API is in a few regions, and the stack may be in any."""
    calls = fake(tmp_path, monkeypatch, "aws", {"describe-slack-channel-configurations": {}})
    assert Aws(region="eu-central-1").find(SLACK, {"configurationName": "a"}, set()) is None
    (call,) = calls.read_text(encoding="utf-8").splitlines()
    assert call == f"chatbot describe-slack-channel-configurations --region {CHAT_REGION} --output json"


@pytest.mark.parametrize(
    ("error", "there_is_none"),
    [
        ("An error occurred (NotFound) when calling ListSubscriptionsByTopic: Topic does not exist", True),
        ("An error occurred (AuthorizationError) when calling ListSubscriptionsByTopic: not authorized", False),
    ],
)
def test_a_topic_that_is_gone_has_no_subscription(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: str, there_is_none: bool  # noqa: FBT001
) -> None:  # fmt: skip
    """But who may not look has not seen that there is none."""
    program = tmp_path / "aws"
    program.write_text(f"#!/bin/sh\necho '{error}' >&2\nexit 254\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    if there_is_none:
        assert Aws(region="eu-west-1").find(SUBSCRIPTION, MAIL, set()) is None
    else:
        with pytest.raises(Refused, match="AuthorizationError"):
            Aws(region="eu-west-1").find(SUBSCRIPTION, MAIL, set())
