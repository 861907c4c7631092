"""A user pool of Amazon Cognito, with the one client that signs people in to Airflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from settings import Site
from settings.cognito import CognitoSettings

MFA = {"required": "ON", "optional": "OPTIONAL", "off": "OFF"}
TOKEN_MINUTES = 60
"""Airflow reads a token once, at the sign-in."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """What a provider calls this Airflow."""

    issuer: Output[str]
    id: Output[str]
    secret: Output[str] | None
    """None if it is in Secrets Manager, where the api-server finds it."""


def user_pool(
    name: str,
    settings: CognitoSettings,
    site: Site,
    *,
    groups: Mapping[str, str],
    redirect_uri: str,
    signed_out_uri: str,
    opts: ResourceOptions,
) -> Client:
    """Make a pool in which nobody signs up by himself, a group for each that has a role, a sign-in page, and a client.

    The pool holds people: while the stack is protected, neither Pulumi nor AWS deletes it.
    """
    pool = _pool(name, settings, site, opts=opts)
    for group, role in groups.items():
        aws.cognito.UserGroup(
            f"{name}-{group}", user_pool_id=pool.id, name=group, description=f"{role} in Airflow", opts=opts
        )
    client = aws.cognito.UserPoolClient(
        f"{name}-client",
        user_pool_id=pool.id,
        generate_secret=True,
        allowed_oauth_flows_user_pool_client=True,
        # With PKCE, which Airflow sends and Cognito then checks.
        allowed_oauth_flows=["code"],
        # Without aws.cognito.signin.user.admin: with it, people could change their own attributes.
        allowed_oauth_scopes=["openid", "email", "profile"],
        callback_urls=[redirect_uri],
        logout_urls=[signed_out_uri],
        supported_identity_providers=["COGNITO"],
        # No password is taken but by the sign-in page.
        explicit_auth_flows=["ALLOW_REFRESH_TOKEN_AUTH"],
        prevent_user_existence_errors="ENABLED",
        enable_token_revocation=True,
        id_token_validity=TOKEN_MINUTES,
        access_token_validity=TOKEN_MINUTES,
        refresh_token_validity=TOKEN_MINUTES,
        token_validity_units={"id_token": "minutes", "access_token": "minutes", "refresh_token": "minutes"},
        opts=opts,
    )
    aws.cognito.UserPoolDomain(
        f"{name}-domain", domain=settings.domain_prefix, user_pool_id=pool.id, managed_login_version=2, opts=opts
    )
    # Without it, version 2 says that there are no login pages:
    # https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-branding.html
    aws.cognito.ManagedLoginBranding(
        f"{name}-branding", user_pool_id=pool.id, client_id=client.id, use_cognito_provided_values=True, opts=opts
    )
    return Client(
        issuer=Output.concat(f"https://cognito-idp.{site.region}.amazonaws.com/", pool.id),
        id=client.id,
        secret=client.client_secret,
    )


def _pool(name: str, settings: CognitoSettings, site: Site, *, opts: ResourceOptions) -> aws.cognito.UserPool:
    password = settings.password
    every_kind = password.require_every_kind
    return aws.cognito.UserPool(
        name,
        user_pool_tier="ESSENTIALS",
        deletion_protection="ACTIVE" if site.protect else "INACTIVE",
        # Neither can change: another value would make another pool, without the people.
        username_attributes=["email"],
        username_configuration={"case_sensitive": False},
        auto_verified_attributes=["email"],
        # An e-mail that is not proven yet names nobody.
        user_attribute_update_settings={"attributes_require_verification_before_updates": ["email"]},
        admin_create_user_config={"allow_admin_create_user_only": True},
        mfa_configuration=MFA[settings.mfa],
        software_token_mfa_configuration={"enabled": True} if settings.mfa != "off" else None,
        account_recovery_setting={"recovery_mechanisms": [{"name": "verified_email", "priority": 1}]},
        password_policy={
            "minimum_length": password.minimum_length,
            "require_lowercase": every_kind,
            "require_uppercase": every_kind,
            "require_numbers": every_kind,
            "require_symbols": every_kind,
            "password_history_size": password.history,
            "temporary_password_validity_days": password.invitation_days,
        },
        opts=ResourceOptions.merge(opts, ResourceOptions(protect=site.protect)),
    )
