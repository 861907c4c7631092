"""How to look for what tells people: topics and their subscriptions, rules of EventBridge, the budget, a chat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

BUDGET: Final = "aws:budgets/budget:Budget"
SLACK: Final = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"
SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"
TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"
TOPIC: Final = "aws:sns/topic:Topic"
TYPES: Final = (BUDGET, SLACK, SUBSCRIPTION, TARGET, TOPIC)
# SNS says `NotFound`, Budgets `NotFoundException`; others have the word in longer ones.
ABSENT: Final = ("(NotFound)", "(NotFoundException)")
UNCONFIRMED: Final = "PendingConfirmation"
CHAT_REGION: Final = "us-west-2"
"""Chats are the account's. Their API is in a few regions only, of which the provider takes this one, too:
https://docs.aws.amazon.com/general/latest/gr/chatbot.html"""

Ask = Callable[..., Mapping[str, Any]]
"""Asks the AWS CLI, and gives nothing where it says that there is no such thing."""


def ids(type_: str, inputs: Mapping[str, Any], ask: Ask) -> Iterator[str]:
    """Ids as the provider takes them for an import. The types are those above."""
    match type_:
        case "aws:sns/topic:Topic":
            # The name is the end of the ARN, and nothing else of it is known here.
            arns: list[str] = [each["TopicArn"] for each in ask("sns", "list-topics").get("Topics") or ()]
            yield from (arn for arn in arns if arn.rpartition(":")[2] == inputs["name"])
        case "aws:sns/topicSubscription:TopicSubscription":
            yield from _subscriptions(inputs, ask)
        case "aws:cloudwatch/eventTarget:EventTarget":
            # The provider makes up its id while it creates it.
            answer = ask("events", "list-targets-by-rule", "--rule", inputs["rule"])
            for each in answer.get("Targets") or ():
                if each["Arn"] == inputs["arn"]:
                    yield f"{inputs['rule']}/{each['Id']}"
        case "aws:budgets/budget:Budget":
            account = ask("sts", "get-caller-identity")["Account"]
            words = ("describe-budget", "--account-id", account, "--budget-name", inputs["name"])
            if ask("budgets", *words).get("Budget"):
                yield f"{account}:{inputs['name']}"
        case _:
            answer = ask("chatbot", "describe-slack-channel-configurations", "--region", CHAT_REGION)
            for each in answer.get("SlackChannelConfigurations") or ():
                if each["ConfigurationName"] == inputs["configurationName"]:
                    yield each["ChatConfigurationArn"]


def _subscriptions(inputs: Mapping[str, Any], ask: Ask) -> Iterator[str]:
    """Confirmed ones. Until then a subscription has no ARN to be found by, and to subscribe again is the same one,
    whose address gets one more request to confirm: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
    """
    answer = ask("sns", "list-subscriptions-by-topic", "--topic-arn", inputs["topic"])
    for each in answer.get("Subscriptions") or ():
        same = (each["Protocol"], each["Endpoint"]) == (inputs["protocol"], inputs["endpoint"])
        if same and each["SubscriptionArn"] != UNCONFIRMED:
            yield each["SubscriptionArn"]
