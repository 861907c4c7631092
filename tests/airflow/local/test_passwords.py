"""The secrets of the local platform: made once, and never replaced."""

from __future__ import annotations

import pytest

from local.passwords import passwords
from local.state import State
from refused import Refused
from tests.airflow.local.conftest import mode


def test_secrets_are_made_once_and_for_their_owner_only(state: State) -> None:
    """The second start finds the secrets of the first; nobody else may read them; no two are alike."""
    first = passwords(state)
    assert passwords(state) == first
    assert mode(state.secrets) == 0o600
    values = list(vars(first).values())
    assert len(set(values)) == len(values)
    assert all(len(value) >= 32 for value in values)
    # No command or address reads anything else into them.
    assert all(value.isalnum() for name, value in vars(first).items() if name != "fernet")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"database": "x"}', "\0"])
def test_damaged_secrets_are_not_replaced(state: State, content: str) -> None:
    """New secrets would lock the data away: the message says what to do, and the file stays as it is."""
    state.secrets.write_text(content)
    with pytest.raises(Refused, match="is damaged") as refused:
        passwords(state)
    assert "make local-reset" in refused.value.way_out
    assert state.secrets.read_text() == content


def test_missing_secrets_are_not_replaced_while_there_is_a_database(state: State) -> None:
    """A database keeps the password that it was made with: new secrets would be refused, with no word of why."""
    (state.postgres / "data").mkdir(parents=True)
    with pytest.raises(Refused, match="is missing") as refused:
        passwords(state)
    assert "make local-reset" in refused.value.way_out
    assert not state.secrets.exists()
