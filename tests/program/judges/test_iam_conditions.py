"""The condition operators of IAM, each with a value that holds and one that does not."""

from __future__ import annotations

from typing import Any

import pytest

from .iam_conditions import UnknownOperatorError, Values, matches

WORKER = "arn:aws:iam::111122223333:role/worker"
SESSION = "arn:aws:sts::111122223333:assumed-role/worker/pod-1"

CONDITIONS: list[tuple[str, str, Any, Any, bool]] = [
    ("StringEquals", "k", "a", "a", True),
    ("StringEquals", "k", ["b", "a"], "a", True),
    ("StringEquals", "k", "a*", "ab", False),
    ("StringEquals", "k", "A", "a", False),
    ("StringEquals", "k", "a", None, False),
    ("StringEqualsIgnoreCase", "k", "A", "a", True),
    ("StringNotEqualsIgnoreCase", "k", "A", "a", False),
    ("StringNotEquals", "k", "a", "b", True),
    ("StringNotEquals", "k", ["a", "b"], "b", False),
    ("StringNotEquals", "k", "a", None, True),
    ("StringEqualsIfExists", "k", "a", None, True),
    ("StringEqualsIfExists", "k", "a", "b", False),
    ("StringNotEqualsIfExists", "k", "a", None, True),
    ("StringNotEqualsIfExists", "k", "a", "a", False),
    ("StringLike", "k", "team-*", "team-a", True),
    ("StringLike", "k", "team-?", "team-ab", False),
    ("StringLike", "k", "team-${*}", "team-*", True),
    ("StringLike", "k", "team-${*}", "team-a", False),
    ("StringNotLike", "k", "team-*", "team-a", False),
    ("StringNotLike", "k", "team-*", None, True),
    ("StringEquals", "k", "${aws:PrincipalTag/none}", "a", False),
    ("StringNotEquals", "k", "${aws:PrincipalTag/none}", "a", False),
    ("Bool", "k", True, "true", True),
    ("Bool", "k", "false", "true", False),
    ("Bool", "k", "false", None, False),
    ("BoolIfExists", "k", "false", None, True),
    ("Null", "k", "true", None, True),
    ("Null", "k", "true", "x", False),
    ("Null", "k", False, "x", True),
    ("Null", "k", "false", None, False),
    ("NumericLessThan", "k", 10, "9.5", True),
    ("NumericLessThan", "k", "10", "10", False),
    ("NumericLessThanEquals", "k", "10", "10", True),
    ("NumericGreaterThan", "k", "1.2", "1.3", True),
    ("NumericGreaterThanEquals", "k", "2", "1", False),
    ("NumericEquals", "k", "10", "10.0", True),
    ("NumericNotEquals", "k", "10", "11", True),
    ("NumericLessThan", "k", "10", "x", False),
    ("DateGreaterThan", "k", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", True),
    ("DateLessThan", "k", "2026-01-01", "1767225600", False),
    ("DateEquals", "k", "2026-01-01", "1767225600", True),
    ("IpAddress", "k", "10.0.0.0/8", "10.1.2.3", True),
    ("IpAddress", "k", "10.0.0.0/8", "11.1.2.3", False),
    ("NotIpAddress", "k", "10.0.0.0/8", "10.1.2.3", False),
    ("ArnLike", "k", "arn:aws:iam::*:role/wor?er", WORKER, True),
    ("ArnEquals", "k", "arn:aws:iam::111122223333:role/*", WORKER, True),
    ("ArnLike", "k", "arn:aws:iam::*", WORKER, True),
    ("ArnLike", "k", "arn:*:role/worker", WORKER, False),
    ("ArnNotLike", "k", WORKER, WORKER, False),
    ("ArnNotLike", "k", WORKER, None, True),
    ("ArnNotEquals", "k", WORKER, SESSION, True),
    ("BinaryEquals", "k", "QQ==", "QQ==", True),
    ("ForAnyValue:StringEquals", "k", "a", ["b", "a"], True),
    ("ForAnyValue:StringEquals", "k", "a", ["b"], False),
    ("ForAnyValue:StringEquals", "k", "a", None, False),
    ("ForAnyValue:StringNotEquals", "k", "a", ["a", "b"], True),
    ("ForAllValues:StringLike", "k", ["a*", "b"], ["ab", "b"], True),
    ("ForAllValues:StringLike", "k", "a*", ["ab", "b"], False),
    ("ForAllValues:StringEquals", "k", "a", None, True),
    ("ForAllValues:StringNotEquals", "k", "a", ["b", "a"], False),
]


@pytest.mark.parametrize(("operator", "key", "wanted", "given", "expected"), CONDITIONS)
def test_conditions(operator: str, key: str, wanted: Any, given: Any, *, expected: bool) -> None:
    """Each operator, its negation, IfExists and the set operators answer as AWS documents, also for a missing key."""
    context: dict[str, Values] = {} if given is None else {key.upper(): given}
    assert matches({operator: {key: wanted}}, context) is expected


def test_all_operators_and_keys_must_hold() -> None:
    """Operators and keys of one Condition are joined by and."""
    block = {"StringEquals": {"a": "1", "b": "2"}, "Null": {"c": "true"}}
    assert matches(block, {"a": "1", "b": "2"})
    assert not matches(block, {"a": "1", "b": "3"})
    assert not matches(block, {"a": "1", "b": "2", "c": "3"})


@pytest.mark.parametrize(
    "operator", ["StringEqual", "StringNotNull", "NumericNotLessThan", "ForSome:StringEquals", "NotBool"]
)
def test_an_unknown_operator_is_an_error(operator: str) -> None:
    """IAM refuses a misspelt operator, so the judge does not take it for a mismatch."""
    with pytest.raises(UnknownOperatorError, match=operator.split(":")[0]):
        matches({operator: {"k": "v"}}, {})


def test_what_aws_leaves_open_is_an_error() -> None:
    """Several values without a set operator, and ForAnyValue with IfExists on a missing key, are not guessed at."""
    with pytest.raises(ValueError, match="k has 2 values"):
        matches({"StringEquals": {"k": "a"}}, {"k": ["a", "b"]})
    with pytest.raises(ValueError, match="AWS does not say"):
        matches({"ForAnyValue:StringEqualsIfExists": {"k": "a"}}, {})
