"""Metric math is read as CloudWatch's documentation has it, and what is not known is refused.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from health.expression import Number, check, names, value

A: list[Number] = [1.0, None, 3.0, 0.0]
B: list[Number] = [2.0, 5.0, None, 0.0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + b", [3, None, None, 0]),
        ("a * 100", [100, None, 300, 0]),
        # "You can't divide by zero": such a period has no value.
        ("a / b", [0.5, None, None, None]),
        ("FILL(a, 0)", [1, 0, 3, 0]),
        ("FILL(a, 0) - FILL(b, 0)", [-1, -5, 3, 0]),
        ("a > b", [0, None, None, 0]),
        ("a >= 1 AND b < 3", [1, None, None, 0]),
        ("a >= 1 OR b == 0", [1, None, None, 1]),
        # Multiplication before addition before comparison before AND before OR.
        ("FILL(a, 0) + FILL(b, 0) * 2 > 4 AND 1 OR 0", [1, 1, 0, 0]),
        ("IF(a > 0, b, 7)", [2, None, None, 7]),
        ("IF(FILL(a, 0) > 0, FILL(b, 9), 7)", [2, 7, 9, 7]),
        # "The difference between each value in the time series and the preceding value from that time series."
        ("DIFF(a)", [None, None, None, -3]),
        ("value", [5, 6, 7, 8]),
    ],
)
def test_functions_and_operators(expression: str, expected: list[Number]) -> None:
    """Period by period. Where a value is missing, so is the result, but for FILL."""
    metrics: dict[str, list[Number]] = {"a": A, "b": B, "value": [5.0, 6.0, 7.0, 8.0]}
    assert value(expression, metrics) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "SEARCH('{AWS/EC2}', 'Sum')",
        "METRICS()",
        "RATE(a)",
        "MAX(a)",
        "a % 2",
        "a < 1 < 2",
        "NOT a",
        "a AND",
        "a.b",
        "IF(a, b)",
        "FILL(a, REPEAT)",
        # Also where the values of a check do not lead.
        "IF(a > 1000, MAX(a), 0)",
        "IF(a > 0, 0, RATE(a))",
        "",
        "__import__('os').getcwd()",
    ],
)
def test_what_cannot_be_evaluated_is_refused(expression: str) -> None:
    """CloudWatch knows more. An alarm may not use it, as the local platform could not."""
    with pytest.raises(ValueError):  # noqa: PT011 - the texts differ
        check(expression)


def test_names_are_those_of_metrics() -> None:
    """Not those of functions, which CloudWatch writes in capitals."""
    assert names("IF(FILL(failed, 0) + passed > 20, 100 * failed / passed, 0)") == {"failed", "passed"}


def test_series_are_of_one_length() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        value("a + b", {"a": [1.0], "b": [1.0, 2.0]})


@given(
    failed=st.lists(st.none() | st.integers(0, 1000).map(float), min_size=1, max_size=6),
    data=st.data(),
)
def test_a_share_is_a_share(failed: list[Number], data: st.DataObject) -> None:
    """The expressions of our alarms about shares give a percentage, whatever is missing."""
    size = len(failed)
    passed = data.draw(st.lists(st.none() | st.integers(0, 1000).map(float), min_size=size, max_size=size))
    expression = (
        "IF(FILL(failed, 0) + FILL(passed, 0) >= 20, 100 * FILL(failed, 0) / (FILL(failed, 0) + FILL(passed, 0)), 0)"
    )
    for each in value(expression, {"failed": failed, "passed": passed}):
        assert each is not None
        assert 0 <= each <= 100
