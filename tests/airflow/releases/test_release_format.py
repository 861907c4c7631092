"""The format of releases: what is built, and what is read back."""

from __future__ import annotations

import json
import os
import random
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import releases.build
import releases.folder
from releases.build import NO_HASH, build_release
from releases.format import (
    MANIFEST,
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_PATH_BYTES,
    File,
    Release,
    ReleaseError,
    clashes,
    header,
    path_problem,
    tar_header,
)
from releases.pointer import MAX_POINTER_BYTES, parse_pointer, pointer_to
from releases.unpack import check_name, unpack
from tests.airflow.folders import Tree, long_paths, trees, write

GOLDEN = {
    "a.py": b"print('a')\n",
    "pipelines/daily.py": b"",
    "pipelines/caf\u00e9.sql": b"select 1\n",
    f"{'long' * 20}/{'folder' * 14}/data.json": b"{}",
}
GOLDEN_SHA256 = "272814480015504d22e544730e85b144968a9ded6376351004c2b6ed95a70508"


def test_the_bytes_of_a_release_never_change(tmp_path: Path) -> None:
    """This tree has had this name since format 1: a change of it would orphan every release in every bucket."""
    write(tmp_path / "dags", GOLDEN)
    assert build_release(tmp_path / "dags", into=tmp_path).sha256 == GOLDEN_SHA256


@given(files=trees, order=st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_only_paths_and_contents_count(files: Tree, order: random.Random) -> None:
    """Order of creation, times, who may read, umask and caches make no difference to a release."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        write(scratch / "first", files)
        paths = list(files)
        order.shuffle(paths)
        umask = os.umask(0o077)
        try:
            write(scratch / "second", {path: files[path] for path in paths})
        finally:
            os.umask(umask)
        for index, path in enumerate(paths):
            os.utime(scratch / "second" / path, (index, index))
            (scratch / "second" / path).chmod(0o600)
        write(scratch / "second", {"__pycache__/a.cpython-311.pyc": b"x", "b.pyc": b"y", ".idea/z": b"z"})
        first, second = (build_release(scratch / name, into=scratch / "out") for name in ("first", "second"))
        assert first == second


@given(files=trees, changed=st.data())
@settings(max_examples=40, deadline=None)
def test_every_byte_and_every_path_counts(files: Tree, changed: st.DataObject) -> None:
    """Another content, or the same content elsewhere, is another release."""
    path = changed.draw(st.sampled_from(sorted(files)))
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        write(scratch / "first", files)
        write(scratch / "second", {**files, path: files[path] + b"\0"})
        write(scratch / "third", {**{p: c for p, c in files.items() if p != path}, "moved/elsewhere.txt": files[path]})
        names = {build_release(scratch / name, into=scratch / "out").sha256 for name in ("first", "second", "third")}
        assert len(names) == 3


@given(files=trees)
@settings(max_examples=40, deadline=None)
def test_what_is_packed_is_unpacked(files: Tree) -> None:
    """A release gives back the files that it was made of, read-only, and nothing else but its manifest."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        write(scratch / "dags", files)
        release = build_release(scratch / "dags", into=scratch)
        into = scratch / "into"
        into.mkdir()
        check_name(release.archive, release.sha256)
        assert unpack(release.archive, into) == release.files
        found = {path.relative_to(into).as_posix(): path for path in into.rglob("*") if path.is_file()}
        assert {path: file.read_bytes() for path, file in found.items() if path != MANIFEST} == files
        assert {file.stat().st_mode & 0o777 for file in found.values()} == {0o444}


@pytest.mark.parametrize("mode", [0o700, 0o744, 0o755, 0o711 | 0o600, 0o4755])
def test_a_file_that_can_be_run_can_be_run_in_the_pod(tmp_path: Path, mode: int) -> None:
    """The owner's right to execute goes through archive and unpacking, for everybody; no other right does."""
    write(tmp_path / "dags", {"run.sh": b"#!/bin/sh\necho it ran\n", "data.csv": b""})
    (tmp_path / "dags" / "run.sh").chmod(mode)
    (tmp_path / "dags" / "data.csv").chmod(0o666)
    release = build_release(tmp_path / "dags", into=tmp_path)
    (tmp_path / "into").mkdir()
    assert unpack(release.archive, tmp_path / "into") == release.files
    modes = {path.name: path.stat().st_mode & 0o7777 for path in (tmp_path / "into").iterdir()}
    assert modes == {"run.sh": 0o555, "data.csv": 0o444, MANIFEST: 0o444}
    ran = subprocess.run([tmp_path / "into" / "run.sh"], capture_output=True, text=True, check=True)
    assert ran.stdout == "it ran\n"
    listed = subprocess.run(["tar", "tvf", str(release.archive)], capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in listed.splitlines()] == ["-rw-r--r--", "-rw-r--r--", "-rwxr-xr-x"]


def test_whether_a_file_can_be_run_counts(tmp_path: Path) -> None:
    """The same content with the right to execute is another release, and its pointer shows the file as different."""
    write(tmp_path / "dags", GOLDEN)
    plain = build_release(tmp_path / "dags", into=tmp_path)
    (tmp_path / "dags" / "a.py").chmod(0o755)
    runs = build_release(tmp_path / "dags", into=tmp_path)
    assert plain.sha256 == GOLDEN_SHA256 != runs.sha256
    first, second = (parse_pointer(pointer_to(each, published_by="x").document().encode()) for each in (plain, runs))
    assert {path for path in GOLDEN if first.files[path] != second.files[path]} == {"a.py"}


def test_any_tar_reads_a_release(tmp_path: Path) -> None:
    """An archive is an ordinary tar: an engineer may look into it with what is at hand."""
    write(tmp_path / "dags", GOLDEN)
    release = build_release(tmp_path / "dags", into=tmp_path)
    listed = subprocess.run(["tar", "tf", str(release.archive)], capture_output=True, text=True, check=True)
    assert len(listed.stdout.splitlines()) == len(GOLDEN) + 1
    assert listed.stderr == ""


def test_every_mistake_of_a_folder_is_told_at_once(tmp_path: Path) -> None:
    """Links, clashes of case, and paths that are too long are refused together, each with its path."""
    write(tmp_path / "dags", {"a.py": b"", "A.py": b"", f"{'x' * 150}.py": b"", MANIFEST: b"{}"})
    (tmp_path / "dags" / "link.py").symlink_to("a.py")
    (tmp_path / "dags" / "folder").symlink_to("/etc")
    with pytest.raises(ReleaseError) as refused:
        build_release(tmp_path / "dags", into=tmp_path)
    text = str(refused.value)
    for part in (
        "A.py and a.py",
        "'link.py' is a link",
        "'folder' is a link",
        "x.py' is longer",
        "manifest",
    ):
        assert part in text
    assert not list(tmp_path.glob("*.tar"))


@pytest.mark.parametrize(
    ("limit", "value", "says"),
    [("MAX_FILE_BYTES", 3, "at most 3"), ("MAX_MANIFEST_BYTES", 10, "at most 10")],
)
def test_limits_hold_when_a_release_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, says: str
) -> None:
    """What no host would unpack is not published either."""
    monkeypatch.setattr(releases.folder if limit == "MAX_FILE_BYTES" else releases.build, limit, value)
    write(tmp_path / "dags", {"a.py": b"long"})
    with pytest.raises(ReleaseError, match=says):
        build_release(tmp_path / "dags", into=tmp_path / "out")
    assert not list((tmp_path / "out").glob("*")) if (tmp_path / "out").exists() else True


@pytest.mark.parametrize("folder", ["missing", "empty"])
def test_a_release_of_nothing_is_refused(tmp_path: Path, folder: str) -> None:
    """A wrong folder never becomes a release that takes every DAG away."""
    (tmp_path / "empty" / "__pycache__").mkdir(parents=True)
    with pytest.raises(ReleaseError, match=folder):
        build_release(tmp_path / folder, into=tmp_path)


@pytest.mark.parametrize(
    "path", ["/a", "../a", "a/../b", "a//b", "./a", "a\\b", "a\nb", "cafe\u0301", MANIFEST, "x" * 101]
)
def test_no_path_leaves_the_folder(path: str) -> None:
    """A path that could mean another place, or other things on other machines, is in no release."""
    assert path_problem(path)


@given(path=long_paths, size=st.integers(0, MAX_FILE_BYTES), executable=st.booleans())
def test_headers_are_those_of_tarfile(path: str, size: int, executable: bool) -> None:  # noqa: FBT001  hypothesis gives it
    """The quick way to a header leads to the very block that the standard library writes."""
    assert header(path, size, executable=executable) == tar_header(path, size, executable=executable)


def test_paths_that_cannot_stand_together() -> None:
    """Names that differ in case only, and a file in the place of a folder, are found."""
    assert len(clashes(["a.py", "A.py"])) == 1
    assert len(clashes(["lib/a.py", "Lib/b.py"])) == 1
    assert len(clashes(["a", "a/b/c.py"])) == 1
    assert clashes(["a.py", "b/a.py", "b/c/a.py"]) == []


def test_a_pointer_without_clock_depends_on_the_release_alone(tmp_path: Path) -> None:
    """The pointer that Pulumi writes is the same at every run over the same files, and reads back."""
    write(tmp_path / "dags", GOLDEN)
    release = build_release(tmp_path / "dags", into=tmp_path)
    pointer = pointer_to(release, published_by="pulumi")
    assert pointer.document() == pointer_to(release, published_by="pulumi").document()
    assert parse_pointer(pointer.document().encode()) == pointer


def test_a_pointer_has_a_line_for_each_file(tmp_path: Path) -> None:
    """What is different between two publications can be read from their pointers, line by line."""
    first, second = (
        pointer_to(build_release(write(tmp_path / name, files), into=tmp_path), published_by="x")
        .document()
        .splitlines()
        for name, files in (("one", {"a.py": b"1", "b.py": b"2"}), ("two", {"a.py": b"1", "b.py": b"3", "c.py": b"4"}))
    )
    listed = [line.split('"')[1] for line in second if line not in first]
    assert listed == ["release", "size", "b.py", "c.py"]


def test_the_largest_release_has_a_pointer() -> None:
    """The most files with the longest paths, of characters that JSON writes as two, stay below the pointer's limit."""
    quotes = '"' * 100
    paths = [f"{quotes}/{quotes[9:]}{number:05}.py" for number in range(MAX_FILES)]
    assert (len(paths[0]), path_problem(paths[0])) == (MAX_PATH_BYTES, None)
    files = {path: File(sha256=NO_HASH, size=1) for path in paths}
    release = Release(sha256=NO_HASH, size=1, files=files, archive=Path("archive"))
    document = pointer_to(release, published_by="x").document().encode()
    assert len(document) < MAX_POINTER_BYTES
    assert len(parse_pointer(document).files) == MAX_FILES


def _with(**fields: object) -> bytes:
    """A pointer, with some of its fields changed."""
    release = Release(sha256=NO_HASH, size=1, files={}, archive=Path("archive"))
    return json.dumps({**json.loads(pointer_to(release, published_by="x").document()), **fields}).encode()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"format": 2}', "format 2"),
        (b'{"format": 1, "release": "../../etc/passwd"}', "size|release"),
        (_with(release="../x"), "not a SHA-256"),
        (_with(size=True), "size"),
        (_with(files=[]), r"no valid files: \[\]"),
        (_with(files={"../a.py": NO_HASH}), "lists '../a.py'"),
        (_with(files={"\u001b[2J": NO_HASH}), "control character"),
        (_with(files={"a.py": 1}), "lists 'a.py' with 1"),
        (_with(files={"a.py": "x"}), "not a SHA-256"),
        (_with(files={"a.py": NO_HASH + "+y"}), "not a SHA-256"),
    ],
)
def test_a_pointer_that_is_none_is_refused(content: bytes, says: str) -> None:
    """A pointer that cannot be read is told as one, and never followed."""
    with pytest.raises(ReleaseError, match=says):
        parse_pointer(content)
