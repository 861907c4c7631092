"""`python -m scripts.dags` against an S3 emulator."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bench.dags_emulator import Emulator
from scripts.dags import stack
from tests.airflow.folders import write
from tests.airflow.scripts.desk import Desk

OWN = {
    "aws:region": "us-east-1",
    "aws:allowedAccountIds": ["111122223333"],
    "alisio:deployer": "arn:aws:iam::111122223333:role/deployer",
    "alisio:cluster": {"publicAccessCidrs": ["203.0.113.0/24"]},
    "alisio:airflow": {"dags": {"publisher": "command"}},
}


@pytest.fixture
def desk(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    write(
        tmp_path,
        {
            "Pulumi.own.yaml": yaml.safe_dump({"config": OWN}).encode(),
            "Pulumi.theirs.yaml": b"config: {aws:region: us-east-1}",
            "Pulumi.slip.yaml": b"config: {alisio:airflow: {dags: {publisher: comand}}}",
        },
    )
    monkeypatch.setattr(stack, "CHECKOUT", tmp_path)
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)
    return Desk(emulator=emulator, bucket=emulator.bucket(), checkout=tmp_path, capsys=capsys)
