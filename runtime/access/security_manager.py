"""Users as the provider says that they are: their rows, their roles, and who has a password."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from typing import Any

from airflow.providers.fab.auth_manager.fab_auth_manager import FabAuthManager
from airflow.providers.fab.auth_manager.models import User
from airflow.providers.fab.auth_manager.security_manager.override import FabAirflowSecurityManagerOverride, FabException
from flask import current_app, session

from runtime.access.claims import Person
from runtime.access.files import Access
from runtime.access.view import AccessView

log = logging.getLogger(__name__)


class AccessSecurityManager(FabAirflowSecurityManagerOverride):
    """Lets in whom the provider vouches for, with the roles of today; passwords for the break-glass user alone."""

    authoauthview = AccessView

    @property
    def access(self) -> Access:
        """How people sign in."""
        return current_app.config["ACCESS"]

    def sign_in(self, person: Person) -> User | None:
        """The person's row, with exactly the roles that the provider's groups give; None if there is none to have.

        Somebody without a role gets no row. One that exists loses its roles, so that a token that is still out ends.
        """
        user = self.find_user(username=person.username)
        if not person.roles and user is None:
            return None
        user = self._synced(user, person.username, person.roles, person.email, (person.first_name, person.last_name))
        if not person.roles:
            self.reset_user_sessions(user)
            return None
        if not user.is_active:
            return None
        self.update_user_auth_stat(user)
        return user

    def machine(self, username: str, role: str) -> User | None:
        """The row of a machine, made when it first comes; None if an administrator has deactivated it."""
        user = self._synced(
            self.find_user(username=username), username, [role], f"{username}@machines.invalid", (username, "")
        )
        return user if user.is_active else None

    def add_user(self, *args: Any, password: str = "", hashed_password: str = "", **kwargs: Any) -> User:
        """A new user. Without a password it has one that nobody knows, where FAB would store the empty one."""
        return super().add_user(
            *args, password=password or secrets.token_urlsafe(32), hashed_password=hashed_password, **kwargs
        )

    def auth_user_db(self, username: str | None, password: str, rotate_session_id: bool = True) -> User | None:  # noqa: FBT001, FBT002  as FAB calls it
        """The break-glass user, if the password is right. FAB asks this from a form and from two APIs."""
        allowed = self.access.break_glass
        if allowed is None or (username or "").lower() != allowed.lower():
            log.warning("A password was refused: users sign in by single sign-on")
            return None
        log.warning("The break-glass user %s uses a password", allowed)
        return super().auth_user_db(username, password, rotate_session_id)

    def auth_user_oauth(self, userinfo: Any, rotate_session_id: bool = True) -> User | None:  # noqa: ARG002, FBT001, FBT002
        """Nobody: `sign_in` is the only way."""
        return None

    def set_oauth_session(self, provider: str, oauth_response: Any) -> None:
        """Keeps nothing: nothing here needs the provider's access token."""

    def _rotate_session_id(self) -> None:
        """A new id, so that whoever planted the old one has nothing. FAB would leave the old row."""
        current_app.session_interface.regenerate(session)  # type: ignore[attr-defined]

    def _synced(
        self, user: User | None, username: str, role_names: Iterable[str], email: str, names: tuple[str, str]
    ) -> User:
        """The row, made if it is missing, with these roles and no others."""
        roles = [role for name in sorted(role_names) if (role := self.find_role(name))]
        if user is None:
            user = self._added(username, email, names, roles)
        if {role.id for role in user.roles} != {role.id for role in roles}:
            user.roles = roles
            self.update_user(user)
            # Other api-servers see it after `[fab] cache_ttl`.
            FabAuthManager.cache.pop(user.id, None)
        return user

    def _added(self, username: str, email: str, names: tuple[str, str], roles: list[Any]) -> User:
        # E-mails are unique in the table. Somebody else's row may have this one, made by hand before.
        email = f"{username}@sso.invalid" if self.find_user(email=email) else email
        first, last = names
        try:
            return self.add_user(username=username, first_name=first, last_name=last, email=email, role=roles)
        except FabException:
            # Another api-server was faster.
            if user := self.find_user(username=username):
                return user
            raise
