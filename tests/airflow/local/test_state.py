"""The data directory of the local platform."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from local.passwords import passwords
from local.services.certificates import certificates
from local.services.postgres import forget, postgres
from local.state import State, made_whole
from refused import Refused

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(os.geteuid() != 0, reason="the database lies elsewhere only for root")
def test_whoever_deletes_the_data_directory_forgets_the_database_elsewhere(tmp_path: Path) -> None:
    """Under root the database may lie in a place of its own; it is the data directory's as long as that is there."""
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
