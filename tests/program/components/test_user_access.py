"""Who gets in: what the settings say reaches the api-server, the secret reaches nobody else, and people are kept."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from plan import Deployment, Secret, leaks, plan_stack
from plan.report import to_json
from plan.values import values_yaml
from plan.wire import walk
from runtime.access.files import Access, Machine, Machines
from tests.program.conftest import planned
from tests.program.facts import SIGN_ON, USER_POOL
from tests.program.grants import may_read_secret
from tests.program.judges.plain import mapping
from tests.program.rendered import chart_values

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
SECRET = "kubernetes:core/v1:Secret"
POOL = "aws:cognito/userPool:UserPool"
CLIENT = "aws:cognito/userPoolClient:UserPoolClient"
BACK = "https://airflow.example.com/auth/oauth-authorized/sso"
SIGNED_OUT = "https://airflow.example.com/auth/signed-out"
IN_SECRETS_MANAGER = {"access": {**SIGN_ON["access"], "secretName": "company/sso"}}
ANNOTATION = "checksum/alisio-access"


@cache
def signed_on() -> Deployment:
    """`prod`, whose people sign in at a provider."""
    return plan_stack("prod", config_overrides=SIGN_ON)


@cache
def pooled() -> Deployment:
    """`prod`, whose people are in a user pool of its own."""
    return plan_stack("prod", config_overrides=USER_POOL)


@cache
def managed() -> Deployment:
    """`prod`, whose client's secret is in Secrets Manager."""
    return plan_stack("prod", config_overrides=IN_SECRETS_MANAGER)


def changed(**access: Any) -> Deployment:
    """`prod` with single sign-on, and something else about it."""
    return plan_stack("prod", config_overrides={**SIGN_ON, "access": {**SIGN_ON["access"], **access}})


def file(deployment: Deployment, name: str, key: str) -> str:
    """What a ConfigMap of Airflow's namespace holds under a key."""
    return deployment.one(CONFIG_MAP, f"alisio-prod-airflow-{name}").plain_inputs["data"][key]


def access(deployment: Deployment) -> Access:
    """How people sign in, as the api-server reads it."""
    return Access.model_validate_json(file(deployment, "sign-on", "access.json"))


def machines(deployment: Deployment) -> Machines:
    """Which jobs may have a token, as the api-server reads it."""
    return Machines.model_validate_json(file(deployment, "machines", "machines.json"))


def secrets(deployment: Deployment) -> set[str]:
    """The Secrets in Airflow's namespace."""
    return {each.inputs["metadata"]["name"] for each in deployment.of_type(SECRET)}


def differences(one: Any, two: Any, path: str = "") -> list[str]:
    """Where two values differ."""
    if isinstance(one, dict) and isinstance(two, dict):
        before, after = mapping({"_": one}, "_"), mapping({"_": two}, "_")
        return [
            place
            for key in sorted({*before, *after})
            for place in differences(before.get(key), after.get(key), f"{path}.{key}".removeprefix("."))
        ]
    return [] if one == two else [path]


def test_the_api_server_is_told_what_the_settings_say() -> None:
    """Its own reader takes the file, and finds each setting in it."""
    assert access(signed_on()) == Access(
        issuer="https://id.example.com:8443/realms/company",
        client_id="airflow",
        scopes=["openid", "email", "groups"],
        groups_claim="groups",
        roles={"airflow-admins": "Admin", "everyone": "Viewer"},
        session_hours=8,
        contact="the platform team",
    )
    other = access(changed(sessionHours=2, providerLogout=False, breakGlass=True, groupsClaim="roles"))
    assert (other.session_hours, other.logout, other.break_glass, other.groups_claim) == (2, "none", "admin", "roles")


def test_machines_are_those_of_the_settings_and_are_made_for_this_airflow() -> None:
    """By name, issuer, subject and role; a token is made for Airflow's address, or for what the line says."""
    assert machines(signed_on()) == Machines(
        audience="https://airflow.example.com",
        machines={
            "deploy": Machine(
                issuer="https://token.actions.githubusercontent.com",
                subject="repo:my-company@1/my-dags@2:environment:production",
                role="Op",
            ),
            "nightly": Machine(issuer="https://ci.example.com:9444", subject="job", role="User", audience="ci"),
        },
    )
    assert machines(changed(machines=[])).machines == {}


def test_a_machine_comes_and_goes_without_new_pods() -> None:
    """Only its ConfigMap changes, which pods follow: no value of the release does."""
    before, after = signed_on(), changed(machines=[])
    assert file(before, "machines", "machines.json") != file(after, "machines", "machines.json")
    assert differences(chart_values(before), chart_values(after)) == []


@pytest.mark.parametrize(
    "change", [{"roles": {"airflow-admins": "Admin"}}, {"sessionHours": 1}, {"clientId": "another"}, {"contact": "x"}]
)
def test_what_is_read_at_the_start_rolls_the_api_server_and_nothing_else(change: dict[str, Any]) -> None:
    """Roles, session and client are read when the api-server starts: only its pods are made anew."""
    found = differences(chart_values(signed_on()), chart_values(changed(**change)))
    assert found == [f"apiServer.podAnnotations.{ANNOTATION}"]


def test_a_new_secret_of_the_client_rolls_the_api_server_and_nothing_else() -> None:
    """Here it is that of another client, as every plan has the same one for the same key."""
    pool, other = pooled(), plan_stack("dev", config_overrides={**USER_POOL, **open_door()})
    checksums = [chart_values(each)["apiServer"]["podAnnotations"][ANNOTATION] for each in (pool, other)]
    assert len({*checksums}) == 2
    assert all(len(each) == 64 and int(each, 16) for each in checksums)


def open_door() -> dict[str, Any]:
    """A load balancer for `dev`, which has none."""
    return {"ingress": {"domain": "airflow.example.com", "publicZoneId": "Z1"}}


@pytest.mark.parametrize("stack", [signed_on, pooled, managed])
def test_the_clients_secret_stands_in_one_secret_and_nowhere_else(stack: Any) -> None:
    """No value, plain input, output, export or message of the plan has it, not even encoded."""
    deployment: Deployment = stack()
    held = [
        (each.type, each.name)
        for each in deployment.resources
        for _, leaf in walk(each.inputs)
        if isinstance(leaf, Secret) and "client-secret" in str(leaf.value)
    ]
    assert held == ([] if stack is managed else [(SECRET, "alisio-prod-airflow-sign-on")])
    assert leaks(deployment) == ()
    shown = values_yaml(deployment) + to_json(deployment)
    assert not any(secret in shown for secret in deployment.sentinels)


def test_a_secret_in_secrets_manager_is_read_by_the_api_server_alone() -> None:
    """No Secret of Kubernetes has it; the api-server's role may read this one secret, and no other role may."""
    deployment = managed()
    variables = {each["name"]: each["value"] for each in chart_values(deployment)["apiServer"]["env"]}
    assert variables["ALISIO_ACCESS_SECRET_NAME"] == "company/sso"
    assert "ALISIO_ACCESS_SECRET" not in variables
    assert "alisio-sign-on" not in secrets(deployment)
    readers = {
        part
        for part in ("api-server", "dag-processor", "triggerer", "worker-main", "worker-bulk")
        if may_read_secret(deployment, f"airflow-{part}", "company/sso")
    }
    assert readers == {"api-server"}
    assert not may_read_secret(deployment, "airflow-api-server", "company/sso-of-another")
    assert not may_read_secret(deployment, "airflow-api-server", "alisio/prod/connections/warehouse")
    assert not may_read_secret(signed_on(), "airflow-api-server", "company/sso")


def test_only_the_api_server_is_told_of_single_sign_on() -> None:
    """No other part has a variable, volume or option of it, but Flower the path at which it is served."""
    before, after = chart_values(planned("prod")), chart_values(signed_on())
    found = {path.partition(".")[0] for path in differences(before, after)}
    assert found == {"apiServer", "flower", "createUserJob"}
    assert differences(before["flower"], after["flower"]) == ["env"]


def test_without_flower_nothing_of_it_is_mounted() -> None:
    """A stack without Flower has no plugin for it, no password, and no way to it."""
    airflow = {"flower": {"enabled": False}}
    values = chart_values(plan_stack("prod", config_overrides={**SIGN_ON, "airflow": airflow}))
    text = json.dumps(values["apiServer"])
    assert "alisio-sign-on" in text
    for word in ("FLOWER", "PLUGINS_FOLDER", "alisio-flower", "basicAuth"):
        assert word not in text, word


def test_the_local_administrator_is_there_only_if_he_may_sign_in() -> None:
    """Without single sign-on he is the one user; with it, only break-glass makes him, and his password is nowhere."""
    for deployment, there in ((planned("prod"), True), (signed_on(), False), (changed(breakGlass=True), True)):
        assert ("alisio-admin" in secrets(deployment)) is there
        assert chart_values(deployment)["createUserJob"]["enabled"] is there
        # It stays as it is while he is away: nothing that is protected is deleted.
        password = deployment.one("random:index/randomPassword:RandomPassword", "alisio-prod-airflow-admin")
        assert password.protect


def test_a_password_before_the_internet_is_warned_of() -> None:
    """Only where the load balancer is on the internet, and nobody but the local administrator can sign in."""
    domain = {"domain": "airflow.example.com", "publicZoneId": "Z0123456789"}
    inside = plan_stack("prod", config_overrides={"ingress": domain})
    for deployment, warned in ((planned("prod"), True), (signed_on(), False), (inside, False), (planned("dev"), False)):
        assert any(each.startswith("alisio:access:") for each in deployment.warnings) is warned


def test_what_to_register_at_the_provider_is_exported() -> None:
    """Issuer and both addresses, in update and preview of each kind; no secret."""
    for deployment in (signed_on(), pooled()):
        assert deployment.outputs["signInRedirectUri"] == BACK
        assert deployment.outputs["signedOutUri"] == SIGNED_OUT
        assert not any(isinstance(leaf, Secret) for _, leaf in walk(deployment.outputs))
    assert signed_on().outputs["signInIssuer"] == "https://id.example.com:8443/realms/company"
    pool = pooled().one(CLIENT).inputs["userPoolId"]
    assert pooled().outputs["signInIssuer"] == f"https://cognito-idp.eu-west-1.amazonaws.com/{pool}"


@pytest.mark.parametrize("stack", [signed_on, pooled])
def test_the_release_comes_after_what_it_mounts(stack: Any) -> None:
    """A pod that mounts what is not there yet would not start."""
    deployment: Deployment = stack()
    before = deployment.upstream(deployment.one("kubernetes:helm.sh/v3:Release", "alisio-prod-airflow"))
    for token, name in ((CONFIG_MAP, "sign-on"), (CONFIG_MAP, "machines"), (SECRET, "sign-on")):
        assert deployment.one(token, f"alisio-prod-airflow-{name}").urn in before


def test_a_preview_of_single_sign_on_shows_the_same_resources() -> None:
    """What a pool does not tell before it exists hides nothing, and shows no secret."""
    for overrides, update in ((SIGN_ON, signed_on()), (USER_POOL, pooled())):
        preview = plan_stack("prod", config_overrides=overrides, preview=True)
        assert [each.urn for each in preview.resources] == [each.urn for each in update.resources]
        assert leaks(preview) == ()
