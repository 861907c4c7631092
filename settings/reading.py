"""Turns raw configuration into settings, or into one error that lists every mistake."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any, cast

from pydantic import BaseModel, ValidationError, create_model
from pydantic.fields import FieldInfo

from refused import Refused
from settings import access_rules, ingress_rules, monitoring_rules, rules
from settings.access import SECRET_KEY
from settings.airflow_config import SECRET_CONFIG, is_sensitive, way
from settings.base import Mistake, Settings
from settings.explain import mistakes_of, plain, unknown
from settings.names import stack_name_fits
from settings.rule import broken_rules
from settings.stack import AwsSettings, Site, Stack, StackSettings
from settings.yaml_file import READ_DATE

ENCRYPTED = (
    f"holds an encrypted value, which would be shown in the clear; only alisio:{SECRET_CONFIG} takes secrets: options "
    f"of airflow.cfg, by section and key; and alisio:{SECRET_KEY}: that of single sign-on"
)
RULES = (rules, ingress_rules, access_rules, monitoring_rules)
"""The modules whose rules are asked: they are known once these are imported."""
MIDNIGHT = " 00:00:00 +0000 UTC"


class SettingsError(Refused):
    """The configuration is wrong. The text lists every mistake with its path and what is allowed."""

    def __init__(self, stack: str, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__("\n".join([f"Pulumi.{stack}.yaml has {count}:", *(f"  {mistake}" for mistake in mistakes)]))


def read(
    *,
    project: str,
    stack: str,
    own: Mapping[str, Any],
    aws: Mapping[str, Any],
    encrypted: Collection[str] = (),
    plain_secrets: bool = True,
) -> Stack:
    """The settings of a stack, from the values of its `alisio:` and `aws:` keys.

    `encrypted` are the full keys that hold something encrypted. With `plain_secrets`, secrets need not be.
    Raises SettingsError with every mistake at once.
    """
    our_parts: dict[str, Any] = {}
    aws_parts: dict[str, Any] = {}
    aws_ours = {key: aws[key] for key in _keys(AwsSettings) if key in aws}
    secrets = {
        f"{project}:{SECRET_CONFIG}": way("SECTION", "KEY"),
        f"{project}:{SECRET_KEY}": f"`pulumi config set --secret alisio:{SECRET_KEY}` encrypts it",
    }
    shown = {*encrypted} - {*secrets}
    mistakes = [
        *stack_name_fits(project, stack),
        *_read_each(StackSettings, own, f"{project}:", into=our_parts, shown=shown),
        *_read_each(AwsSettings, aws_ours, "aws:", into=aws_parts, shown=shown),
    ]
    for secret, remedy in secrets.items():
        if own.get(secret.removeprefix(f"{project}:")) and not plain_secrets and secret not in encrypted:
            mistakes.append(Mistake(secret, f"is not encrypted; {remedy}"))
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


def _read_each(
    model: type[Settings], raw: Mapping[str, Any], root: str, *, into: dict[str, Any], shown: Collection[str]
) -> Iterator[Mistake]:
    """Read each key of the stack file by itself, so that a mistake in one does not hide a mistake in another.

    The keys in `shown` would show what is encrypted in them: they are refused unread.
    """
    keys = _keys(model)
    for key in raw:
        if key not in keys:
            yield Mistake(f"{root}{key}", unknown(key, list(keys)))
    for key, name in keys.items():
        field = model.model_fields[name]
        if f"{root}{key}" in shown:
            yield Mistake(f"{root}{key}", ENCRYPTED)
        elif key in raw:
            yield from _read_one(name, field, raw[key], root, into=into)
        elif field.is_required():
            yield Mistake(f"{root}{key}", f"is required: {plain(field.description)}")
        else:
            into[name] = field.get_default()


def _read_one(name: str, field: FieldInfo, raw: object, root: str, *, into: dict[str, Any]) -> Iterator[Mistake]:
    key = field.alias or name
    dates = [_veiled(mistake, key) for mistake in _dates(raw, f"{root}{key}")]
    yield from dates
    if dates:
        return
    only: Any = {name: (field.annotation, field)}
    alone: type[Settings] = create_model(key, __base__=Settings, **only)
    try:
        # In JSON mode pydantic is strict about types, and still makes a tuple of a list.
        value = getattr(alone.model_validate_json(json.dumps({key: raw})), name)
    except ValidationError as error:
        for mistake in mistakes_of(error, root, alone):
            yield _veiled(mistake, key)
        return
    broken = [mistake.under(f"{root}{key}") for mistake in _related_mistakes(value)]
    yield from broken
    if not broken:
        into[name] = value


def _veiled(mistake: Mistake, key: str) -> Mistake:
    """The mistake without a value that is a secret, or might be one."""
    section, _, option = mistake.path.rpartition(".")
    secret = key in (SECRET_CONFIG, SECRET_KEY) or is_sensitive(section.rpartition(".")[2], option)
    return Mistake(mistake.path, mistake.allowed) if secret else mistake


def _dates(raw: Any, path: str) -> Iterator[Mistake]:
    """Dates without quotes, which no setting takes: Pulumi hands them over as moments."""
    match raw:
        case str() if READ_DATE.fullmatch(raw):
            yield Mistake(path, "a date, for YAML; put it in quotes", raw.removesuffix(MIDNIGHT))
        case dict():
            for key, value in cast("dict[str, Any]", raw).items():
                yield from _dates(value, f"{path}.{key}")
        case list():
            for index, value in enumerate(cast("list[Any]", raw)):
                yield from _dates(value, f"{path}[{index}]")
        case _:
            return


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
