"""Turns pydantic's errors into messages for people who edit a stack file."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from settings.base import Mistake
from settings.slips import BOOLEAN, LIST, NUMBER, TEXT, wrong_choice, wrong_type

KINDS = {
    "int_type": NUMBER,
    "int_from_float": NUMBER,
    "bool_type": BOOLEAN,
    "string_type": TEXT,
    "tuple_type": LIST,
    "dict_type": "a map of keys and values",
    "model_type": "a map of settings",
}

ELSEWHERE = {
    "clientSecret": (
        "no secret stands here, where everybody could read it; `pulumi config set --secret alisio:accessSecret` "
        "encrypts it, or secretName names it"
    )
}
"""Keys that people look for in a place where they must not be."""


def mistakes_of(error: ValidationError, root: str, annotation: Any) -> Iterator[Mistake]:
    """All mistakes of a value that was read as `annotation`. `root` is the path of the keys in it."""
    for detail in error.errors(include_url=False):
        # pydantic counts only the valid items of a tuple, so it calls a list with one bad item "too short" as well.
        if detail["type"] == "too_short" and len(detail["input"]) >= detail.get("ctx", {})["min_length"]:
            continue
        yield explain(detail, root, annotation)


def explain(error: ErrorDetails, root: str, annotation: Any) -> Mistake:
    """The mistake that one error of pydantic's describes."""
    location = error["loc"]
    path = root + _dotted(location).removeprefix(".")
    context: Mapping[str, Any] = error.get("ctx", {})
    value: Any = error["input"]
    match error["type"]:
        case "extra_forbidden":
            return Mistake(path, unknown(str(location[-1]), list(_fields_at(annotation, location[:-1]))))
        case "missing":
            field = _fields_at(annotation, location[:-1])[str(location[-1])]
            return Mistake(path, f"is required: {plain(field.description)}")
        case "literal_error":
            return wrong_choice(path, _options(context["expected"]), value)
        case "greater_than_equal":
            return Mistake(path, f"at least {context['ge']}", value)
        case "less_than_equal":
            return Mistake(path, f"at most {context['le']}", value)
        case "too_short":
            return Mistake(path, f"at least {context['min_length']} of them", value)
        case "too_long":
            return Mistake(path, f"at most {context['max_length']} of them", value)
        case "value_error":
            return Mistake(path, str(context["error"]), value)
        case kind if kind in KINDS:
            return wrong_type(path, KINDS[kind], value)
        case _:
            return Mistake(path, error["msg"], value)


def _options(expected: str) -> list[str]:
    """pydantic's `'17' or '18'` as YAML, with quotes only where YAML needs them."""
    texts = [option.strip("'") for option in re.split(", | or ", expected)]
    number = r"\d+(\.\d+)?"
    return [f'"{text}"' if f"'{text}'" in expected and re.fullmatch(number, text) else text for text in texts]


def unknown(key: str, known: Sequence[str]) -> str:
    """The message for a key that no model has."""
    if key in ELSEWHERE:
        return ELSEWHERE[key]
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    if close:
        return f"unknown setting; did you mean {close[0]}?"
    return f"unknown setting; known are {', '.join(sorted(known))}"


def plain(description: str | None) -> str:
    """A docstring as one line."""
    return " ".join((description or "").split())


def _fields_at(annotation: Any, location: Sequence[str | int]) -> dict[str, FieldInfo]:
    """The fields that are allowed at a place inside an annotated value, by key."""
    model = _model_in(annotation)
    for step in location:
        if model is None or isinstance(step, int):
            continue
        field = _by_key(model).get(step)
        model = _model_in(field.annotation) if field else None
    return _by_key(model) if model else {}


def _by_key(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model in an annotation: itself, or inside a tuple, an Optional or an Annotated."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for argument in get_args(annotation) if (model := _model_in(argument))), None)


def _dotted(location: Sequence[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
