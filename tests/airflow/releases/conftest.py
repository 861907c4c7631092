"""`python -m scripts.dags` against an S3 emulator. Needs boto3 and moto: runs in .venv-airflow, skipped elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.dags_emulator import Emulator
from scripts.dags import stack
from tests.airflow.releases.desk import Desk
from tests.airflow.releases.folders import write


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    pytest.importorskip("boto3", reason="needs .venv-airflow, which `make local` makes")
    pytest.importorskip("moto", reason="needs .venv-airflow, which `make local` makes")
    with Emulator() as running:
        yield running


@pytest.fixture
def desk(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    write(
        tmp_path,
        {
            "Pulumi.own.yaml": b"config: {aws:region: us-east-1, alisio:airflow: {dags: {publisher: command}}}",
            "Pulumi.theirs.yaml": b"config: {aws:region: us-east-1}",
            "Pulumi.slip.yaml": b"config: {alisio:airflow: {dags: {publisher: comand}}}",
        },
    )
    monkeypatch.setattr(stack, "CHECKOUT", tmp_path)
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)
    return Desk(emulator=emulator, bucket=emulator.bucket(), checkout=tmp_path, capsys=capsys)
