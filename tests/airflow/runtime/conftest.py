"""What the tests of the bundle need: an S3 emulator, and Airflow's storage in a folder of the session.

They run in .venv-airflow (`make local` makes it); elsewhere they are skipped.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.dags_emulator import Emulator
from releases.build import build_release
from releases.format import Release
from releases.pointer import archive_key, pointer_key, pointer_to
from tests.airflow.releases.folders import write

# Airflow reads both at import, once.
STORAGE = Path(tempfile.mkdtemp(prefix="alisio-bundles-"))
atexit.register(shutil.rmtree, STORAGE, ignore_errors=True)
os.environ["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH"] = str(STORAGE)
os.environ.setdefault("AIRFLOW_HOME", str(STORAGE / "home"))


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    pytest.importorskip("airflow", reason="needs .venv-airflow, which `make local` makes")
    with Emulator() as running:
        yield running


@dataclass
class Platform:
    """A bucket, and the hosts that read it."""

    emulator: Emulator
    bucket: str
    scratch: Path
    host: str
    """Name of the bundle: one folder below Airflow's storage, so one host's disk."""

    def publish(self, files: dict[str, bytes], *, archive: bytes | None = None) -> str:
        """Publish as the command does; `archive` puts other bytes in the place of the right ones."""
        release = self.build(files)
        s3 = self.emulator.client()
        body = release.archive.read_bytes() if archive is None else archive
        s3.put_object(Bucket=self.bucket, Key=archive_key(release.sha256), Body=body)
        pointer = pointer_to(release, published_by="test").document()
        s3.put_object(Bucket=self.bucket, Key=pointer_key(), Body=pointer.encode())
        self.emulator.forget()
        return release.sha256

    def build(self, files: dict[str, bytes]) -> Release:
        folder = self.scratch / uuid.uuid4().hex
        return build_release(write(folder, files), into=self.scratch / "built")

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
    with warnings.catch_warnings():
        # Airflow warns of its own deprecations wherever it is imported.
        warnings.simplefilter("ignore")
        yield Platform(
            emulator=emulator, bucket=emulator.bucket(), scratch=tmp_path, host=f"dags-{uuid.uuid4().hex[:8]}"
        )
    emulator.away = False


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, platform: Platform) -> list[str]:
    """Metrics that were counted."""
    assert platform.emulator, "Airflow is there"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from airflow.observability import stats
    names: list[str] = []

    def count(name: str) -> None:
        names.append(name)

    monkeypatch.setattr(stats, "incr", count)
    return names
