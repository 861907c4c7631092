"""The part of CloudWatch's metric math that alarms of ours use. CloudWatch reads the text, and so does this module.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html

What this module does not know, an alarm may not use: the local platform could not evaluate it.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

Series = Sequence[float | None]
"""A value for each period, oldest first. None: nothing was sent."""
Number = float | None

_ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda left, right: left / right,
}
_COMPARISON: Final[Mapping[type[ast.cmpop], Callable[[float, float], bool]]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
}


def names(expression: str) -> set[str]:
    """The ids of the metrics in an expression."""
    calls = {id(node.func) for node in ast.walk(_parsed(expression)) if isinstance(node, ast.Call)}
    return {
        node.id for node in ast.walk(_parsed(expression)) if isinstance(node, ast.Name) and node.id.islower()
    } - calls


def value(expression: str, metrics: Mapping[str, Series]) -> list[Number]:
    """The expression, period by period."""
    lengths = {len(series) for series in metrics.values()}
    if len(lengths) != 1:
        raise ValueError(f"{expression}: series of different lengths")
    tree = _parsed(expression)
    return [_value(tree.body, index, metrics) for index in range(lengths.pop())]


def check(expression: str) -> None:
    """Raise ValueError for what this module cannot evaluate."""
    value(expression, {name: [1.0, 2.0] for name in names(expression)} or {"": [1.0]})


def _parsed(expression: str) -> ast.Expression:
    """Python's grammar is that of metric math, but for the spelling of `and` and `or`."""
    spelled = re.sub(r"\bOR\b", "or", re.sub(r"\bAND\b", "and", expression))
    try:
        return ast.parse(spelled, mode="eval")
    except SyntaxError as error:
        raise ValueError(f"{expression}: {error.msg}") from None


def _value(node: ast.expr, index: int, metrics: Mapping[str, Series]) -> Number:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in metrics:
            return metrics[name][index]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return _both(_ARITHMETIC[type(op)], _value(left, index, metrics), _value(right, index, metrics))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISON:
            return _both(_COMPARISON[type(op)], _value(left, index, metrics), _value(right, index, metrics))
        case ast.BoolOp(op=op, values=parts):
            known = [_value(part, index, metrics) for part in parts]
            combine = all if isinstance(op, ast.And) else any
            return None if None in known else float(combine(known))
        case ast.Call(
            func=ast.Name(id="FILL"), args=[ast.Name(id=name), ast.Constant(value=int() | float() as number)]
        ):
            found = metrics[name][index]
            return float(number) if found is None else found
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, otherwise]):
            # Both are looked at, so that `check` sees them.
            chosen, yes, no = (_value(part, index, metrics) for part in (condition, then, otherwise))
            return None if chosen is None else yes if chosen else no
        case ast.Call(func=ast.Name(id="DIFF"), args=[ast.Name(id=name)]):
            if not index:
                return None
            return _both(operator.sub, metrics[name][index], metrics[name][index - 1])
        case _:
            raise ValueError(f"{ast.unparse(node)}: not evaluated here")


def _both(combine: Callable[[float, float], float], left: Number, right: Number) -> Number:
    """A period without one of them has no result, and neither has one in which 0 divides: CloudWatch knows no NaN."""
    if left is None or right is None:
        return None
    try:
        return float(combine(left, right))
    except ZeroDivisionError:
        return None
