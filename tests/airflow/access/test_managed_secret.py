"""The client's secret in AWS Secrets Manager: it is read by its name, and a refusal says why, and never what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from runtime.access.files import SECRET_FILE, SECRET_NAME, AccessError, client_secret


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account without secrets, and the name of one that might be there."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv(SECRET_NAME, "company/sso")
    with mock_aws():
        yield


def put(**content: str | bytes) -> None:
    boto3.client("secretsmanager").create_secret(Name="company/sso", **content)  # type: ignore[arg-type]


def test_the_secret_is_the_text_of_that_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a line end, and in place of a file."""
    put(SecretString="s3cret\n")
    (tmp_path / "file").write_text("another")
    monkeypatch.setenv(SECRET_FILE, str(tmp_path / "file"))
    assert client_secret() == "s3cret"
    monkeypatch.delenv(SECRET_NAME)
    assert client_secret() == "another"


def test_a_secret_that_is_not_there_is_refused_by_name() -> None:
    """In one line, with AWS's word for it."""
    with pytest.raises(
        AccessError, match=r"the secret company/sso in AWS Secrets Manager.*: ResourceNotFoundException$"
    ):
        client_secret()


def test_an_empty_or_binary_secret_is_refused() -> None:
    """It would be refused by the provider at the first sign-in."""
    put(SecretBinary=b"s3cret")
    with pytest.raises(AccessError, match="company/sso in AWS Secrets Manager is no text") as caught:
        client_secret()
    assert "s3cret" not in str(caught.value)
    boto3.client("secretsmanager").put_secret_value(SecretId="company/sso", SecretString=" \n")
    with pytest.raises(AccessError, match="company/sso in AWS Secrets Manager: the client secret is empty"):
        client_secret()


def test_a_cloud_that_gives_no_answer_is_an_error_of_access(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never one that Flask would take for a missing file."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(AccessError, match="cannot be read: NoRegionError") as caught:
        client_secret()
    assert not isinstance(caught.value, OSError)
