"""The Flask application in which people sign in. `[fab] config_file` of the api-server names this file.

Flask runs it as text, with the application at hand. Whatever is wrong raises here, and stops the api-server.
"""

from __future__ import annotations

from airflow.providers.common.compat.sdk import conf
from flask import current_app
from flask_appbuilder.const import AUTH_OAUTH

from runtime.access import options, sessions
from runtime.access.files import ACCESS_FILE, MACHINES_FILE, Access, Machines, client_secret, read, together
from runtime.access.provider import NAME, registration
from runtime.access.security_manager import AccessSecurityManager

together(
    lambda: read(Access, ACCESS_FILE),
    lambda: read(Machines, MACHINES_FILE),
    client_secret,
    lambda: options.check(lambda section, key: conf.get(section, key, fallback="") or ""),
)
access = read(Access, ACCESS_FILE)

AUTH_TYPE = AUTH_OAUTH
SECURITY_MANAGER_CLASS = AccessSecurityManager
ACCESS = access
# Our security manager makes the rows of users itself. FAB's way would bring a form to register, and a role for nobody.
AUTH_USER_REGISTRATION = False
OAUTH_PROVIDERS = [
    {"name": NAME, "icon": "fa-key", "token_key": "access_token", "remote_app": registration(access, client_secret())}
]

methods = frozenset({sessions.SIGN_ON, *([sessions.PASSWORD] if access.break_glass else [])})
sessions.limit(current_app, hours=access.session_hours, methods=methods)  # type: ignore[arg-type]  a proxy of it
