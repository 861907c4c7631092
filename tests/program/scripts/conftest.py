"""Commands that run in the tests' own process: Pulumi by a stand-in, AWS by moto."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from plan.program import CHECKOUT
from scripts.boto import Client, clients
from tests.program.scripts.fake_programs import FakePrograms


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of nobody."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


@pytest.fixture
def client(credentials: None) -> Iterator[Client]:  # noqa: ARG001
    """boto3's clients, of an account that holds nothing yet."""
    with mock_aws():
        yield clients("eu-west-1")


@pytest.fixture
def stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, credentials: None) -> FakePrograms:  # noqa: ARG001
    """All that PATH has."""
    found = FakePrograms(tmp_path)
    found.install()
    monkeypatch.setenv("PATH", found.path())
    monkeypatch.chdir(CHECKOUT)
    return found
