"""The ports of the local platform."""

from __future__ import annotations

import socket

import pytest

from local.ports import SINGLE_SIGN_ON, Ports, remember, remembered
from local.state import State
from refused import Refused


def test_a_port_in_use_is_refused_with_the_way_out() -> None:
    """It is named, for what it is, and how to take another."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Refused, match=rf"port {port} \(for broker\)") as refused:
            Ports(**{**vars(Ports.free()), "broker": port}).check()
    assert "--port broker=" in refused.value.way_out
    Ports.free().check()


def test_a_port_that_a_run_does_not_use_may_be_taken() -> None:
    """Without single sign-on, whatever listens on its ports disturbs nobody."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = Ports(**{**vars(Ports.free()), "https": taken.getsockname()[1]})
        ports.check(SINGLE_SIGN_ON)
        with pytest.raises(Refused, match=r"\(for https\)"):
            ports.check()


def test_other_commands_know_how_the_last_run_was_started(state: State) -> None:
    """Ports, and whether it has single sign-on. A run of an older version had fewer ports."""
    ports = Ports.free()
    for signed_on in (True, False):
        remember(ports, state, single_sign_on=signed_on)
        assert remembered(state) == ports
        assert state.single_sign_on.exists() == signed_on
    state.ports.write_text('{"api_server": 1}')
    assert remembered(state) == Ports(api_server=1)
