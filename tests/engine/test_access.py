"""Single sign-on on the real engine: its secret, what a change touches, and a user pool that outlives a mistake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.stage import Stage
from tests.engine.state import files_of, in_clear
from tests.program.facts import SIGN_ON, USER_POOL

pytestmark = pytest.mark.engine

STACK = "dev"
SECRET = "the-secret-of-the-client-in-the-clear"
INGRESS = {"domain": "airflow.example.com", "publicZoneId": "Z0123456789"}
POOL = "aws:cognito/userPool:UserPool"


def short(touched: dict[str, set[str]]) -> dict[str, set[str]]:
    return {op: {name.removeprefix("alisio-dev-") for name in names} for op, names in touched.items()}


def outputs(stage: Stage) -> dict[str, Any]:
    """What `pulumi stack output` shows without being asked for secrets."""
    return json.loads(stage.engine.run("stack", "output", "--json", "--stack", STACK))


@pytest.fixture(scope="module")
def signed_on(tmp_path_factory: pytest.TempPathFactory, pulumi: None) -> Iterator[Stage]:  # noqa: ARG001
    """A stack whose people sign in at a provider, deployed."""
    with Stage(tmp_path_factory.mktemp("access") / "stage", stack=STACK, checkpoints=False) as stage:
        stage.engine.init(STACK)
        stage.project.configure(STACK, {"alisio:ingress": INGRESS, "alisio:access": SIGN_ON["access"]})
        stage.engine.run("config", "set", "--secret", "alisio:accessSecret", SECRET, "--stack", STACK)
        outcome = stage.engine.up(STACK)
        assert outcome.code == 0, outcome.output
        assert SECRET not in outcome.output
        yield stage


@pytest.fixture(scope="module")
def pooled(tmp_path_factory: pytest.TempPathFactory, pulumi: None) -> Iterator[Stage]:  # noqa: ARG001
    """A protected stack whose people are in a user pool, deployed."""
    with Stage(tmp_path_factory.mktemp("users") / "stage", stack=STACK, checkpoints=False) as stage:
        stage.engine.init(STACK)
        settings = {"alisio:ingress": INGRESS, "alisio:access": USER_POOL["access"], "alisio:protect": True}
        stage.project.configure(STACK, settings)
        outcome = stage.engine.up(STACK)
        assert outcome.code == 0, outcome.output
        yield stage


def test_the_command_of_the_message_keeps_the_secret_one(signed_on: Stage) -> None:
    """Encrypted in the file and in the state; one resource has it, and no output."""
    files = [*files_of(signed_on.engine.backend), signed_on.project.stack_file(STACK)]
    assert in_clear([SECRET], files) == []
    resources = signed_on.engine.resources(STACK, show_secrets=True)
    holders = [each["urn"] for each in resources if SECRET in json.dumps(each.get("inputs"))]
    assert [urn.rpartition("$")[2] for urn in holders] == ["kubernetes:core/v1:Secret::alisio-dev-airflow-sign-on"]
    assert outputs(signed_on)["signInIssuer"] == SIGN_ON["access"]["issuer"]


@pytest.mark.parametrize(
    ("setting", "value", "touched"),
    [
        # The other one is on a port of its own, which a network policy names.
        ("machines", SIGN_ON["access"]["machines"][1:], {"airflow-machines"}),
        ("sessionHours", 1, {"airflow-sign-on", "airflow"}),
        ("roles", {"airflow-admins": "Admin"}, {"airflow-sign-on", "airflow"}),
    ],
)
def test_a_change_of_who_gets_in_touches_what_it_is_about(
    signed_on: Stage, setting: str, value: Any, touched: set[str]
) -> None:
    """A machine's line changes its file alone; what is read at the start changes that file and the release."""
    try:
        signed_on.project.configure(STACK, {f"alisio:access.{setting}": value})
        outcome = signed_on.engine.preview(STACK)
        assert outcome.code == 0, outcome.output
        assert short(outcome.touched) == {"update": touched}
    finally:
        signed_on.project.configure(STACK, {f"alisio:access.{setting}": SIGN_ON["access"].get(setting)})


def test_a_plain_secret_is_refused_before_anything_changes(signed_on: Stage) -> None:
    """The engine says which keys are encrypted; this one must be, and the message does not repeat it."""
    file = signed_on.project.stack_file(STACK)
    before = file.read_text(encoding="utf-8")
    try:
        signed_on.project.configure(STACK, {"alisio:accessSecret": SECRET})
        outcome = signed_on.engine.preview(STACK)
        assert outcome.code != 0
        assert (
            "alisio:accessSecret: is not encrypted; `pulumi config set --secret alisio:accessSecret`" in outcome.output
        )
        assert SECRET not in outcome.output
    finally:
        file.write_text(before, encoding="utf-8")


def test_the_secret_that_cognito_makes_is_shown_nowhere(pooled: Stage) -> None:
    """Neither file, nor state, nor output has any generated secret in the clear."""
    assert pooled.secrets
    assert in_clear(pooled.secrets, files_of(pooled.engine.backend)) == []
    shown = json.dumps(outputs(pooled))
    assert "cognito-idp" in shown
    assert not any(secret in shown for secret in pooled.secrets)


def test_a_second_update_of_a_user_pool_changes_nothing(pooled: Stage) -> None:
    """What Cognito computes is not asked of it again."""
    outcome = pooled.engine.preview(STACK)
    assert outcome.code == 0, outcome.output
    assert outcome.touched == {}


def test_a_protected_stack_keeps_its_people(pooled: Stage) -> None:
    """Who takes single sign-on out of the file does not delete the pool, and can put it back."""
    try:
        pooled.project.configure(STACK, {"alisio:access": None})
        outcome = pooled.engine.up(STACK)
        assert outcome.code != 0
        assert POOL in {each["type"] for each in pooled.engine.resources(STACK)}
    finally:
        pooled.project.configure(STACK, {"alisio:access": USER_POOL["access"]})
    outcome = pooled.engine.up(STACK)
    assert outcome.code == 0, outcome.output
    assert pooled.engine.preview(STACK).touched == {}
