"""A stack's configuration as the engine hands it to the program: full keys, every value a string.

Follows the CLI's rules: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/workspace/config.go
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast, final

import yaml

from plan.sentinels import Sentinels

# libyaml, where PyYAML was built with it, reads ten times faster.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SUFFIXES = (".yaml", ".yml")


class PlanError(Exception):
    """The plan cannot be made; the text says what is wrong and what is allowed."""


@final
@dataclass(kw_only=True)
class StackConfig:
    """What the engine would give to the program."""

    project: str
    stack: str
    values: dict[str, str] = field(default_factory=dict[str, str])
    secret_keys: set[str] = field(default_factory=set[str])
    sentinels: Sentinels = field(default_factory=Sentinels)

    def set(self, key: str, value: Any) -> None:
        """Any value of YAML. `secure: …` is encrypted for this stack only, so a sentinel stands in for it."""
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
    """Merge `Pulumi.yaml` and `Pulumi.<stack>.yaml`; an override replaces a key, or with None removes it."""
    project = read_yaml(_file(project_dir, "Pulumi"))
    name = str(project.get("name") or "")
    config_dir = project_dir / str(project.get("stackConfigDir") or "")
    stack_file = read_yaml(_stack_file(config_dir, stack))

    raw = {_full(key, name): value for key, value in _mapping(stack_file.get("config"), f"Pulumi.{stack}.yaml").items()}
    for key, value in (overrides or {}).items():
        raw.pop(_full(key, name), None)
        if value is not None:
            raw[_full(key, name)] = value
    declared = {
        _full(key, name): _declaration(each) for key, each in _mapping(project.get("config"), "Pulumi.yaml").items()
    }
    _apply_defaults(raw, declared, project=name, stack=stack)

    config = StackConfig(project=name, stack=stack)
    for key, value in raw.items():
        config.set(key, value)
    _check_types(config, raw, declared, stack=stack)
    return config


def stacks_of(config_dir: Path) -> list[str]:
    """The stacks that have a file of settings."""
    files = (path for path in config_dir.glob("Pulumi.*") if path.suffix in SUFFIXES and path.stem != "Pulumi")
    return sorted({path.stem.removeprefix("Pulumi.") for path in files})


def read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)
    except yaml.YAMLError as error:
        raise PlanError(f"{path.name} is not valid YAML: {error}") from error
    return _mapping(content, path.name)


def _mapping(content: Any, where: str) -> dict[str, Any]:
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise PlanError(f"{where}: expected keys with values, found {content!r}")
    return {str(key): value for key, value in cast("dict[Any, Any]", content).items()}


def _file(directory: Path, stem: str) -> Path:
    for suffix in SUFFIXES:
        if (path := directory / f"{stem}{suffix}").is_file():
            return path
    raise PlanError(f"no {stem}.yaml in {directory}")


def _stack_file(config_dir: Path, stack: str) -> Path:
    there = stacks_of(config_dir)
    if stack in there:
        return _file(config_dir, f"Pulumi.{stack}")
    known = ", ".join(there) or f"none, there is no Pulumi.<stack>.yaml in {config_dir}"
    raise PlanError(f"no stack {stack!r}; stacks: {known}")


def _full(key: str, project: str) -> str:
    return key if ":" in key else f"{project}:{key}"


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
    """What the CLI refuses before the program starts."""
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
