"""What the tests beside Airflow share: Airflow's folders for the session, and an S3 emulator."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prerequisites import want

want("airflow", "moto", "supervisor", "hypothesis", environment=".venv-airflow", target="test-airflow")

from bench.dags_emulator import Emulator

pytest_plugins = ["tests.skips"]

# Airflow reads both at import, once. No test module is imported before this file.
SESSION = Path(tempfile.mkdtemp(prefix="alisio-tests-"))
atexit.register(shutil.rmtree, SESSION, ignore_errors=True)
STORAGE = SESSION / "bundles"
os.environ["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH"] = str(STORAGE)
os.environ["AIRFLOW_HOME"] = str(SESSION / "home")


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """S3 for the session. Each test has a bucket of its own."""
    with Emulator() as running:
        yield running
