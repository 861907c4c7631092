"""YAML as the Pulumi CLI reads it: the only reader of YAML files in the repository.

The CLI uses gopkg.in/yaml.v3, then keeps each value as JSON. That is neither YAML 1.1, as PyYAML reads it, nor 1.2:
`yes` and `1:04` are texts, `0100` is octal, a key occurs once and is a text. The rules are those of `resolve` in
https://github.com/go-yaml/yaml/blob/v3.0.1/resolve.go and `unmarshalObject` in
https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/config/object.go. A test asks the real CLI.
"""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import yaml

from refused import Refused

# libyaml, where PyYAML was built with it, reads ten times faster. The CLI's parser is a translation of it.
BASE: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
TAG = "tag:yaml.org,2002:"
KINDS: dict[Any, str] = {yaml.ScalarNode: "str", yaml.SequenceNode: "seq", yaml.MappingNode: "map"}
PLAIN = ""
"""The tag of a text without quotes and without a tag, which may be anything."""
CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
NO_NUMBERS = re.compile(r"\.nan|\.NaN|\.NAN|[-+]?\.(inf|Inf|INF)")
DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?)?",
    re.ASCII,
)
READ_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [-+]\d{4} \S+", re.ASCII)
"""What the CLI makes of a date without quotes."""
INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))", re.ASCII)
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
INTEGERS = range(-(2**63), 2**63)
WITHOUT_EXPONENT = 1e21


class _Loader(BASE):
    """Composes nodes, and leaves it open what a text without quotes is."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:  # noqa: ARG002  as in PyYAML
        if kind is yaml.ScalarNode and implicit[0]:
            return PLAIN
        return TAG + KINDS[kind]


class _WrongError(yaml.MarkedYAMLError):
    """What this reader does not take."""

    def __init__(self, node: yaml.Node, problem: str) -> None:
        self.text = problem
        self.line: int = node.start_mark.line + 1
        super().__init__(problem=problem, problem_mark=node.start_mark)


class YamlError(Refused):
    """A file cannot be read as YAML. The text names file and line, and fits on one line."""


def read_yaml_file(path: Path) -> Any:
    """The first document of a file, or None if there is nothing in it."""
    try:
        # Some editors put a byte order mark before the text.
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise YamlError(f"{path} does not exist") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise YamlError(f"{path.name}, line {line}: this is not UTF-8; save the file in that encoding") from None
    except OSError as error:
        raise YamlError(f"{path} cannot be read: {error.strerror}") from None
    return read_yaml_text(text, path.name)


def read_yaml_text(text: str, name: str) -> Any:
    """The only document of a text, or None if there is nothing in it. `name` is what messages call it."""
    try:
        node: yaml.Node | None = _Loader(text).get_single_node()
        return None if node is None else _value(node, ())
    except _WrongError as error:
        raise YamlError(f"{name}, line {error.line}: {error.text}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlError(f"{name}, line {line}: this is not valid YAML: a control character") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        why = ": ".join(filter(None, (error.context, error.problem)))
        raise YamlError(f"{name}{where}: this is not valid YAML: {why}") from None


def _value(node: yaml.Node, within: tuple[yaml.Node, ...]) -> Any:
    if any(node is each for each in within):
        raise _WrongError(node, "an anchor is used within itself")
    inside = (*within, node)
    match node:
        case yaml.MappingNode():
            return _mapping(node, inside)
        case yaml.SequenceNode():
            _check_tag(node, "seq")
            return [_value(each, inside) for each in cast("list[yaml.Node]", node.value)]
        case _:
            return _scalar(cast("yaml.ScalarNode", node))


def _mapping(node: yaml.MappingNode, inside: tuple[yaml.Node, ...]) -> dict[str, Any]:
    _check_tag(node, "map")
    merged: dict[str, Any] = {}
    own: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key_node, value_node in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
        key, merges = _key(key_node)
        line = key_node.start_mark.line + 1
        if key in lines:
            raise _WrongError(key_node, f"the key {key} is there twice, first in line {lines[key]}")
        lines[key] = line
        if merges:
            merged = _merged(value_node, inside)
        else:
            own[key] = _value(value_node, inside)
    return {**merged, **own}


def _key(node: yaml.Node) -> tuple[str, bool]:
    """A key, and whether it merges other mappings into its own."""
    if not isinstance(node, yaml.ScalarNode):
        raise _WrongError(node, "a key is a text")
    plain = _tag(node) == PLAIN
    if plain and node.value == "<<":
        return "<<", True
    key = _scalar(node)
    text = key if isinstance(key, str) else json.dumps(key)
    # The CLI makes a text of a number, of what it means and not of how it is written.
    if plain and text != node.value:
        raise _WrongError(node, f"a key is a text; put {node.value or 'it'} in quotes")
    return text, False


def _merged(node: yaml.Node, inside: tuple[yaml.Node, ...]) -> dict[str, Any]:
    """What `<<` brings in. Of a list, the first wins."""
    sources = cast("list[yaml.Node]", node.value) if isinstance(node, yaml.SequenceNode) else [node]
    result: dict[str, Any] = {}
    for source in sources:
        if not isinstance(source, yaml.MappingNode):
            raise _WrongError(source, "<< takes a mapping, or a list of them")
        result = {**_value(source, inside), **result}
    return result


def _scalar(node: yaml.ScalarNode) -> Any:
    text = str(node.value)
    tag = _tag(node)
    if tag == "str":
        return text
    value = _resolved(node, text)
    fits = {PLAIN: object, "null": type(None), "bool": bool, "int": int, "float": (int, float)}.get(tag)
    if fits is None:
        raise _WrongError(node, f"the tag of this text, {tag}, is not known here; leave it out")
    if not isinstance(value, fits) or (tag in ("int", "float") and isinstance(value, bool)):
        raise _WrongError(node, f"{text} is not of the type !!{tag}")
    return value


def _resolved(node: yaml.Node, text: str) -> Any:
    """The meaning of a text without quotes."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if NO_NUMBERS.fullmatch(text):
        raise _WrongError(node, f"{text} is not a number that JSON has; put it in quotes")
    if date := _date(text):
        return date
    plain = text.replace("_", "") if text[0] in "+-.0123456789" else ""
    number = _number(plain)
    return text if number is None else number


def _number(text: str) -> int | float | None:
    value: float | None = None
    if found := INTEGER.fullmatch(text):
        sign, *digits = found.groups()
        size = next(int(each, base) for each, base in zip(digits, (16, 2, 8, 10), strict=True) if each)
        if (whole := -size if sign == "-" else size) in INTEGERS:
            return whole
        value = float(size) if size < 2**64 and not sign else None
    if value is None and FLOAT.fullmatch(text):
        value = float(text)
    if value is None or not math.isfinite(value):
        return None
    # As Go writes it in JSON, with the fewest digits: a whole number has no point.
    return int(Decimal(repr(value))) if value.is_integer() and abs(value) < WITHOUT_EXPONENT else value


def _date(text: str) -> str | None:
    """A date without quotes is a moment for the CLI, and a text again as Go writes moments."""
    found = DATE.fullmatch(text)
    if not found:
        return None
    numbers = [int(each) for each in found.groups() if each is not None]
    try:
        moment = datetime(*numbers)  # type: ignore[arg-type, misc]
    except ValueError:
        return None
    return f"{moment:%Y-%m-%d %H:%M:%S} +0000 UTC"


def _tag(node: yaml.Node) -> str:
    return str(node.tag).removeprefix(TAG)


def _check_tag(node: yaml.Node, expected: str) -> None:
    if _tag(node) != expected:
        raise _WrongError(node, f"the tag {_tag(node)} is not known here; leave it out")
