"""Settings from Pulumi's configuration: the one place that reads it."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi.runtime.config

from settings.advice import advice
from settings.reading import read
from settings.stack import Stack


def load() -> Stack:
    """The settings of the current stack. Raises SettingsError with every mistake, before any resource; warns of what
    is allowed and yet looks wrong."""
    project, stack = pulumi.get_project(), pulumi.get_stack()
    # pulumi.Config gives a key by its name; unknown keys can be refused only when all of them are seen.
    everything: dict[str, str] = {**pulumi.runtime.config.get_config_env(), **pulumi.runtime.config.CONFIG.get()}
    loaded = read(project=project, stack=stack, own=_namespace(everything, project), aws=_namespace(everything, "aws"))
    for line in advice(loaded):
        pulumi.log.warn(line)
    return loaded


def _namespace(everything: dict[str, str], namespace: str) -> dict[str, Any]:
    start = f"{namespace}:"
    return {key.removeprefix(start): _parsed(text) for key, text in everything.items() if key.startswith(start)}


def _parsed(text: str) -> Any:
    """Pulumi hands over each value as text, and everything but a text as JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text
