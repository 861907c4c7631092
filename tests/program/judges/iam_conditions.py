"""The condition operators of IAM policies, as AWS documents them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import cast

Values = str | list[str]
Context = Mapping[str, Values]
"""Condition keys of a request. Names are compared without regard to case, as IAM does."""

ConditionBlock = Mapping[str, Mapping[str, Values | bool | int]]

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DEFAULT = re.compile(r"\s*([^,]+?)\s*(?:,\s*'([^']*)'\s*)?")
_LITERALS = {"*": "*", "?": "?", "$": "$"}


class UnknownOperatorError(ValueError):
    """A condition operator that IAM does not have: the policy would be refused."""


class MissingVariableError(Exception):
    """A policy variable without a value in the request: the element matches nothing."""


def lookup(context: Context, key: str) -> list[str] | None:
    """The values of a condition key, or None where the request does not carry it."""
    for name, value in context.items():
        if name.lower() == key.lower():
            return [value] if isinstance(value, str) else list(value)
    return None


def pattern(text: str, context: Context, *, wildcards: str = "*?") -> re.Pattern[str]:
    """A policy's string as a regular expression: variables filled in, `*` and `?` as wildcards.

    What a variable brings in is literal, and so is `${*}`.
    """
    pieces: list[str] = []
    position = 0
    for found in _VARIABLE.finditer(text):
        pieces.append(_glob(text[position : found.start()], wildcards))
        pieces.append(re.escape(_variable(found.group(1), context)))
        position = found.end()
    pieces.append(_glob(text[position:], wildcards))
    return re.compile("".join(pieces), re.DOTALL)


def arn_matches(wanted: str, given: str, context: Context) -> bool:
    """Compares ARNs by their six parts; wildcards do not cross a colon, except in the last part."""
    if wanted == "*":
        return True
    parts, pieces = _split_arn(wanted), given.split(":", 5)
    if len(parts) < 6 and parts[-1].endswith("*"):
        # A last `*` reaches on over the parts that are not written.
        pieces = given.split(":", len(parts) - 1)
    if len(parts) != len(pieces):
        return False
    return all(pattern(part, context).fullmatch(piece) for part, piece in zip(parts, pieces, strict=True))


def matches(block: ConditionBlock, context: Context) -> bool:
    """Whether every operator and every key of a Condition element holds."""
    return all(
        _one_matches(operator, key=key, wanted=_strings(wanted), context=context)
        for operator, keys in block.items()
        for key, wanted in keys.items()
    )


def _one_matches(operator: str, *, key: str, wanted: list[str], context: Context) -> bool:
    quantifier, name = operator.split(":", 1) if ":" in operator else ("", operator)
    given = lookup(context, key)

    if name.lower() == "null":
        return (given is None) == (wanted[0].lower() == "true")

    if_exists = name.endswith("IfExists")
    compare, negated = _operator(name.removesuffix("IfExists"))

    def fits(value: str) -> bool:
        answers = [_compared(compare, text, value, context) for text in wanted]
        return all(answer is False for answer in answers) if negated else any(answers)

    match quantifier:
        case "ForAllValues":
            return all(fits(value) for value in given or [])
        case "ForAnyValue":
            if given is None and if_exists:
                raise ValueError(
                    f"{operator}: {key}: AWS does not say what this is without the key; use one of the two"
                )
            return any(fits(value) for value in given or [])
        case "":
            # A key that is missing fits no positive operator and every negated one.
            if given is None:
                return if_exists or negated
            if len(given) != 1:
                raise ValueError(f"{operator}: {key} has {len(given)} values: use ForAnyValue or ForAllValues")
            return fits(given[0])
        case other:
            raise UnknownOperatorError(f"{operator}: {other} is neither ForAnyValue nor ForAllValues")


Comparison = Callable[[str, str, Context], bool]


def _operator(name: str) -> tuple[Comparison, bool]:
    """The comparison, and whether it is negated."""
    positive = name.replace("Not", "", 1)
    negated = positive != name
    if positive in ("IpAddress", "StringLike", "StringEquals", "StringEqualsIgnoreCase", "ArnLike", "ArnEquals"):
        return _COMPARISONS[positive], negated
    if positive in ("NumericEquals", "DateEquals"):
        return _COMPARISONS[positive], negated
    if not negated and name in _COMPARISONS:
        return _COMPARISONS[name], False
    raise UnknownOperatorError(f"{name}: IAM has no such condition operator")


def _string_equals(wanted: str, given: str, context: Context) -> bool:
    return pattern(wanted, context, wildcards="").fullmatch(given) is not None


def _string_equals_ignore_case(wanted: str, given: str, context: Context) -> bool:
    return re.fullmatch(pattern(wanted, context, wildcards="").pattern, given, re.IGNORECASE) is not None


def _string_like(wanted: str, given: str, context: Context) -> bool:
    return pattern(wanted, context).fullmatch(given) is not None


def _bool(wanted: str, given: str, _: Context) -> bool:
    return wanted.lower() == given.lower()


def _binary(wanted: str, given: str, _: Context) -> bool:
    return wanted == given


def _ip_address(wanted: str, given: str, _: Context) -> bool:
    try:
        return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def _ordered(read: Callable[[str], float], holds: Callable[[float, float], bool]) -> Comparison:
    def compare(wanted: str, given: str, _: Context) -> bool:
        try:
            return holds(read(given), read(wanted))
        except ValueError:
            return False

    return compare


def _moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "Equals": lambda given, wanted: given == wanted,
    "LessThan": lambda given, wanted: given < wanted,
    "LessThanEquals": lambda given, wanted: given <= wanted,
    "GreaterThan": lambda given, wanted: given > wanted,
    "GreaterThanEquals": lambda given, wanted: given >= wanted,
}

_COMPARISONS: dict[str, Comparison] = {
    "StringEquals": _string_equals,
    "StringEqualsIgnoreCase": _string_equals_ignore_case,
    "StringLike": _string_like,
    "ArnEquals": arn_matches,
    "ArnLike": arn_matches,
    "Bool": _bool,
    "BinaryEquals": _binary,
    "IpAddress": _ip_address,
    **{f"Numeric{order}": _ordered(float, holds) for order, holds in _ORDERS.items()},
    **{f"Date{order}": _ordered(_moment, holds) for order, holds in _ORDERS.items()},
}


def _compared(compare: Comparison, wanted: str, given: str, context: Context) -> bool | None:
    """None where a policy variable has no value: then neither the operator nor its negation holds."""
    try:
        return compare(wanted, given, context)
    except MissingVariableError:
        return None


def _variable(text: str, context: Context) -> str:
    if text in _LITERALS:
        return _LITERALS[text]
    parsed = _DEFAULT.fullmatch(text)
    if parsed is None:
        raise MissingVariableError(text)
    key, default = parsed.groups()
    values = lookup(context, key)
    if values is not None and len(values) == 1:
        return values[0]
    if default is None:
        raise MissingVariableError(key)
    return default


def _glob(text: str, wildcards: str) -> str:
    return "".join({"*": ".*", "?": "."}[char] if char in wildcards else re.escape(char) for char in text)


def _split_arn(text: str) -> list[str]:
    """Splits at the colons that stand outside a policy variable."""
    parts = re.split(r":(?![^{]*\})", text)
    return [*parts[:5], ":".join(parts[5:])] if len(parts) > 6 else parts


def _strings(value: object) -> list[str]:
    """JSON lets a policy write true and 5 without quotes."""
    items = cast("Iterable[object]", value if isinstance(value, list) else [value])
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in items]
