"""A local process gets the secrets that its pod has on AWS, and no others."""

from __future__ import annotations

import pytest

from chart.parts import Part
from chart.pods import worker_groups
from local.airflow.processes import PARTS
from tests.program.local.environments import PASSWORDS, environment

COMPONENTS = (*PARTS, Part.FLOWER)


def test_only_those_have_the_signing_key_who_have_it_on_aws() -> None:
    """A worker cannot sign tokens."""
    local = environment("local")
    with_key = {part for part in COMPONENTS if PASSWORDS.jwt in local.of(part).values()}
    assert with_key == {Part.API_SERVER, Part.SCHEDULER}
    for group in worker_groups(local.values):
        assert PASSWORDS.jwt not in local.of(Part.WORKER, group).values()


def test_no_credential_of_the_shell_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever works with AWS in the same shell does not lend the local DAGs their rights."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID", "AIRFLOW__CORE__FERNET_KEY", "PGPASSWORD"):
        monkeypatch.setenv(name, "mine")
    assert "mine" not in environment("local").of(Part.SCHEDULER).values()
