"""A secret option of airflow.cfg on the real engine: set with the CLI, and found in a Secret only."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.engine.stage import Stage
from tests.engine.state import files_of, in_clear

pytestmark = pytest.mark.engine

STACK = "dev"
PASSWORD = "p%ss-{{100}}-in-the-clear"


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory, pulumi: None) -> Iterator[Stage]:  # noqa: ARG001
    with Stage(tmp_path_factory.mktemp("secret-config") / "configured", stack=STACK) as configured:
        configured.engine.init(STACK)
        yield configured


def test_the_way_that_the_messages_name_leads_to_a_secret(configured: Stage) -> None:
    """Encrypted in the file and in every version of the state; in the outputs, in values and in messages not at all."""
    path = "alisio:secretConfig.smtp.smtp_password"
    configured.engine.run("config", "set", "--secret", "--path", path, PASSWORD, "--stack", STACK)
    outcome = configured.engine.up(STACK)
    assert outcome.code == 0, outcome.output
    assert PASSWORD not in outcome.output
    assert in_clear([PASSWORD], [*files_of(configured.engine.backend), configured.project.stack_file(STACK)]) == []
    assert PASSWORD not in json.dumps(configured.engine.resources(STACK))
    shown = [
        each
        for each in configured.engine.resources(STACK, show_secrets=True)
        if PASSWORD in json.dumps(each.get("inputs"))
    ]
    assert [each["urn"].rpartition("::")[2] for each in shown] == ["alisio-dev-airflow-config"]


def test_an_encrypted_value_elsewhere_is_refused_before_anything_changes(configured: Stage) -> None:
    """The program is told by the engine which keys hold secrets, and ends before its first resource."""
    path = "alisio:airflow.config.smtp.smtp_mail_from"
    configured.engine.run("config", "set", "--secret", "--path", path, PASSWORD, "--stack", STACK)
    outcome = configured.engine.preview(STACK)
    assert outcome.code != 0
    assert "alisio:airflow: holds an encrypted value" in outcome.output
    assert PASSWORD not in outcome.output
