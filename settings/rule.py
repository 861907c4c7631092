"""How a rule across components is written, and how all of them are asked.

A rule names in its parameters the settings that it needs: keys of a stack file in Python's spelling, or `prefix`, the
first part of every name in the cloud. It is asked when all of them are valid by themselves.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from settings.base import Mistake
from settings.stack import AwsSettings, StackSettings

Rule = Callable[..., Iterator[Mistake]]

KNOWN = frozenset({"prefix", *StackSettings.model_fields, *AwsSettings.model_fields})
_needs: dict[Rule, tuple[str, ...]] = {}


def rule(check: Rule) -> Rule:
    """Ask this rule about every stack. A parameter that is not a setting fails at import."""
    needs = tuple(inspect.signature(check).parameters)
    if unknown := sorted(set(needs) - KNOWN):
        raise TypeError(f"rule {check.__name__} needs {', '.join(unknown)}; known are {', '.join(sorted(KNOWN))}")
    _needs[check] = needs
    return check


def broken_rules(parts: Mapping[str, Any]) -> Iterator[Mistake]:
    """The mistakes that the rules find in the parts that are valid by themselves."""
    for check, needs in _needs.items():
        if all(name in parts for name in needs):
            yield from check(**{name: parts[name] for name in needs})
