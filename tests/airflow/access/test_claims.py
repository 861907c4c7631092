"""Who somebody is, by the claims of providers as they really send them."""

from __future__ import annotations

from typing import Any

import pytest

from runtime.access.claims import ClaimsError, is_complete, person, verify
from runtime.access.files import Access
from runtime.access.provider import checked, end_session_url

ISSUER = "https://id.example.com"


def access(**changes: Any) -> Access:
    settings = {
        "issuer": ISSUER,
        "client_id": "airflow",
        "scopes": ["openid"],
        "groups_claim": "groups",
        "roles": {"admins": "Admin", "viewers": "Viewer"},
        "session_hours": 8.0,
        "contact": "the platform team",
    }
    return Access.model_validate({**settings, **changes})


def claims(**changes: Any) -> dict[str, Any]:
    return {"iss": ISSUER, "aud": "airflow", "sub": "0001", "nonce": "n", **changes}


PROVIDERS = {
    "Okta": (claims(email="Ana@Example.com", email_verified=True, groups=["Everyone", "admins"]), {}),
    "Keycloak": (claims(email="ana@example.com", email_verified=True, groups=["/x", "admins"], azp="airflow"), {}),
    "Cognito": (
        claims(**{"email": "ana@example.com", "email_verified": True, "cognito:groups": ["admins"], "token_use": "id"}),
        {"groups_claim": "cognito:groups"},
    ),
    "Entra, app roles": (
        claims(email="ana@example.com", email_verified="true", roles=["admins"]),
        {"groups_claim": "roles"},
    ),
}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_person_is_known_by_a_verified_address(provider: str) -> None:
    """With the claims of each provider, a person is named by the verified e-mail and has the role of the groups."""
    said, changes = PROVIDERS[provider]
    verify(said, access(**changes), nonce="n")
    found = person(said, access(**changes))
    assert (found.username, found.email, found.roles) == ("ana@example.com", "ana@example.com", {"Admin"})


@pytest.mark.parametrize(
    "edited",
    [
        {"email": "boss@example.com"},
        {"email": "boss@example.com", "email_verified": False},
        {"email": "boss@example.com", "email_verified": "false"},
        {"email": "boss", "email_verified": True},
        {"preferred_username": "boss@example.com", "name": "boss@example.com", "nickname": "boss"},
    ],
)
def test_what_people_can_edit_names_nobody(edited: dict[str, Any]) -> None:
    """No claim that a person may edit becomes the name of the row, nor its unique e-mail."""
    found = person(claims(**edited), access())
    assert (found.username, found.email) == ("0001", "0001@sso.invalid")


def test_too_many_groups_for_a_token_are_named() -> None:
    """Where Entra leaves the groups out, the error says so, and nobody is taken for a person without groups."""
    for said in ({"_claim_names": {"groups": "src1"}}, {"hasgroups": True}):
        with pytest.raises(ClaimsError, match="more groups than Microsoft Entra ID"):
            person(claims(**said), access())


@pytest.mark.parametrize("groups", [None, [], ["others"], "others", ["Admins"], ["admins,viewers"]])
def test_no_role_without_a_mapped_group(groups: Any) -> None:
    """Only a group by its exact name gives a role."""
    assert person(claims(groups=groups), access()).roles == frozenset()


@pytest.mark.parametrize("groups", [[1], {"admins": 1}, 7])
def test_groups_that_are_no_names_are_refused(groups: Any) -> None:
    """A claim of another shape is an error, not an empty list."""
    with pytest.raises(ClaimsError, match="no list of names"):
        person(claims(groups=groups), access())


@pytest.mark.parametrize("sub", ["service:deploy", "SERVICE:x", "rescue", "Rescue", "x" * 600])
def test_nobody_can_be_named_as_a_machine_or_the_local_administrator(sub: str) -> None:
    """A provider cannot make somebody one of our own users."""
    with pytest.raises(ClaimsError):
        person(claims(sub=sub), access(break_glass="rescue"))


def test_missing_claims_are_asked_for() -> None:
    """An ID token is complete with groups and e-mail; without one of them userinfo is asked."""
    assert is_complete(claims(groups=[], email=""), access())
    assert not is_complete(claims(groups=[]), access())
    assert not is_complete(claims(email=""), access())


def test_the_providers_session_ends_as_it_wants() -> None:
    """The standard's parameters, Cognito's, or none where a provider has no such page."""
    metadata = {"end_session_endpoint": "https://id.example.com/out?x=1"}
    ask = {"back": "https://a.example/auth/signed-out", "id_token": "t"}
    standard = end_session_url(access(), metadata, **ask)
    assert standard == (
        "https://id.example.com/out?x=1&client_id=airflow"
        "&post_logout_redirect_uri=https%3A%2F%2Fa.example%2Fauth%2Fsigned-out&id_token_hint=t"
    )
    cognito = end_session_url(access(logout="cognito"), metadata, **ask)
    assert cognito.endswith("&client_id=airflow&logout_uri=https%3A%2F%2Fa.example%2Fauth%2Fsigned-out")
    assert end_session_url(access(logout="none"), metadata, **ask) == ask["back"]
    assert end_session_url(access(), {}, **ask) == ask["back"]


def test_a_provider_that_names_itself_otherwise_is_refused() -> None:
    """The issuer of the description equals the setting, to the last slash."""
    with pytest.raises(Exception, match="equal to the last slash"):
        checked({"issuer": f"{ISSUER}/"}, access())
