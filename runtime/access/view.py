"""The pages under /auth where people sign in and out."""

from __future__ import annotations

import logging
import time
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urljoin

from airflow.api_fastapi.app import get_auth_manager, get_cookie_path
from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from airflow.api_fastapi.core_api.security import is_safe_url
from airflow.providers.common.compat.sdk import conf
from flask import Response, current_app, g, redirect, request, session
from flask_appbuilder import expose
from flask_appbuilder.security.forms import LoginForm_db
from flask_appbuilder.security.views import AuthOAuthView
from flask_login import login_user
from requests import RequestException

from runtime.access import claims, options, provider, sessions
from runtime.access.pages import page

log = logging.getLogger(__name__)
NEXT = "alisio_next"
"""Where in the session the page is kept that somebody wanted, by the state of the sign-in."""
METADATA_SECONDS = 3600
MAX_STARTED = 10
"""Sign-ins of one browser that have begun and not ended. Each is an entry in its session's row."""


class AccessView(AuthOAuthView):
    """Signs people in by the one provider, and out of both. A failure is a page, never a redirect: none can loop."""

    @expose("/login/")
    @expose("/login/<provider>")
    def login(self, provider: str | None = None) -> Any:  # noqa: ARG002  there is one
        """Send the browser to the provider, unless somebody is signed in already."""
        if g.user is not None and g.user.is_authenticated:
            return self._enter(g.user, request.args.get("next"))
        try:
            self._metadata()
            response = self._remote().authorize_redirect(
                redirect_uri=_url("auth/oauth-authorized/sso"), state=(state := token_urlsafe())
            )
        except Exception as error:
            return self._unreachable(error)
        wanted = {**session.get(NEXT, {}), state: request.args.get("next", "")}
        session[NEXT] = dict(list(wanted.items())[-MAX_STARTED:])
        response.headers["Cache-Control"] = "no-store"
        return response

    @expose("/oauth-authorized/<provider>")
    def oauth_authorized(self, provider: str) -> Any:  # noqa: ARG002  there is one
        """Take the provider's answer: a session and a token for whom it vouches for, or a page that says why not."""
        state = request.args.get("state", "")
        begun = self._remote().framework.get_state_data(session, state) or {}
        if not begun and g.user.is_authenticated:
            # Another tab has ended this sign-in already, or the page was loaded again.
            return self._enter(g.user, None)
        wanted = session.get(NEXT, {}).get(state, "")
        try:
            self._metadata()
            token = self._remote().authorize_access_token()
            person = self._person(token, nonce=begun.get("nonce", ""))
        except claims.ClaimsError as error:
            log.warning("A sign-in was refused: %s", error)
            return self._failed(f"The answer of the sign-in service was refused: {error}.")
        except RequestException as error:
            return self._unreachable(error)
        except Exception as error:
            log.warning("A sign-in was refused: %s: %s", type(error).__name__, error)
            return self._failed("The answer of the sign-in service was refused, or it is not for this browser.")
        user = self._security().sign_in(person)
        session.clear()
        session[sessions.ID_TOKEN] = token["id_token"]
        self._security()._rotate_session_id()
        if user is None:
            return self._no_access(person)
        login_user(user)
        sessions.start(sessions.SIGN_ON)
        return self._enter(user, wanted)

    @expose("/break-glass", methods=["GET", "POST"])
    def break_glass(self) -> Any:
        """The form for the one local user, while the setting allows it. The limit of logins holds here."""
        if not self._access().break_glass:
            return page(404, "Not found", links={"Sign in": _url("auth/login/")})
        form = LoginForm_db()
        if form.validate_on_submit():
            user = self._security().auth_user_db(form.username.data, form.password.data)
            if user:
                login_user(user)
                sessions.start(sessions.PASSWORD)
                return self._enter(user, None)
        status = 401 if request.method == "POST" else 200
        return page(status, "Sign in without single sign-on", links={}, form=form)

    @expose("/logout/")
    @expose("/sso-logout")
    def logout(self) -> Any:
        """End Airflow's session and token, then the provider's session."""
        id_token = session.get(sessions.ID_TOKEN)
        if token := request.cookies.get(COOKIE_NAME_JWT_TOKEN):
            get_auth_manager().revoke_token(token)
        sessions.end()
        back = _url("auth/signed-out")
        try:
            metadata = self._metadata()
        except Exception as error:
            log.warning("The provider's session stays, as it cannot be asked: %s", type(error).__name__)
            metadata = {}
        target = provider.end_session_url(self._access(), metadata, back=back, id_token=id_token)
        response = redirect(target)
        response.headers["Cache-Control"] = "no-store"
        response.delete_cookie(COOKIE_NAME_JWT_TOKEN, path=get_cookie_path(), httponly=True)
        return response

    @expose("/signed-out")
    def signed_out(self) -> Response:
        """Where the provider sends the browser back. It does not sign in by itself: that would undo the logout."""
        return page(200, "You are signed out", links={"Sign in again": _url("auth/login/")})

    def _security(self) -> Any:
        return self.appbuilder.sm

    def _access(self) -> Any:
        return current_app.config["ACCESS"]

    def _remote(self) -> Any:
        return self._security().oauth_remotes[provider.NAME]

    def _metadata(self) -> dict[str, Any]:
        """What the provider says of itself, and its keys, at most an hour old: a key that it withdraws is forgotten."""
        known = self._remote().server_metadata
        if known.get("_loaded_at", 0) < time.time() - METADATA_SECONDS:
            known.pop("_loaded_at", None)
            known.pop("jwks", None)
        return provider.checked(self._remote().load_server_metadata(), self._access())

    def _person(self, token: dict[str, Any], *, nonce: str) -> claims.Person:
        found = token.get("userinfo")
        if not found:
            raise claims.ClaimsError("there is no ID token")
        claims.verify(found, self._access(), nonce=nonce)
        if not claims.is_complete(found, self._access()) and "userinfo_endpoint" in self._remote().server_metadata:
            more = self._remote().userinfo(token=token)
            # https://openid.net/specs/openid-connect-core-1_0.html#UserInfoResponse
            if more.get("sub") != found["sub"]:
                raise claims.ClaimsError("userinfo is of somebody else")
            found = {**more, **found}
        return claims.person(found, self._access())

    def _enter(self, user: Any, wanted: str | None) -> Any:
        """Send the browser to the page that it wanted, with Airflow's token."""
        base = _url("")
        response = redirect(urljoin(base, wanted) if wanted and is_safe_url(wanted) else base)
        response.headers["Cache-Control"] = "no-store"
        response.set_cookie(
            COOKIE_NAME_JWT_TOKEN,
            get_auth_manager().generate_jwt(user),
            path=get_cookie_path(),
            secure=base.startswith("https:"),
            httponly=True,
            samesite="Lax",
        )
        return response

    def _no_access(self, person: claims.Person) -> Response:
        log.warning("%s was refused: no group of this user is mapped to a role", person.username)
        return page(
            403,
            "You have no access",
            f"You are signed in as {person.username}, and none of your groups gives access to this Airflow.",
            f"To get access, ask {self._access().contact}.",
            links={"Sign out": _url("auth/sso-logout")},
        )

    def _failed(self, reason: str) -> Response:
        return page(
            400,
            "Sign-in failed",
            reason,
            f"If it happens again, ask {self._access().contact}.",
            links={"Try again": _url("auth/login/")},
        )

    def _unreachable(self, error: Exception) -> Response:
        log.error("The sign-in service cannot be asked: %s: %s", type(error).__name__, error)
        return page(
            503, "Sign-in is not possible now", "The sign-in service gives no answer.",
            links={"Try again": _url("auth/login/")},
        )  # fmt: skip


def _url(path: str) -> str:
    """An address of ours. Never made of what the browser sends as host, which could be anybody's."""
    return f"{options.base_url(lambda section, key: conf.get(section, key, fallback=''))}/{path}"
