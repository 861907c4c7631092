"""`python -m scripts.dags` against an S3 emulator."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.dags_emulator import Emulator
from scripts.dags import stack
from tests.airflow.folders import write
from tests.airflow.scripts.desk import Desk


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
