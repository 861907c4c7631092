"""Reads parts of parsed YAML and JSON, where a key that is missing, null or empty means the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def items(node: Mapping[str, Any], key: str) -> list[Any]:
    """The list under a key."""
    return node.get(key) or []


def mapping(node: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The mapping under a key."""
    return node.get(key) or {}
