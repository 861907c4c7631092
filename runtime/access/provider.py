"""The provider that people sign in at: how we ask it, and how its session ends."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from runtime.access.files import Access, AccessError

NAME = "sso"
"""No name that Flask-AppBuilder has a special case for."""
TIMEOUT_SECONDS = 10
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures by a key that only the issuer has."""


def discovery_url(issuer: str) -> str:
    """Where an issuer describes itself."""
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


def registration(access: Access, client_secret: str) -> dict[str, Any]:
    """The client, as Authlib takes it."""
    return {
        "client_id": access.client_id,
        "client_secret": client_secret,
        "server_metadata_url": discovery_url(access.issuer),
        "client_kwargs": {
            "scope": " ".join(access.scopes),
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    }


def checked(metadata: dict[str, Any], access: Access) -> dict[str, Any]:
    """What the provider says of itself, if it is ours; without the algorithms by which anybody could sign."""
    if metadata.get("issuer") != access.issuer:
        raise AccessError(
            f"{discovery_url(access.issuer)} says that its issuer is {metadata.get('issuer')!r}; "
            f"the setting says {access.issuer!r}, and they must be equal to the last slash"
        )
    key = "id_token_signing_alg_values_supported"
    metadata[key] = [name for name in metadata.get(key, []) if name in ALGORITHMS] or ["RS256"]
    return metadata


def end_session_url(access: Access, metadata: dict[str, Any], *, back: str, id_token: str | None) -> str:
    """Where a browser ends the provider's session. It is `back` itself if the provider has no such place."""
    endpoint = metadata.get("end_session_endpoint")
    if access.logout == "none" or not endpoint:
        return back
    # https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
    key = "logout_uri" if access.logout == "cognito" else "post_logout_redirect_uri"
    hint = {"id_token_hint": id_token} if id_token and access.logout == "standard" else {}
    query = urlencode({"client_id": access.client_id, key: back, **hint})
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"
