"""pydantic's findings in the words of somebody who edits a stack file."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from settings.base import Mistake

KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "string_type": "a text (put it in quotes)",
    "tuple_type": "a list",
    "dict_type": "a map of keys and values",
    "model_type": "a map of settings",
}


def explain(error: ErrorDetails, root: str, annotation: Any) -> Mistake:
    """One mistake from one error of pydantic's, found while reading `annotation`, whose keys stand below `root`."""
    location = error["loc"]
    path = root + _dotted(location).removeprefix(".")
    context: Mapping[str, Any] = error.get("ctx", {})
    value: Any = error["input"]
    match error["type"]:
        case "extra_forbidden":
            return Mistake(path, unknown(str(location[-1]), keys_at(annotation, location[:-1])))
        case "missing":
            return Mistake(path, "is required")
        case "literal_error":
            return Mistake(path, f"one of {context['expected'].replace(chr(39), '').replace(' or ', ', ')}", value)
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
            return Mistake(path, KINDS[kind], "nothing" if value is None else value)
        case _:
            return Mistake(path, error["msg"], value)


def unknown(key: str, known: Sequence[str]) -> str:
    """What to say of a key that no model has."""
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    if close:
        return f"unknown setting; did you mean {close[0]}?"
    return f"unknown setting; known are {', '.join(sorted(known))}"


def plain(description: str | None) -> str:
    """A docstring as one line."""
    return " ".join((description or "").split())


def keys_at(annotation: Any, location: Sequence[str | int]) -> list[str]:
    """The keys that may stand at a place inside an annotated value."""
    model = _model_in(annotation)
    for step in location:
        if model is None or isinstance(step, int):
            continue
        field = next((field for name, field in model.model_fields.items() if step in (field.alias, name)), None)
        model = _model_in(field.annotation) if field else None
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model itself, or the one inside a tuple, an Optional, an Annotated."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for argument in get_args(annotation) if (model := _model_in(argument))), None)


def _dotted(location: Sequence[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
