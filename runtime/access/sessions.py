"""A web session ends when it is old enough, however often it is used, and it began by signing in as we allow it now."""

from __future__ import annotations

import time
from datetime import timedelta

from flask import Flask, session
from flask_login import current_user, logout_user

STARTED = "alisio_started"
"""When somebody signed in, in seconds since the epoch."""
METHOD = "alisio_method"
ID_TOKEN = "alisio_id_token"
"""Some providers end their own session only for somebody who shows it."""
SIGN_ON = "sso"
PASSWORD = "password"


def start(method: str) -> None:
    """Note in the session of this request that somebody has just signed in."""
    session[STARTED] = int(time.time())
    session[METHOD] = method


def seconds_left(hours: float) -> float:
    """How long the session of this request may still live; 0 if nobody signed in by it."""
    return max(0.0, session.get(STARTED, 0) + hours * 3600 - time.time())


def end() -> None:
    """Sign out, and delete the row of the session: a copy of the cookie is worth nothing from now on."""
    logout_user()
    session.clear()


def limit(app: Flask, *, hours: float, methods: frozenset[str]) -> None:
    """End each session that is older than so many hours, or that did not begin by one of the methods.

    So a session that began before single sign-on, or by a break-glass that is off now, ends with its next request.
    """

    def check() -> None:
        if current_user.is_authenticated and not (seconds_left(hours) and session.get(METHOD) in methods):
            end()

    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(hours=hours)
    app.before_request(check)
