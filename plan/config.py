"""A stack's configuration as the engine hands it to the program: full keys, every value a string.

`settings/stack_file.py` reads the files. What is left here is the engine's part: defaults and types of Pulumi.yaml, and
sentinels in place of encrypted values. It follows the CLI's rules:
https://github.com/pulumi/pulumi/blob/master/sdk/go/common/workspace/config.go
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast, final

from plan.sentinels import Sentinels
from refused import Refused
from settings.stack_file import configuration, full_key, mapping, project_file, read_yaml, stack_file
from settings.stack_name import stack_name


class PlanError(Refused):
    """The plan cannot be made. The text says what is wrong and what is allowed."""


@final
@dataclass(kw_only=True)
class StackConfig:
    """The configuration that the engine would give to the program."""

    project: str
    stack: str
    values: dict[str, str] = field(default_factory=dict[str, str])
    secret_keys: set[str] = field(default_factory=set[str])
    sentinels: Sentinels = field(default_factory=Sentinels)

    def set(self, key: str, value: Any) -> None:
        """Set a key to any value of YAML. A sentinel replaces `secure: …`, which only the stack can decrypt."""
        clear = self._decrypt(value, key)
        self.values[key] = clear if isinstance(clear, str) else json.dumps(clear, default=str)
        if clear != value:
            self.secret_keys.add(key)

    def _decrypt(self, value: Any, seed: str) -> Any:
        match value:
            case {"secure": str()} if len(cast("dict[str, Any]", value)) == 1:
                return self.sentinels.password(f"config {seed}", 32)
            case dict():
                items = cast("dict[str, Any]", value).items()
                return {key: self._decrypt(item, f"{seed}.{key}") for key, item in items}
            case list():
                items = cast("list[Any]", value)
                return [self._decrypt(item, f"{seed}[{index}]") for index, item in enumerate(items)]
            case _:
                return value


def load_config(project_dir: Path, stack: str, overrides: Mapping[str, Any] | None = None) -> StackConfig:
    """Merge `Pulumi.yaml` and `Pulumi.<stack>.yaml`; an override replaces a key, or removes it if it is None."""
    project = read_yaml(project_file(project_dir))
    name = str(project.get("name") or "")
    config_dir = project_dir / str(project.get("stackConfigDir") or "")

    raw = configuration(stack_file(config_dir, stack, project=name), project=name)
    stack = stack_name(stack, project=name).stack
    for key, value in (overrides or {}).items():
        raw.pop(full_key(key, name), None)
        if value is not None:
            raw[full_key(key, name)] = value
    declared = {
        full_key(key, name): _declaration(each) for key, each in mapping(project.get("config"), "Pulumi.yaml").items()
    }
    _apply_defaults(raw, declared, project=name, stack=stack)

    config = StackConfig(project=name, stack=stack)
    for key, value in raw.items():
        config.set(key, value)
    _check_types(config, raw, declared, stack=stack)
    return config


def _declaration(each: Any) -> dict[str, Any]:
    """`key: value` in Pulumi.yaml is short for `key: {default: value}`."""
    fields = {"type", "default", "value", "description", "secret", "items"}
    if isinstance(each, dict) and fields & cast("dict[str, Any]", each).keys():
        return cast("dict[str, Any]", each)
    return {"default": each}


def _apply_defaults(raw: dict[str, Any], declared: Mapping[str, dict[str, Any]], *, project: str, stack: str) -> None:
    missing: list[str] = []
    for key, declaration in sorted(declared.items()):
        if key in raw:
            continue
        value = declaration.get("default", declaration.get("value"))
        if value is not None:
            raw[key] = value
        elif key.startswith(f"{project}:"):
            missing.append(key)
    if missing:
        keys = ", ".join(repr(key) for key in missing)
        raise PlanError(f"stack {stack!r} is missing configuration: {keys}; Pulumi.yaml gives no default for it")


def _check_types(
    config: StackConfig, raw: Mapping[str, Any], declared: Mapping[str, dict[str, Any]], *, stack: str
) -> None:
    """Refuse what the CLI refuses before the program starts."""
    for key, declaration in sorted(declared.items()):
        if key not in raw or "type" not in declaration:
            continue
        if declaration.get("secret") and key not in config.secret_keys:
            raise PlanError(f"stack {stack!r}: configuration key {key!r} must be encrypted as it is secret")
        if not _fits(raw[key], declaration):
            raise PlanError(f"stack {stack!r}: configuration key {key!r} must be of type {declaration['type']!r}")


def _fits(value: Any, declaration: Mapping[str, Any]) -> bool:
    match declaration.get("type"):
        case "string":
            return not isinstance(value, list) and (not isinstance(value, dict) or "secure" in value)
        case "integer":
            return str(value).removeprefix("-").isdecimal()
        case "boolean":
            return str(value).lower() in ("true", "false")
        case "array":
            items: Mapping[str, Any] = declaration.get("items") or {}
            return isinstance(value, list) and all(_fits(item, items) for item in cast("list[Any]", value))
        case "object":
            return isinstance(value, dict)
        case _:
            return True
