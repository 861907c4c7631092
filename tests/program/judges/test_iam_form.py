"""The judge of a policy's form: each rule with a policy that passes and one that does not."""

from __future__ import annotations

from typing import Any

import pytest

from .iam_form import malformed

GOOD: dict[str, Any] = {
    "Sid": "Read",
    "Effect": "Allow",
    "Action": "s3:GetObject",
    "Resource": ["arn:aws:s3:::data/*", "arn:aws-us-gov:sqs:us-gov-west-1:111122223333:q", "*"],
    "Condition": {
        "Bool": {"aws:SecureTransport": "true"},
        "StringEquals": {"aws:ResourceTag/team": "a", "s3:prefix": "x"},
        "NumericLessThan": {"s3:TlsVersion": "1.2"},
        "IpAddressIfExists": {"aws:SourceIp": ["192.0.2.0/24", "2001:db8::1"]},
        "DateGreaterThan": {"aws:CurrentTime": "2026-11-25T13:00:00Z"},
        "ForAnyValue:ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"},
    },
}


def found(*statements: dict[str, Any]) -> list[str]:
    return malformed({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_policy_in_good_form_passes() -> None:
    """ARNs of global and regional services, and values of each kind."""
    assert found(GOOD, GOOD | {"Sid": ""}, GOOD | {"Sid": ""}) == []


def test_a_sid_stands_once() -> None:
    """Two statements of one name are refused at deployment."""
    assert found(GOOD, GOOD) == ["Read: Sid: two statements have it"]
    assert found(GOOD | {"Sid": "Read it"}) == ["Read it: Sid: only letters and digits"]


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:s3:data/*",
        "arn:amazon:s3:::data/*",
        "arn:aws:sqs:eu-west-1:1234:q",
        "arn:aws:sqs:europe:111122223333:q",
        "arn:aws:s3:::",
        "data/*",
    ],
)
def test_a_resource_is_an_arn(arn: str) -> None:
    """A part too few, another partition, and an account or a region that cannot be are found."""
    assert found(GOOD | {"Resource": arn}) == [f"Read: Resource: {arn}: is not an ARN"]


@pytest.mark.parametrize(
    ("operator", "key", "value", "problem"),
    [
        ("StringEquals", "aws:SourceVpcee", "vpce-1", "aws:SourceVpcee: AWS has no such global key"),
        ("Bool", "aws:SecureTransport", "yes", "Bool: yes: is not true or false"),
        ("Null", "aws:SourceVpce", "maybe", "Null: maybe: is not true or false"),
        ("NumericEquals", "aws:MultiFactorAuthAge", "old", "NumericEquals: old: is not a number"),
        ("DateGreaterThan", "aws:CurrentTime", "tomorrow", "DateGreaterThan: tomorrow: is not a date"),
        ("NotIpAddress", "aws:SourceIp", "here", "NotIpAddress: here: is not an address or a CIDR"),
        ("ArnEqualsIfExists", "aws:SourceArn", "bucket", "ArnEqualsIfExists: bucket: is not an ARN"),
    ],
)
def test_a_condition_compares_what_can_be_compared(operator: str, key: str, value: str, problem: str) -> None:
    """A misspelt global key and a value of another kind are conditions that never hold, or always."""
    assert found(GOOD | {"Condition": {operator: {key: value}}}) == [f"Read: Condition: {problem}"]
