"""The certificates that stand in for those of AWS."""

from __future__ import annotations

import ssl

import pytest

from local.differences import AIRFLOW_HOST
from local.services import certificates as module
from local.services.certificates import certificates
from local.state import State
from tests.airflow.local.conftest import mode


def test_the_certificate_is_valid_for_loopback_and_its_authority_only(state: State) -> None:
    """A client that trusts this authority may connect to 127.0.0.1, localhost and Airflow's name, and to no other."""
    files = certificates(state)
    assert mode(files.key) == 0o600
    assert sorted(path.name for path in files.directory.iterdir()) == ["ca.pem", "server.key", "server.pem"]
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.certificate, files.key)
    trusting = ssl.create_default_context(cafile=str(files.authority))
    for name in ("127.0.0.1", "localhost", AIRFLOW_HOST):
        handshake(server, trusting, name=name)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, trusting, name="example.com")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, ssl.create_default_context(), name="localhost")


def test_certificates_for_fewer_names_are_made_anew(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data directory of an older version gets a certificate for all names; one that has it keeps it."""
    monkeypatch.setattr(module, "NAMES", ("localhost", "127.0.0.1"))
    old = certificates(state).certificate.read_text()
    assert certificates(state).certificate.read_text() == old
    monkeypatch.undo()
    new = certificates(state).certificate.read_text()
    assert new != old
    assert certificates(state).certificate.read_text() == new


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, *, name: str) -> None:
    """A TLS connection in memory; raises what the client says to the certificate."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(to_client, to_server, server_hostname=name)
    there = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(6):
        for side in (here, there):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
