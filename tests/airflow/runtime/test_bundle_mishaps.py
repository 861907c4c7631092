"""The bundle of releases when S3 is away or holds something wrong: the last good release stays, with a reason."""

from __future__ import annotations

import logging
import shutil

import pytest

from releases.format import ReleaseError
from tests.airflow.runtime.conftest import FIRST, SECOND, Platform, files


def test_s3_away_keeps_the_last_good_release(
    platform: Platform, counted: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """An outage changes nothing but a metric and one line, and ends by itself."""
    first = platform.publish(FIRST)
    bundle = platform.started()
    second = platform.publish(SECOND)
    platform.emulator.away = True
    counted.clear()
    with caplog.at_level(logging.ERROR, "runtime"):
        bundle.refresh()
    assert bundle.get_current_version().version == first
    assert counted == ["alisio.dag_release.refresh_failures"]
    assert [record.message for record in caplog.records if "stays with release" in record.message]
    assert all("\n" not in record.message for record in caplog.records)
    platform.emulator.away = False
    bundle.refresh()
    assert bundle.get_current_version().version == second


def test_s3_away_from_the_start_says_so(platform: Platform) -> None:
    """A host that never had a release cannot invent one: the error names the bucket."""
    platform.publish(FIRST)
    platform.emulator.away = True
    with pytest.raises(ReleaseError, match=f"no release is on this host yet.*{platform.bucket}"):
        platform.started()


@pytest.mark.parametrize("broken", ["other bytes", "cut off", "flipped", "forged"])
def test_a_broken_archive_is_refused(
    platform: Platform, counted: list[str], caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    """What is not what its name says is not unpacked; the last good release stays, and nothing is left behind."""
    first = platform.publish(FIRST)
    bundle = platform.started()
    right = platform.build(SECOND).archive.read_bytes()
    wrong = {
        "other bytes": b"not a tar",
        "cut off": right[:-1000],
        "flipped": right[:600] + bytes([right[600] ^ 1]) + right[601:],
        "forged": platform.build({"evil.py": b"evil"}).archive.read_bytes(),
    }[broken]
    second = platform.publish(SECOND, archive=wrong)
    counted.clear()
    with caplog.at_level(logging.ERROR, "runtime"):
        bundle.refresh()
    assert (bundle.get_current_version().version, files(bundle.path)) == (first, FIRST)
    assert counted == ["alisio.dag_release.refresh_failures"]
    assert "SHA-256" in caplog.text
    assert not (bundle.versions_dir / second).exists()
    assert [path.suffix for path in (bundle.base_dir / "incoming").iterdir()] == [".lock"] * 2
    platform.publish(SECOND)
    bundle.refresh()
    assert files(bundle.path) == SECOND


def test_a_pointer_to_nothing_is_refused(platform: Platform, counted: list[str]) -> None:
    """A pointer whose archive is missing, and one that cannot be read, change nothing."""
    platform.publish(FIRST)
    bundle = platform.started()
    s3 = platform.emulator.client()
    second = platform.publish(SECOND)
    s3.delete_object(Bucket=platform.bucket, Key=f"releases/{second}.tar")
    bundle.refresh()
    assert files(bundle.path) == FIRST
    s3.put_object(Bucket=platform.bucket, Key="current.json", Body=b'{"format": 7}')
    bundle.refresh()
    s3.delete_object(Bucket=platform.bucket, Key="current.json")
    bundle.refresh()
    assert files(bundle.path) == FIRST
    assert counted.count("alisio.dag_release.refresh_failures") == 3


def test_releases_without_a_pointer_are_a_mishap(platform: Platform) -> None:
    """A pointer that somebody deleted does not take every DAG away from a new host."""
    platform.publish(FIRST)
    platform.emulator.client().delete_object(Bucket=platform.bucket, Key="current.json")
    with pytest.raises(ReleaseError, match="but there are releases"):
        platform.started()


def test_a_pruned_release_is_named_with_a_way_out(platform: Platform) -> None:
    """A run whose release is gone fails with what happened and what to do; the host keeps nothing of it."""
    release = platform.build(FIRST).sha256
    with pytest.raises(ReleaseError, match=r"(?s)pruned.*Clear the run"):
        platform.started(release)
    tracking = platform.bundle().base_dir.parent / "_tracking" / platform.host
    assert not list(tracking.glob("*"))


@pytest.mark.parametrize("version", ["../../etc", "latest", "A" * 64])
def test_a_version_that_is_no_release_is_refused(platform: Platform, version: str) -> None:
    """A version from the database becomes a path only if it is the name of a release."""
    with pytest.raises(ReleaseError, match="not a release"):
        platform.started(version)


def test_a_half_removed_release_is_brought_again(platform: Platform) -> None:
    """A release that lost a file, to a cleanup that was killed or to a hand, is not used as it is."""
    release = platform.publish(FIRST)
    path = platform.started(release).path
    (path / "lib" / "helper.py").unlink()
    assert files(platform.started(release).path) == FIRST
    shutil.rmtree(path)
    assert files(platform.started(release).path) == FIRST
