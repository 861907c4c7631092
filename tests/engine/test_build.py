"""`make engine` where something is missing: one message, exit 1, and nothing half-built."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.engine import build, programs
from tests.engine.programs import FOLDERS, PROGRAMS


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a PATH with nothing on it."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(programs, "CACHE", folder)
    monkeypatch.setattr(build, "CACHE", folder)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("PULUMI", raising=False)
    (tmp_path / "bin").mkdir()
    return folder


def a_go(folder: Path, *, version: str = "go1.99.0", build: str = "exit 1") -> None:
    """A `go` that knows its version, and builds as told."""
    script = folder / "bin" / "go"
    script.write_text(f'#!/bin/sh\nif [ "$1" = env ]; then echo {version}; exit; fi\n{build}\n', encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)


def test_without_go_one_line_says_so(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Which version is needed, and where it is to be had."""
    assert build.main() == 1
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "needs Go 1.26" in said.err
    assert "https://go.dev/dl" in said.err
    assert [path.name for path in cache.iterdir()] == ["lock"]


def test_with_an_old_go_one_line_says_so(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is needed, and what is there."""
    a_go(cache.parent, version="go1.21.3")
    assert build.main() == 1
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "go1.21.3" in said.err


def test_a_failed_build_shows_its_last_lines_and_leaves_nothing(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A disk that is full, a module that cannot be had: Go's own words, and no file that looks like a program."""
    a_go(cache.parent, build='for each; do :; done; echo "mkdir: no space left on device" >&2; exit 1')
    assert build.main() == 1
    said = capsys.readouterr()
    assert "pulumi could not be built" in said.err
    assert "no space left on device" in said.err
    assert [path for path in cache.rglob("*") if path.is_file()] == [cache / "lock"]
    assert not any(path.name.endswith(".partial") for path in cache.rglob("*"))


def test_a_pulumi_that_is_named_is_not_built(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`PULUMI` stands for the one that would have been built."""
    monkeypatch.setenv("PULUMI", "/somewhere/pulumi")
    a_go(cache.parent)
    assert build.main() == 1
    assert "etcd could not be built" in capsys.readouterr().err


def test_each_version_is_in_a_go_mod() -> None:
    """The one place of the versions has one for everything that is built or read."""
    versions = {each.module.path: each.module.version for each in PROGRAMS} | {
        each.path: each.version for each in FOLDERS
    }
    assert all(version.startswith("v") for version in versions.values())


def test_another_version_is_another_program() -> None:
    """What is built is known by its sources, so a changed go.mod, go.sum or flag builds it anew."""
    assert len({each.fingerprint for each in PROGRAMS}) == len(PROGRAMS)
