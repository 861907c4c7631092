"""A user pool of Amazon Cognito, where the settings ask for one: who gets in, by what, and that nobody is lost."""

from __future__ import annotations

import json

from plan import plan_stack
from tests.program.components.test_user_access import (
    BACK,
    CLIENT,
    CONFIG_MAP,
    POOL,
    SIGNED_OUT,
    access,
    open_door,
    pooled,
)
from tests.program.facts import USER_POOL


def test_a_user_pool_lets_in_who_is_invited_and_has_a_second_factor() -> None:
    """Nobody signs up; an e-mail is the name, and only a proven one; the code comes from an authenticator app."""
    inputs = pooled().one(POOL).plain_inputs
    assert inputs["adminCreateUserConfig"] == {"allowAdminCreateUserOnly": True}
    assert inputs["usernameAttributes"] == ["email"]
    assert inputs["userAttributeUpdateSettings"] == {"attributesRequireVerificationBeforeUpdates": ["email"]}
    assert (inputs["mfaConfiguration"], inputs["softwareTokenMfaConfiguration"]) == ("ON", {"enabled": True})
    assert inputs["passwordPolicy"]["minimumLength"] == 14


def test_a_user_pool_is_as_the_settings_say() -> None:
    """Second factor and password policy are those of the stack file; a group is made for each that has a role."""
    policy = {"minimumLength": 20, "requireEveryKind": True, "history": 0, "invitationDays": 1}
    pool = {"domainPrefix": "my-company", "mfa": "off", "password": policy}
    settings = {"contact": "us", "cognito": pool, "roles": {"chefs": "Admin", "cooks": "User"}}
    deployment = plan_stack("dev", config_overrides={**open_door(), "access": settings})
    inputs = deployment.one(POOL).plain_inputs
    assert (inputs["mfaConfiguration"], inputs.get("softwareTokenMfaConfiguration")) == ("OFF", None)
    assert inputs["passwordPolicy"] == {
        "minimumLength": 20,
        "requireLowercase": True,
        "requireUppercase": True,
        "requireNumbers": True,
        "requireSymbols": True,
        "passwordHistorySize": 0,
        "temporaryPasswordValidityDays": 1,
    }
    groups = {each.inputs["name"] for each in deployment.of_type("aws:cognito/userGroup:UserGroup")}
    assert groups == {"chefs", "cooks"}
    content = json.loads(deployment.one(CONFIG_MAP, "alisio-dev-airflow-sign-on").plain_inputs["data"]["access.json"])
    assert content["roles"] == settings["roles"]


def test_a_user_pools_client_takes_people_by_code_and_sends_them_back_to_us() -> None:
    """One flow, three scopes, one address each way, no password outside of the page, and no self-service."""
    inputs = pooled().one(CLIENT).plain_inputs
    assert inputs["allowedOauthFlows"] == ["code"]
    assert inputs["allowedOauthScopes"] == ["openid", "email", "profile"]
    assert (inputs["callbackUrls"], inputs["logoutUrls"]) == ([BACK], [SIGNED_OUT])
    assert inputs["explicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert inputs["generateSecret"] is True
    told = access(pooled())
    assert (told.logout, told.groups_claim) == ("cognito", "cognito:groups")
    assert told.issuer == f"https://cognito-idp.eu-west-1.amazonaws.com/{inputs['userPoolId']}"
    assert told.roles == {role: role for role in ("Admin", "Op", "User", "Viewer")}
    groups = {each.inputs["name"] for each in pooled().of_type("aws:cognito/userGroup:UserGroup")}
    assert groups == set(told.roles)


def test_a_user_pool_has_a_page_to_sign_in() -> None:
    """Version 2 of the pages has none without a branding of the client: both are there before Airflow is."""
    deployment = pooled()
    domain = deployment.one("aws:cognito/userPoolDomain:UserPoolDomain")
    branding = deployment.one("aws:cognito/managedLoginBranding:ManagedLoginBranding")
    assert (domain.inputs["domain"], domain.inputs["managedLoginVersion"]) == ("my-company", 2)
    assert branding.inputs["clientId"] == access(deployment).client_id
    assert branding.inputs["useCognitoProvidedValues"] is True
    before = deployment.upstream(deployment.one("kubernetes:helm.sh/v3:Release", "alisio-prod-airflow"))
    assert {domain.urn, branding.urn} <= set(before)


def test_a_user_pool_is_protected_with_its_stack() -> None:
    """Its people are state: neither Pulumi nor AWS deletes it, until the stack says that it may go."""
    pool = pooled().one(POOL)
    assert (pool.protect, pool.inputs["deletionProtection"]) == (True, "ACTIVE")
    free = plan_stack("dev", config_overrides={**USER_POOL, **open_door(), "protect": False}).one(POOL)
    assert (free.protect, free.inputs["deletionProtection"]) == (False, "INACTIVE")
