"""Airflow's own FabAuthManager behind our door: it fails closed, logs out for good, and lets machines in."""

from __future__ import annotations

import logging
import sys
import time
from contextvars import ContextVar
from typing import Any

from airflow.providers.fab.auth_manager.fab_auth_manager import FabAuthManager
from airflow.providers.fab.auth_manager.models import User
from fastapi import FastAPI, HTTPException, status
from fastapi.responses import RedirectResponse
from flask import current_app, has_request_context
from jwt import InvalidTokenError, decode

from refused import Refused
from runtime.access import sessions
from runtime.access.assertions import UnknownMachineError, machine
from runtime.access.files import SERVICE
from runtime.access.issuers import IssuerError, Issuers
from runtime.access.machine_file import MachineFile

log = logging.getLogger(__name__)

LONGEST_SECONDS = 3600
"""How long a token of Airflow's may live. Airflow's day would let a machine in for that long after its job."""
_ends: ContextVar[int | None] = ContextVar("_ends", default=None)
"""When the token that this request showed ends, in seconds since the epoch."""


# Airflow looks for the text `FabAuthManager` in the class's path. Without it, it drops the permissions of single DAGs.
class AccessFabAuthManager(FabAuthManager):
    """People sign in at the provider, machines by an assertion, and nobody by a password but the break-glass user."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._issuers = Issuers()
        self._machines = MachineFile()

    def get_fastapi_app(self) -> FastAPI | None:
        """Airflow's application. The process ends, with the reason, where people could sign in in another way."""
        try:
            app = super().get_fastapi_app()
            self._check()
        except Refused as error:
            # An exception would be a page of lines, and with several workers they would be started for ever.
            sys.exit(f"Access to Airflow is not set up: {error}")
        if app is not None:
            # Airflow's own route comes first and deletes cookies only: a copy of one would live on.
            app.add_api_route("/logout", self._to_logout, include_in_schema=False)
            app.router.routes.insert(0, app.router.routes.pop())
        return app

    def get_url_logout(self) -> str | None:
        """The page that ends the session's row and the provider's session."""
        return super().get_url_login().replace("/login/", "/sso-logout")

    def create_token(self, headers: dict[str, str], body: dict[str, Any]) -> User | None:
        """The user for an API token: of an assertion, or of the break-glass user's password."""
        if "assertion" in body:
            return self._of_assertion(body["assertion"])
        if current_app.config["ACCESS"].break_glass:
            return super().create_token(headers, body)
        raise ValueError("Passwords are not accepted here. Send an assertion: an OIDC token of your job")

    # Not by `deserialize_user`: its cache puts itself into the instance, over whatever a subclass has of this name.
    async def get_user_from_token(self, token: str) -> Any:
        """The user of a token; nobody if it is of a machine that the settings do not know, or not with this role."""
        user: Any = await super().get_user_from_token(token)
        if user.username.startswith(SERVICE) and not self._is_known(user):
            # It may have got another role a moment ago, and this is the user of before, from a cache.
            self.cache.pop(user.id, None)
            user = await super().get_user_from_token(token)
            if not self._is_known(user):
                raise InvalidTokenError(f"{user.username} has no access any more")
        # It has just been verified.
        _ends.set(decode(token, options={"verify_signature": False})["exp"])
        return user

    def generate_jwt(self, user: User, **kwargs: Any) -> str:
        """A token of Airflow. It outlives neither the session that asks for it, nor the token (POST /ui/auth/token)."""
        lives = [self._ordinary_seconds(), LONGEST_SECONDS, kwargs.get("expiration_time_in_seconds", LONGEST_SECONDS)]
        if has_request_context() and (left := sessions.seconds_left(current_app.config["ACCESS"].session_hours)):
            lives.append(left)
        if (end := _ends.get()) is not None:
            lives.append(end - time.time())
        return super().generate_jwt(user, expiration_time_in_seconds=max(1, int(min(lives))))

    def _is_known(self, user: User) -> bool:
        known = self._machines.of(user.username)
        return known is not None and {role.name for role in user.roles} == {known.role}

    def _of_assertion(self, assertion: object) -> User | None:
        try:
            machines = self._machines.machines()
            name = machine(assertion, machines, self._issuers)
        except UnknownMachineError as error:
            log.warning("A machine was refused: %s", error)
            return None
        except (IssuerError, Refused) as error:
            log.error("A machine cannot be let in: %s", error)
            raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, "The assertion cannot be checked now") from None
        return self.security_manager.machine(f"{SERVICE}{name}", machines.machines[name].role)  # type: ignore[attr-defined]

    def _check(self) -> None:
        """Refuse what Airflow would take silently: without the file, it lets people in by passwords."""
        from airflow.providers.common.compat.sdk import conf

        from runtime.access.files import AccessError
        from runtime.access.security_manager import AccessSecurityManager

        config = self.flask_app.config if self.flask_app else {}
        if config.get("SECURITY_MANAGER_CLASS") is not AccessSecurityManager or "ACCESS" not in config:
            path = conf.get("fab", "config_file", fallback="")
            raise AccessError(f"[fab] config_file is {path}, and no file of the platform is there")

    @staticmethod
    def _ordinary_seconds() -> int:
        from airflow.providers.common.compat.sdk import conf

        return conf.getint("api_auth", "jwt_expiration_time")

    def _to_logout(self) -> RedirectResponse:
        return RedirectResponse(self.get_url_logout() or "/")
