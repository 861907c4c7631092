"""Archives that somebody broke or forged."""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import releases.format
import releases.unpack
from releases.build import build_release
from releases.format import BLOCK, MANIFEST, TRAILER, File, ReleaseError, digest, header, manifest, padding
from releases.unpack import check_name, unpack
from tests.airflow.folders import write

FILES = {"a.py": b"print('a')\n", "lib/b.py": b"x" * 700, "lib/empty.py": b""}


@pytest.fixture(scope="module")
def good() -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        return build_release(write(Path(scratch, "dags"), FILES), into=Path(scratch)).archive.read_bytes()


def refusal(content: bytes) -> str:
    """Why an archive is refused. Nothing may be written outside its folder, whatever it says."""
    with tempfile.TemporaryDirectory() as scratch:
        archive, into = Path(scratch, "archive.tar"), Path(scratch, "below", "into")
        archive.write_bytes(content)
        into.mkdir(parents=True)
        with pytest.raises(ReleaseError) as refused:
            unpack(archive, into)
        assert sorted(path.name for path in Path(scratch).iterdir()) == ["archive.tar", "below"]
        assert [path.name for path in into.parent.iterdir()] == ["into"]
        assert not [path for path in into.rglob("*") if path.is_symlink()]
        return str(refused.value)


def forged(listing: bytes, *members: bytes) -> bytes:
    """An archive with a manifest of one's own, then whatever one likes."""
    return header(MANIFEST, len(listing)) + listing + bytes(padding(len(listing))) + b"".join(members) + TRAILER


def listing_of(path: str, content: bytes = b"evil") -> bytes:
    return manifest({path: File(sha256=digest(content), size=len(content))})


def member(
    path: str, content: bytes = b"evil", *, adjust: Callable[[tarfile.TarInfo], object] = lambda _: None
) -> bytes:
    """A member as the standard library writes it, with anything in its header."""
    info = tarfile.TarInfo(path)
    info.size, info.mode = len(content), 0o644
    adjust(info)
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(info, io.BytesIO(content) if info.isreg() else None)
        return stream.getvalue()


def test_the_good_one_is_good(good: bytes, tmp_path: Path) -> None:
    """What the other tests break is whole before."""
    (tmp_path / "archive.tar").write_bytes(good)
    (tmp_path / "into").mkdir()
    assert unpack(tmp_path / "archive.tar", tmp_path / "into").keys() == FILES.keys()


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_one_flipped_bit_anywhere_is_found(good: bytes, data: st.DataObject) -> None:
    """No bit of an archive is free: even without its name every change is refused."""
    position = data.draw(st.integers(0, len(good) * 8 - 1))
    broken = bytearray(good)
    broken[position // 8] ^= 1 << position % 8
    assert refusal(bytes(broken))


def test_cut_off_anywhere_is_found(good: bytes) -> None:
    """An archive that ends too early, at whatever byte, is refused."""
    lengths = {*range(0, len(good), 61), *range(len(good) - 5, len(good)), *range(0, len(good), BLOCK)}
    for length in sorted(lengths):
        assert refusal(good[:length])


@given(more=st.binary(min_size=1, max_size=2000))
@settings(max_examples=30, deadline=None)
def test_nothing_may_follow_the_end(good: bytes, more: bytes) -> None:
    """Bytes behind the end are refused: zeros, another archive, anything."""
    assert "end" in refusal(good + more)


@given(content=st.binary(max_size=3000))
@settings(max_examples=100, deadline=None)
def test_noise_is_refused(content: bytes) -> None:
    """Bytes that were never an archive make an error that says so, not a crash."""
    assert refusal(content)


@pytest.mark.parametrize(
    "path", ["../evil", "/etc/evil", "a/../../evil", "a\\..\\evil", ".", "", "a//b", "a\0b", "\ud800"]
)
def test_a_manifest_that_points_outside_is_refused(path: str) -> None:
    """Traversal is refused by the list of files, before the first of them is written."""
    listing = listing_of("XXX").replace(b'"XXX"', json.dumps(path).encode())
    assert "lists" in refusal(forged(listing))


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (tarfile.SYMTYPE, "symbolic link"),
        (tarfile.LNKTYPE, "hard link"),
        (tarfile.CHRTYPE, "device"),
        (tarfile.BLKTYPE, "device"),
        (tarfile.FIFOTYPE, "pipe"),
        (tarfile.DIRTYPE, "folder"),
        (tarfile.CONTTYPE, "another entry"),
        (tarfile.GNUTYPE_SPARSE, "another entry"),
    ],
)
def test_only_plain_files_are_unpacked(kind: bytes, what: str) -> None:
    """Links, devices, pipes, folders and extensions of the format are refused, with their kind."""

    def adjust(info: tarfile.TarInfo) -> None:
        info.type, info.linkname = kind, "/etc/passwd"

    assert what in refusal(forged(listing_of("a.py"), member("a.py", adjust=adjust)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mode", 0o4755),
        ("mode", 0o755),
        ("mode", 0o600),
        ("uid", 1000),
        ("uname", "root"),
        ("mtime", 1),
        ("pax_headers", {"path": "../evil"}),
        ("size", 3),
        ("name", "../a.py"),
        ("name", "b.py"),
    ],
)
def test_a_header_says_what_it_must(field: str, value: object) -> None:
    """Modes, owners, times, extended headers, and names that the manifest does not have are refused."""

    def adjust(info: tarfile.TarInfo) -> None:
        setattr(info, field, value)

    assert "where the manifest has 'a.py'" in refusal(forged(listing_of("a.py"), member("a.py", adjust=adjust)))


@pytest.mark.parametrize("said", ["false", "1", '"0755"', "null"])
def test_a_file_can_be_run_in_one_way_of_saying_it(said: str) -> None:
    """A manifest says `true` or nothing. Another way would be another name for the same release."""
    listing = listing_of("a.py").replace(b'"sha256"', f'"executable":{said},"sha256"'.encode())
    assert "manifest" in refusal(forged(listing, header("a.py", 4) + b"evil" + bytes(BLOCK - 4)))


def test_a_file_twice_or_too_many_or_too_few() -> None:
    """The archive holds each file of the manifest once, in its order, and no other."""
    good = header("a.py", 4) + b"evil" + bytes(BLOCK - 4)
    assert refusal(forged(listing_of("a.py"), good, good))
    assert refusal(forged(listing_of("a.py")))
    twice = listing_of("a.py").replace(b'{"a.py"', b'{"a.py":{"sha256":"' + b"0" * 64 + b'","size":1},"a.py"')
    assert "not written as" in refusal(forged(twice, good))
    clash = manifest({name: File(sha256=digest(b""), size=0) for name in ("A.py", "a.py")})
    assert "ignores case" in refusal(forged(clash))


def test_a_bomb_is_refused_by_what_it_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes and counts beyond the limits are refused before anything is written or held in memory."""
    huge = manifest({"a.py": File(sha256="0" * 64, size=10**15)})
    assert "1000000000000000 bytes" in refusal(forged(huge))
    assert "bytes; at most" in refusal(header(MANIFEST, 8**11 - 1))
    negative = listing_of("a.py").replace(b'"size":4', b'"size":-4')
    assert "-4 bytes" in refusal(forged(negative))
    monkeypatch.setattr(releases.format, "MAX_FILES", 1)
    assert "2 files" in refusal(forged(manifest({name: File(sha256="0" * 64, size=0) for name in ("a", "b")})))
    monkeypatch.setattr(releases.format, "MAX_TOTAL_BYTES", 3)
    assert "at most 3" in refusal(forged(listing_of("a.py")))
    monkeypatch.setattr(releases.unpack, "MAX_ARCHIVE_BYTES", 100)
    assert "more than 100 bytes" in refusal(bytes(101))


def test_a_name_is_a_promise(good: bytes, tmp_path: Path) -> None:
    """An archive under the name of another one is refused."""
    archive = tmp_path / "archive.tar"
    archive.write_bytes(good)
    check_name(archive, digest(good))
    with pytest.raises(ReleaseError, match="as its name says"):
        check_name(archive, "0" * 64)
