"""An engineer at the command line, in front of an S3 emulator."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.dags_emulator import Emulator
from scripts.dags.__main__ import main
from tests.airflow.folders import write


@dataclass
class Desk:
    """An engineer's machine: a checkout with stacks, DAGs, and the command."""

    emulator: Emulator
    bucket: str
    checkout: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, operation: str, *arguments: str, stack: str = "own") -> tuple[int, str, str]:
        status = main([operation, stack, "--bucket", self.bucket, *arguments])
        out, err = self.capsys.readouterr()
        return status, out, err

    def publish(self, content: bytes, *arguments: str) -> tuple[int, str, str]:
        write(self.checkout / "dags", {"a.py": content})
        options = ["--folder", str(self.checkout / "dags"), "--no-check", "--by", "ana", *arguments]
        return self.run("publish", *options)

    def pointer(self) -> dict[str, object]:
        answer = self.emulator.client().get_object(Bucket=self.bucket, Key="current.json")
        return json.loads(answer["Body"].read())

    def writes(self) -> list[str]:
        return [request.path for request in self.emulator.requests if request.method in ("PUT", "DELETE", "POST")]
