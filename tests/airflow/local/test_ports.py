"""The ports of the local platform."""

from __future__ import annotations

import socket

import pytest

from local.ports import Ports
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
