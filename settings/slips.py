"""The usual slips in YAML: a value of the wrong type, and what was meant."""

from __future__ import annotations

import re

from settings.base import Mistake

TEXT = "a text"
NUMBER = "a whole number"
BOOLEAN = "true or false"
LIST = "a list"


def wrong_type(path: str, allowed: str, value: object) -> Mistake:
    """The mistake of a value of the wrong type, with the way to write it."""
    if value is None:
        return Mistake(path, f"is empty, and takes {allowed}")
    return Mistake(path, f"{allowed}{_remedy(allowed, value)}", value)


def wrong_choice(path: str, options: list[str], value: object) -> Mistake:
    """The mistake of a value that is not one of the options. The options are written as in YAML."""
    allowed = f"one of {', '.join(options)}"
    if value is None:
        return Mistake(path, f"is empty, and takes {allowed}")
    if isinstance(value, str) and value in options:
        return Mistake(path, f"{allowed} (without quotes)", value)
    # YAML reads 17 as a number and 1.30 as 1.3.
    if not isinstance(value, str) and f'"{value}"' in options:
        return Mistake(path, f"{allowed} (put it in quotes)", value)
    return Mistake(path, allowed, value)


def _remedy(allowed: str, value: object) -> str:
    match value:
        case list() | dict():
            return ""
        case str() if allowed == NUMBER and re.fullmatch(r"-?\d+", value):
            return " (without quotes)"
        case str() if allowed == BOOLEAN and value in ("true", "false"):
            return " (without quotes)"
        case _ if allowed == LIST:
            return " (put it in brackets)"
        case _ if allowed == TEXT:
            return " (put it in quotes)"
        case _:
            return ""
