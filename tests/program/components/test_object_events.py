"""New objects as messages: who may send, who may receive, and what happens to what nobody takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plan import Deployment, plan_stack
from tests.program.grants import identity_policies
from tests.program.judges.iam import Decision, Request, evaluate

QUEUE = "alisio-prod-events-landed_weather"
CONSUMERS = {
    "airflow-triggerer": True,
    "airflow-dag-processor": False,
    "airflow-api-server": False,
    "airflow-worker-main": False,
    "airflow-worker-bulk": False,
}
TLS = {"aws:SecureTransport": "true"}


def queue(prod: Deployment, name: str) -> tuple[str, dict[str, Any]]:
    """ARN and policy of a queue."""
    arn = prod.one("aws:sqs/queue:Queue", name).outputs["arn"]
    return str(arn), json.loads(str(prod.one("aws:sqs/queuePolicy:QueuePolicy", name).inputs["policy"]))


@pytest.mark.parametrize(("who", "may"), CONSUMERS.items())
def test_the_triggerer_alone_consumes(prod: Deployment, who: str, *, may: bool) -> None:
    """As docs/architecture.md says: only the triggerer receives and deletes messages of the watched queues."""
    arn, policy = queue(prod, QUEUE)
    for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage"):
        request = Request(action=action, resource=arn, principal=f"arn:aws:iam::111122223333:role/{who}", context=TLS)
        decision = evaluate(request, identity_policies=identity_policies(prod, who), resource_policy=policy)
        assert (decision is Decision.ALLOWED) is may


@pytest.mark.parametrize("action", ["sqs:SendMessage", "sqs:PurgeQueue", "sqs:DeleteQueue"])
def test_nobody_of_the_pods_sends_or_empties(prod: Deployment, action: str) -> None:
    """A message is a fact about the bucket: no pod can invent one, or do away with all."""
    arn, policy = queue(prod, QUEUE)
    for who in CONSUMERS:
        request = Request(action=action, resource=arn, principal=f"arn:aws:iam::111122223333:role/{who}", context=TLS)
        decision = evaluate(request, identity_policies=identity_policies(prod, who), resource_policy=policy)
        assert decision is not Decision.ALLOWED, who


def test_that_bucket_alone_sends(prod: Deployment) -> None:
    """S3 may send on behalf of the data bucket of this account, and of no other bucket and no other account."""
    _, policy = queue(prod, QUEUE)
    allowed, denied = policy["Statement"]
    bucket = prod.one("aws:s3/bucket:Bucket", "alisio-prod-data").outputs["arn"]
    assert allowed["Principal"] == {"Service": "s3.amazonaws.com"}
    assert allowed["Action"] == "sqs:SendMessage"
    assert allowed["Condition"] == {
        "ArnEquals": {"aws:SourceArn": bucket},
        "StringEquals": {"aws:SourceAccount": "111122223333"},
    }
    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_messages_are_encrypted_with_a_key_that_s3_may_use(stack: Deployment) -> None:
    """Both queues use the component's key, and its policy lets S3 in: without that S3 cannot notify at all."""
    key = stack.one("aws:kms/key:Key", f"alisio-{stack.stack}-events")
    for each in stack.of_type("aws:sqs/queue:Queue"):
        assert each.inputs["kmsMasterKeyId"] == key.outputs["arn"]
    senders = [
        statement
        for statement in json.loads(str(key.inputs["policy"]))["Statement"]
        if statement["Principal"] == {"Service": "s3.amazonaws.com"}
    ]
    assert [set(statement["Action"]) for statement in senders] == [{"kms:Decrypt", "kms:GenerateDataKey"}]
    assert senders[0]["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}


def test_what_nobody_can_take_goes_to_the_dead_letter_queue(prod: Deployment) -> None:
    """A message that was received five times goes to the dead-letter queue, and is kept for two weeks there."""
    redrive = json.loads(str(prod.one("aws:sqs/redrivePolicy:RedrivePolicy", QUEUE).inputs["redrivePolicy"]))
    dead_letters = prod.one("aws:sqs/queue:Queue", f"{QUEUE}-dead-letter")
    assert redrive == {"deadLetterTargetArn": dead_letters.outputs["arn"], "maxReceiveCount": 5}
    assert dead_letters.inputs["messageRetentionSeconds"] == 14 * 24 * 3600


def test_the_bucket_notifies_once_it_may(prod: Deployment) -> None:
    """The notification names each watched prefix, and waits for the policy that lets S3's test message in."""
    notification = prod.one("aws:s3/bucketNotification:BucketNotification")
    (rule,) = notification.inputs["queues"]
    assert (rule["filterPrefix"], rule["events"]) == ("landing/weather/", ["s3:ObjectCreated:*"])
    assert rule["queueArn"] == queue(prod, QUEUE)[0]
    assert prod.one("aws:sqs/queuePolicy:QueuePolicy", QUEUE).urn in prod.upstream(notification)


@pytest.mark.parametrize(
    ("prefix", "filter_"),
    [
        ("landing/weather/", "landing/weather/"),
        ("landing/year=2026/", "landing/year%3D2026/"),
        ("landing/a+b/", "landing/a%2Bb/"),
        ("Relatórios de março/", "Relat%C3%B3rios+de+mar%C3%A7o/"),
        ("a-b_c.d/", "a-b_c.d/"),
    ],
)
def test_a_watched_prefix_is_filtered_by_as_s3_reads_filters(prefix: str, filter_: str) -> None:
    """S3 wants a filter encoded: with a plain `=` in it, it would take the filter and never send a message."""
    buckets = {"watches": [{"prefix": prefix, "asset": "orders"}]}
    watching = plan_stack("prod", config_overrides={"buckets": buckets})
    (rule,) = watching.one("aws:s3/bucketNotification:BucketNotification").inputs["queues"]
    assert rule["filterPrefix"] == filter_


def test_without_watches_there_is_nothing() -> None:
    """A stack that watches nothing has no queue, no key, no notification, and pays for none."""
    quiet = plan_stack("dev", config_overrides={"buckets": {"watches": []}})
    assert [each.type for each in quiet.resources if "sqs" in each.type or "Notification" in each.type] == []
    assert [each.name for each in quiet.of_type("aws:kms/key:Key") if "events" in each.name] == []
