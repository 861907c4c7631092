from __future__ import annotations

from typing import Any

import pulumi
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime import rpc
from small_programs import Passthrough, run

from plan import UNKNOWN, Asset, Reference, Secret, plain, wire


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (wire.SIGNATURE, "_special_sig_key"),
        (wire.SECRET, "_special_secret_sig"),
        (wire.ASSET, "_special_asset_sig"),
        (wire.ARCHIVE, "_special_archive_sig"),
        (wire.RESOURCE, "_special_resource_sig"),
        (wire.UNKNOWN_TEXT, "UNKNOWN"),
    ],
)
def test_signatures_are_those_of_the_sdk(ours: str, theirs: str) -> None:
    """If this fails, the SDK has changed its protocol, and plan/wire.py has to follow."""
    assert ours == getattr(rpc, theirs)


def test_values_survive_the_wire() -> None:
    """Whatever the engine answers arrives as it was, marks and all."""
    values: dict[str, Any] = {
        "asset": Asset(kind="asset", source="file", value="a/b.txt"),
        "archive": Asset(kind="archive", source="assets", value={"a": Asset(kind="asset", source="text", value="x")}),
        "list": [1, 2.5, True, "text", None, UNKNOWN],
        "reference": Reference(urn="urn:x", id="i"),
        "remote": Asset(kind="asset", source="remote", value="https://example.com"),
        "secret": Secret({"deep": [UNKNOWN, "x"]}),
    }

    assert wire.decode_properties(wire.encode_properties(values)) == values


def test_an_unknown_signature_is_refused() -> None:
    """A kind of value that this code does not know must not pass as an ordinary object."""
    struct = struct_pb2.Struct()
    struct.update({"a": {wire.SIGNATURE: "new"}})

    with pytest.raises(ValueError, match="unknown signature 'new'"):
        wire.decode_properties(struct)


def test_assets_arrive_as_assets() -> None:
    """Files, texts, URLs and bundles of them are told apart."""

    def program() -> None:
        Passthrough(
            "p",
            {
                "file": pulumi.FileAsset("a.txt"),
                "text": pulumi.StringAsset("hello"),
                "url": pulumi.RemoteAsset("https://example.com/a"),
                "bundle": pulumi.AssetArchive({"a": pulumi.StringAsset("x")}),
                "folder": pulumi.FileArchive("folder"),
            },
        )

    assert run(program).one("test:index:Passthrough").inputs == {
        "bundle": Asset("archive", "assets", {"a": Asset("asset", "text", "x")}),
        "file": Asset("asset", "file", "a.txt"),
        "folder": Asset("archive", "file", "folder"),
        "text": Asset("asset", "text", "hello"),
        "url": Asset("asset", "remote", "https://example.com/a"),
    }


def test_plain_takes_off_every_mark_of_secrecy() -> None:
    """A test that has to read a secret gets it, however deep it lies."""
    assert plain({"a": [Secret({"b": Secret("c")})]}) == {"a": [{"b": "c"}]}


def test_a_secret_never_shows_itself() -> None:
    """Neither a failed assertion nor a debugger prints a secret."""
    assert "hunter2" not in f"{Secret('hunter2')} {[Secret('hunter2')]!r}"


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ({"a": {"b": 1}}, ["a.b"]),
        ({"a": [{"b": 1}, 2]}, ["a[0].b", "a[1]"]),
        ({"a.b": {'c"d': 1}}, ['["a.b"]["c\\"d"]']),
        ({"": 1}, ['[""]']),
    ],
)
def test_paths_are_pulumis(value: object, paths: list[str]) -> None:
    """A path can be given to `pulumi config set --path` or to `ignoreChanges`."""
    assert [path for path, _ in wire.walk(value)] == paths
