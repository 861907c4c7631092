"""boto3 without its types: it has none, and its stubs know each service by a package of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import boto3  # pyright: ignore[reportMissingTypeStubs]
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs]
    BotoCoreError,
    ClientError,
)

Client = Callable[[str], Any]
"""A client, by the name of its service."""
NOT_ANSWERED = (BotoCoreError, ClientError)
"""What boto3 raises: there was no answer, or AWS refused."""


def clients(region: str) -> Client:
    """With the credentials of this process."""
    return cast("Any", boto3.Session(region_name=region)).client


def refusal(error: ClientError) -> tuple[str, str]:
    """AWS's code and words."""
    said = cast("dict[str, dict[str, str]]", error.response).get("Error", {})
    return said.get("Code", ""), said.get("Message") or str(error)
