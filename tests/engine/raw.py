"""Properties as they are on the wire, as plain Python: what a double keeps and gives back without loss.

`plan.wire` has classes for secrets, assets and references, and leaves out what a plan has no use for, such as an
asset's hash. A provider must give back what it was given, so here the wire's own form stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from google.protobuf import json_format, struct_pb2

from plan.wire import ARCHIVE, ASSET, SECRET, SIGNATURE, decode_properties, encode_properties, plain

Raw = dict[str, Any]


def to_raw(struct: struct_pb2.Struct) -> Raw:
    """A property that is null is none, as for the engine."""
    properties = json_format.MessageToDict(struct)
    return {key: value for key, value in properties.items() if value is not None}


def to_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(dict(properties))
    return struct


def encoded(properties: Mapping[str, Any]) -> Raw:
    """What `plan` answers, in the wire's form."""
    return to_raw(encode_properties(properties))


def clear(properties: Mapping[str, Any]) -> dict[str, Any]:
    """As `plan` wants to be asked: secrets in the clear, assets as objects."""
    return plain(decode_properties(to_struct(properties)))


def differences(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """The property paths where two values differ; the mark of secrecy is no difference, an asset is its hash."""
    old, new = comparable(old), comparable(new)
    if isinstance(old, dict) and isinstance(new, dict):
        before, after = cast("Raw", old), cast("Raw", new)
        for key in sorted(before.keys() | after.keys()):
            yield from differences(before.get(key), after.get(key), f"{path}.{key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list) and len(cast("list[Any]", old)) == len(cast("list[Any]", new)):
        for index, (before, after) in enumerate(zip(cast("list[Any]", old), cast("list[Any]", new), strict=True)):
            yield from differences(before, after, f"{path}[{index}]")
    elif old != new:
        yield path


def comparable(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    fields = cast("Raw", value)
    match fields.get(SIGNATURE):
        case signature if signature == SECRET:
            return comparable(fields["value"])
        case signature if signature in (ASSET, ARCHIVE):
            return fields.get("hash") or fields
        case _:
            return fields
