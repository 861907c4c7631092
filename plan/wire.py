"""Property values: as the engine's protocol carries them, and as a reader needs them.

On the wire a secret, an asset or a reference to a resource is a struct with a signature key. Here each one is a small
class, so that a report can mask it and a test can look at it. The signatures are part of the engine's protocol:
https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Final, cast, final

import pulumi
from google.protobuf import struct_pb2

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

Properties = dict[str, Any]


@final
class Unknown:
    """A value that is known only after the deployment."""

    def __repr__(self) -> str:
        return "[unknown]"


UNKNOWN: Final = Unknown()


@final
@dataclass(frozen=True, slots=True)
class Secret:
    """A value that the engine encrypts and never shows."""

    value: Any

    def __repr__(self) -> str:
        return "[secret]"


@final
@dataclass(frozen=True, slots=True)
class Asset:
    """A file, text or URL (`asset`), or a bundle of them (`archive`)."""

    kind: str
    source: str
    value: Any


@final
@dataclass(frozen=True, slots=True)
class Reference:
    """A resource as a value. With a `state`, the engine also answers when the program asks for its properties."""

    urn: str
    id: str | None = None
    state: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


def decode_properties(struct: struct_pb2.Struct) -> Properties:
    """The properties of a request, sorted because the protocol keeps no order. Null is left out, as by the engine."""
    return {key: value for key, value in _decode_fields(struct).items() if value is not None}


def _decode_fields(struct: struct_pb2.Struct) -> Properties:
    return {key: _decode(value) for key, value in sorted(struct.fields.items())}


def _decode(value: struct_pb2.Value) -> Any:
    match value.WhichOneof("kind"):
        case "struct_value":
            return _decode_struct(value.struct_value)
        case "list_value":
            return [_decode(item) for item in value.list_value.values]
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            return UNKNOWN if value.string_value == UNKNOWN_TEXT else value.string_value
        case "bool_value":
            return value.bool_value
        case _:
            return None


def _decode_struct(struct: struct_pb2.Struct) -> Any:
    fields = _decode_fields(struct)
    match fields.get(SIGNATURE):
        case None:
            return fields
        case value if value == SECRET:
            return Secret(fields["value"])
        case value if value == RESOURCE:
            return Reference(urn=fields["urn"], id=fields.get("id"))
        case value if value in (ASSET, ARCHIVE):
            source, content = next((key, fields[key]) for key in ("path", "text", "uri", "assets") if key in fields)
            kind = "asset" if value == ASSET else "archive"
            return Asset(kind=kind, source={"path": "file", "uri": "remote"}.get(source, source), value=content)
        case other:
            raise ValueError(
                f"unknown signature {other!r} in a property; does plan/wire.py fit this version of pulumi?"
            )


def encode_properties(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update({key: _encode(value) for key, value in properties.items()})
    return struct


def _encode(value: Any) -> Any:
    match value:
        case Unknown():
            return UNKNOWN_TEXT
        case Secret(inner):
            return {SIGNATURE: SECRET, "value": _encode(inner)}
        case Reference(urn, identifier):
            return {SIGNATURE: RESOURCE, "urn": urn} | ({} if identifier is None else {"id": _encode(identifier)})
        case Asset(kind, source, content):
            key = {"file": "path", "remote": "uri"}.get(source, source)
            return {SIGNATURE: ASSET if kind == "asset" else ARCHIVE, key: _encode(content)}
        case pulumi.FileAsset():
            return {SIGNATURE: ASSET, "path": str(value.path)}
        case pulumi.StringAsset():
            return {SIGNATURE: ASSET, "text": value.text}
        case dict():
            return {key: _encode(item) for key, item in cast("dict[str, Any]", value).items()}
        case list() | tuple():
            return [_encode(item) for item in cast("list[Any]", value)]
        case PurePath():
            return str(value)
        case _:
            return value


def transform(value: Any, change: Callable[[Any], Any]) -> Any:
    """The value with `change` applied to each secret, unknown, asset and reference in it."""
    match value:
        case dict():
            return {key: transform(item, change) for key, item in cast("dict[str, Any]", value).items()}
        case list():
            return [transform(item, change) for item in cast("list[Any]", value)]
        case Secret() | Unknown() | Asset() | Reference():
            return change(value)
        case _:
            return value


def plain(value: Any) -> Any:
    """The value with its secrets in the clear, for a provider or for a test that must read a secret."""
    return transform(value, lambda leaf: plain(leaf.value) if isinstance(leaf, Secret) else leaf)


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with its property path (`spec.containers[0].image`). A secret is a leaf, whatever it holds."""
    match value:
        case dict():
            for key, item in cast("dict[str, Any]", value).items():
                yield from walk(item, _join(path, key))
        case list():
            for index, item in enumerate(cast("list[Any]", value)):
                yield from walk(item, f"{path}[{index}]")
        case _:
            yield path, value


def _join(path: str, key: str) -> str:
    """Keys with a dot are quoted, as in Pulumi's own property paths."""
    if not key or any(character in key for character in '.[]"'):
        escaped = key.replace('"', '\\"')
        return f'{path}["{escaped}"]'
    return f"{path}.{key}" if path else key


def is_marked(value: Any, mark: type[Secret] | type[Unknown]) -> bool:
    """Whether the value, or a leaf in it, is secret or unknown."""
    return any(isinstance(leaf, mark) for _, leaf in walk(value))
