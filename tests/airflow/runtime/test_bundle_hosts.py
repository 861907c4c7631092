"""Several processes on one host, and Airflow's own cleanup."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.airflow.conftest import STORAGE
from tests.airflow.runtime.conftest import FIRST, SECOND, Platform, files

CHECKOUT = Path(__file__).parents[3]
PROCESS = """
import sys, time
from pathlib import Path
from runtime.release_bundle import ReleaseDagBundle
name, bucket, version, start = sys.argv[1:]
bundle = ReleaseDagBundle(name=name, bucket_name=bucket, version=version or None, refresh_interval=0)
time.sleep(max(0, float(start) - time.time()))
bundle.initialize()
if not version:
    bundle.refresh()
print(sum(1 for file in Path(bundle.path).rglob("*.py")), bundle.get_current_version().version)
"""


def processes(platform: Platform, versions: list[str]) -> list[tuple[str, ...]]:
    """Start bundles in processes of their own, all at the same moment."""
    start = str(time.time() + 6)
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONWARNINGS": "ignore"}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, platform.host, platform.bucket, version, start],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for version in versions
    ]
    outputs = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0] * len(versions)
    return [tuple(output.strip().splitlines()[-1].split()) for output in outputs]


def test_many_task_starts_bring_a_release_once(platform: Platform) -> None:
    """Four tasks of one run start on a new host together: one download, and all see every file."""
    release = platform.publish({f"dag_{index}.py": b"x" * 500 for index in range(400)})
    assert set(processes(platform, [release] * 4)) == {("400", release)}
    assert platform.asked == [f"GET {release[:12]} 200"]


def test_refreshes_and_task_starts_share_a_host(platform: Platform) -> None:
    """Dag-processors and tasks of two releases at the same moment: each gets exactly its own."""
    old = platform.publish({f"old_{index}.py": b"x" for index in range(50)})
    new = platform.publish({f"new_{index}.py": b"x" for index in range(60)})
    found = processes(platform, ["", old, new, ""])
    assert found == [("60", new), ("50", old), ("60", new), ("60", new)]
    assert platform.asked.count(f"GET {old[:12]} 200") == platform.asked.count(f"GET {new[:12]} 200") == 1


def clean(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Airflow's cleanup with its strictest settings; gives the releases that are left."""
    from airflow.dag_processing.bundles.base import BundleUsageTrackingManager

    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__STALE_BUNDLE_CLEANUP_MIN_VERSIONS", "0")
    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__STALE_BUNDLE_CLEANUP_AGE_THRESHOLD", "3600")
    # A bundle lets go of its lock when Python collects it. One in a cycle waits for that.
    gc.collect()
    BundleUsageTrackingManager()._remove_stale_bundle_versions_for_bundle(platform.host)
    return {path.name for path in platform.bundle().versions_dir.iterdir()}


def grow_old(platform: Platform) -> None:
    for tracking in (STORAGE / "_tracking" / platform.host).iterdir():
        tracking.write_text((datetime.now(UTC) - timedelta(hours=7)).isoformat())


def test_airflows_cleanup_removes_what_nobody_uses(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old releases leave the disk by Airflow's own cleanup; what a process uses, or the dag-processor shows, stays."""
    first = platform.publish(FIRST)
    task = platform.started(first)
    processor = platform.started()
    second = platform.publish(SECOND)
    processor.refresh()
    assert clean(platform, monkeypatch) == {first, second}, "used within the hour"
    grow_old(platform)
    assert clean(platform, monkeypatch) == {first, second}, "in use"
    del task
    assert clean(platform, monkeypatch) == {second}
    assert files(processor.path) == SECOND
    assert files(platform.started(first).path) == FIRST, "brought again when a run names it"


def test_a_release_that_cannot_be_had_does_not_stop_the_cleanup(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Airflow's cleanup dies of a tracked version that is not on disk: none is left behind by a failure."""
    release = platform.publish(FIRST)
    platform.emulator.away = True
    with pytest.raises(Exception, match="S3"):
        platform.started(release)
    platform.emulator.away = False
    platform.started(release)
    grow_old(platform)
    assert clean(platform, monkeypatch) == set()


def test_a_killed_download_leaves_nothing_that_counts(platform: Platform) -> None:
    """Leftovers of a process that was killed are neither used nor kept for ever."""
    release = platform.publish(FIRST)
    bundle = platform.bundle()
    left = bundle.base_dir / "incoming" / ("0" * 64)
    left.mkdir(parents=True)
    half = bundle.base_dir / "incoming" / release
    half.mkdir()
    (half / "a.py").write_bytes(b"half")
    os.utime(left, (0, 0))
    assert files(platform.started(release).path) == FIRST
    assert not left.exists()
    assert not half.exists()
