"""What the tests of the bundle need: releases in an emulated bucket, and hosts that read it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.dags_emulator import Emulator
from releases.build import build_release
from releases.format import MANIFEST, Release
from releases.pointer import archive_key, pointer_key, pointer_to
from tests.airflow.folders import write

FIRST = {"a.py": b"first", "lib/helper.py": b"one"}
SECOND = {"a.py": b"other", "lib/helper.py": b"two", "b.py": b""}


def files(folder: Path) -> dict[str, bytes]:
    """What a release holds, without what it says of itself."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {path: file.read_bytes() for path, file in found.items() if path != MANIFEST}


@dataclass
class Platform:
    """A bucket, and the hosts that read it."""

    emulator: Emulator
    bucket: str
    scratch: Path
    host: str
    """Name of the bundle: one folder below Airflow's storage, so one host's disk."""

    def publish(self, files: dict[str, bytes], *, archive: bytes | None = None, runs: str | None = None) -> str:
        """Publish as the command does. `archive` puts other bytes in the place of the right ones; `runs` can be run."""
        release = self.build(files, runs=runs)
        s3 = self.emulator.client()
        body = release.archive.read_bytes() if archive is None else archive
        s3.put_object(Bucket=self.bucket, Key=archive_key(release.sha256), Body=body)
        pointer = pointer_to(release, published_by="test").document()
        s3.put_object(Bucket=self.bucket, Key=pointer_key(), Body=pointer.encode())
        self.emulator.forget()
        return release.sha256

    def build(self, files: dict[str, bytes], *, runs: str | None = None) -> Release:
        folder = write(self.scratch / uuid.uuid4().hex, files)
        if runs:
            (folder / runs).chmod(0o755)
        return build_release(folder, into=self.scratch / "built")

    def bundle(self, version: str | None = None, *, refresh_interval: int = 0) -> Any:
        """A new process's view: the same host, nothing in memory."""
        from runtime.release_bundle import ReleaseDagBundle

        return ReleaseDagBundle(
            name=self.host, bucket_name=self.bucket, version=version, refresh_interval=refresh_interval
        )

    def started(self, version: str | None = None, **options: Any) -> Any:
        bundle = self.bundle(version, **options)
        bundle.initialize()
        return bundle

    @property
    def asked(self) -> list[str]:
        """What S3 was asked since the last publication."""
        return [
            f"{request.method} {request.path.rpartition('/')[2][:12]} {request.status}"
            for request in self.emulator.requests
        ]


@pytest.fixture
def platform(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)
    emulator.away = False
    yield Platform(emulator=emulator, bucket=emulator.bucket(), scratch=tmp_path, host=f"dags-{uuid.uuid4().hex[:8]}")
    emulator.away = False


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Metrics that were counted."""
    from airflow.observability import stats

    names: list[str] = []

    def count(name: str) -> None:
        names.append(name)

    monkeypatch.setattr(stats, "incr", count)
    return names
