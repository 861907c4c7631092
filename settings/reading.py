"""Turns raw configuration into settings, or into one error that lists every mistake."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError, create_model
from pydantic.fields import FieldInfo

from refused import Refused
from settings.base import Mistake, Settings
from settings.explain import mistakes_of, plain, unknown
from settings.names import stack_name_fits
from settings.rules import broken_rules
from settings.stack import AwsSettings, Site, Stack, StackSettings


class SettingsError(Refused):
    """The configuration is wrong. The text lists every mistake with its path and what is allowed."""

    def __init__(self, stack: str, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__("\n".join([f"Pulumi.{stack}.yaml has {count}:", *(f"  {mistake}" for mistake in mistakes)]))


def read(*, project: str, stack: str, own: Mapping[str, Any], aws: Mapping[str, Any]) -> Stack:
    """The settings of a stack, from the values of its `alisio:` and `aws:` keys.

    Raises SettingsError with every mistake at once.
    """
    our_parts: dict[str, Any] = {}
    aws_parts: dict[str, Any] = {}
    aws_ours = {key: aws[key] for key in _keys(AwsSettings) if key in aws}
    mistakes = [
        *stack_name_fits(project, stack),
        *_read_each(StackSettings, own, f"{project}:", into=our_parts),
        *_read_each(AwsSettings, aws_ours, "aws:", into=aws_parts),
    ]
    mistakes += [
        _at(f"{project}:", broken)
        for broken in broken_rules({"prefix": f"{project}-{stack}", **our_parts, **aws_parts})
    ]
    if mistakes:
        raise SettingsError(stack, mistakes)
    return Stack(
        settings=StackSettings.model_construct(**our_parts),
        site=Site(
            project=project,
            stack=stack,
            region=aws_parts["region"],
            account_id=aws_parts["allowed_account_ids"][0],
            protect=our_parts["protect"],
            deployer=our_parts["deployer"],
            administrators=our_parts["administrators"],
            viewers=our_parts["viewers"],
        ),
    )


def _read_each(model: type[Settings], raw: Mapping[str, Any], root: str, *, into: dict[str, Any]) -> Iterator[Mistake]:
    """Read each key of the stack file by itself, so that a mistake in one does not hide a mistake in another."""
    keys = _keys(model)
    for key in raw:
        if key not in keys:
            yield Mistake(f"{root}{key}", unknown(key, list(keys)))
    for key, name in keys.items():
        field = model.model_fields[name]
        if key in raw:
            yield from _read_one(name, field, raw[key], root, into=into)
        elif field.is_required():
            yield Mistake(f"{root}{key}", f"is required: {plain(field.description)}")
        else:
            into[name] = field.get_default()


def _read_one(name: str, field: FieldInfo, raw: object, root: str, *, into: dict[str, Any]) -> Iterator[Mistake]:
    key = field.alias or name
    only: Any = {name: (field.annotation, field)}
    alone: type[Settings] = create_model(key, __base__=Settings, **only)
    try:
        # In JSON mode pydantic is strict about types, and still makes a tuple of a list.
        value = getattr(alone.model_validate_json(json.dumps({key: raw})), name)
    except ValidationError as error:
        yield from mistakes_of(error, root, alone)
        return
    broken = [mistake.under(f"{root}{key}") for mistake in _related_mistakes(value)]
    yield from broken
    if not broken:
        into[name] = value


def _related_mistakes(value: object) -> Iterator[Mistake]:
    """The mistakes that a model, and the models in it, find in their fields together."""
    match value:
        case Settings():
            yield from value.mistakes()
            for name, field in type(value).model_fields.items():
                yield from (mistake.under(field.alias or name) for mistake in _related_mistakes(getattr(value, name)))
        case tuple():
            for index, item in enumerate(value):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
                yield from (mistake.under(f"[{index}]") for mistake in _related_mistakes(item))  # pyright: ignore[reportUnknownArgumentType]
        case _:
            return


def _keys(model: type[BaseModel]) -> dict[str, str]:
    return {field.alias or name: name for name, field in model.model_fields.items()}


def _at(root: str, mistake: Mistake) -> Mistake:
    return Mistake(path=root + mistake.path, allowed=mistake.allowed, value=mistake.value)
