"""What `pulumi up` publishes of a folder, and the cache in which it is built."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from releases.format import Release, ReleaseError
from releases.publication import KEPT, STALE_SECONDS, LooseFiles, publication
from tests.airflow.folders import write


def published(folder: Path, cache: Path) -> Release:
    release = publication(folder, bundle="release", publisher="pulumi", cache=cache)
    assert isinstance(release, Release)
    return release


def test_the_cache_keeps_a_few_archives_and_always_the_current_one(tmp_path: Path) -> None:
    """Each change of a DAG makes an archive; the oldest go, so that a checkout does not grow for ever."""
    dags, cache = tmp_path / "dags", tmp_path / "cache"
    made: list[Release] = []
    for index in range(KEPT + 3):
        write(dags, {"a.py": f"# {index}".encode()})
        made.append(published(dags, cache))
        os.utime(made[-1].archive, (index, index))
    assert sorted(cache.iterdir()) == sorted(release.archive for release in made[-KEPT:])

    write(dags, {"a.py": b"# 3"})
    again = published(dags, cache)
    assert again.archive.exists()
    assert len(list(cache.iterdir())) == KEPT


def test_what_a_killed_build_left_goes_when_nobody_can_be_writing_it(tmp_path: Path) -> None:
    """An unfinished file of yesterday is removed; one of this minute may be another process's work."""
    dags, cache = tmp_path / "dags", tmp_path / "cache"
    write(dags, {"a.py": b""})
    write(cache, {"old.making": b"", "new.making": b""})
    yesterday = time.time() - STALE_SECONDS - 60
    os.utime(cache / "old.making", (yesterday, yesterday))
    release = published(dags, cache)
    assert sorted(cache.iterdir()) == sorted([cache / "new.making", release.archive])


def test_with_the_s3_bundle_files_are_published_one_by_one(tmp_path: Path) -> None:
    """Each file by its path, and no caches of Python."""
    write(tmp_path, {"a.py": b"", "team/b.py": b"", "team/__pycache__/b.pyc": b""})
    files = publication(tmp_path, bundle="s3", publisher="pulumi")
    assert files == LooseFiles({"a.py": tmp_path / "a.py", "team/b.py": tmp_path / "team" / "b.py"})


def test_nothing_is_built_where_the_command_publishes(tmp_path: Path) -> None:
    """`publisher: command` needs no folder of DAGs at all."""
    assert publication(tmp_path / "none", bundle="release", publisher="command") is None


def test_a_folder_that_makes_no_release_leaves_the_cache_alone(tmp_path: Path) -> None:
    """Every mistake in the folder is refused before anything is written."""
    with pytest.raises(ReleaseError):
        publication(tmp_path / "none", bundle="release", publisher="pulumi", cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
