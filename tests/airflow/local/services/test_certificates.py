"""The certificates that stand in for those of AWS."""

from __future__ import annotations

import ssl

import pytest

from local.services.certificates import certificates
from local.state import State
from tests.airflow.local.conftest import mode


def test_the_certificate_is_valid_for_loopback_and_its_authority_only(state: State) -> None:
    """A client that trusts this authority may connect to 127.0.0.1 and localhost, and to no other name."""
    files = certificates(state)
    assert mode(files.key) == 0o600
    assert sorted(path.name for path in files.directory.iterdir()) == ["ca.pem", "server.key", "server.pem"]
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.certificate, files.key)
    trusting = ssl.create_default_context(cafile=str(files.authority))
    for name in ("127.0.0.1", "localhost"):
        handshake(server, trusting, name=name)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, trusting, name="example.com")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, ssl.create_default_context(), name="localhost")


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
