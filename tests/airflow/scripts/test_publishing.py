"""Publishing with `python -m scripts.dags`: what is written, and what is refused."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from releases.build import build_release
from scripts.dags import publish as publishing
from scripts.dags.__main__ import main
from scripts.dags.bucket import ReleaseBucket
from tests.airflow.folders import write
from tests.airflow.scripts.desk import Desk

DAG = b"from airflow.sdk import dag\n"


def test_publish_makes_a_release_current(desk: Desk) -> None:
    """One archive and one pointer are written; the pointer says who, when, which files, and what was before."""
    status, out, _ = desk.publish(b"one")
    first = desk.pointer()
    assert (status, first["publishedBy"], first["previous"]) == (0, "ana", None)
    assert first["files"] == {"a.py": hashlib.sha256(b"one").hexdigest()}
    assert datetime.fromisoformat(str(first["publishedAt"])).utcoffset() == timedelta(0)
    assert "the first release" in out
    desk.emulator.forget()
    assert desk.publish(b"two")[0] == 0
    assert desk.pointer()["previous"] == first["release"]
    assert len(desk.writes()) == 2


def test_publishing_the_same_again_writes_nothing(desk: Desk) -> None:
    """The same files are the same release: there is nothing to do, and that is not a failure."""
    desk.publish(b"one")
    desk.emulator.forget()
    status, out, _ = desk.publish(b"one")
    assert (status, desk.writes()) == (0, [])
    assert "current already" in out


def test_a_dry_run_writes_nothing(desk: Desk) -> None:
    """A dry run shows each file that would change, and touches nothing."""
    desk.publish(b"one")
    write(desk.checkout / "dags", {"new.py": b""})
    desk.emulator.forget()
    status, out, _ = desk.publish(b"two", "--dry-run")
    assert (status, desk.writes()) == (0, [])
    assert "  M  a.py\n  A  new.py\n" in out
    assert desk.run("rollback", "--dry-run")[0] == 2, "there is nothing before the first release"


def test_a_pointer_that_cannot_be_read_is_replaced(desk: Desk) -> None:
    """Whatever somebody put in the pointer's place, a publication says so and mends it."""
    desk.publish(b"one")
    desk.emulator.client().put_object(Bucket=desk.bucket, Key="current.json", Body=b"{")
    status, out, _ = desk.publish(b"one")
    assert (status, desk.pointer()["publishedBy"]) == (0, "ana")
    assert "current.json is not JSON: it is replaced" in out


def test_a_lost_archive_does_not_stop_the_next_release(desk: Desk) -> None:
    """What a publication changes is known from the pointer: the archive that it names may be gone."""
    desk.publish(b"one")
    lost = desk.pointer()["release"]
    desk.emulator.client().delete_object(Bucket=desk.bucket, Key=f"releases/{lost}.tar")
    status, out, _ = desk.publish(b"two")
    assert (status, "  M  a.py\n" in out) == (0, True)


def test_the_loser_of_a_race_is_told_who_won(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who publishes over a release that he has not seen fails, and reads who published what meanwhile."""
    desk.publish(b"one")
    real = ReleaseBucket.put_archive

    def overtaken(self: ReleaseBucket, release: object) -> bool:
        monkeypatch.setattr(ReleaseBucket, "put_archive", real)
        assert desk.publish(b"theirs", "--by", "bob")[0] == 0
        write(desk.checkout / "dags", {"a.py": b"mine"})
        return real(self, release)  # type: ignore[arg-type]

    monkeypatch.setattr(ReleaseBucket, "put_archive", overtaken)
    status, _, err = desk.publish(b"mine")
    assert status == 1
    assert "somebody else published meanwhile" in err
    assert "by bob at" in err
    assert "diff" in err
    assert desk.pointer()["publishedBy"] == "bob"


@pytest.mark.parametrize("before", [[], [b"one"]], ids=["first publication", "later publication"])
def test_of_many_publishers_at_once_one_wins(desk: Desk, monkeypatch: pytest.MonkeyPatch, before: list[bytes]) -> None:
    """Five at the same moment: one status 0, four status 1, and the pointer is the winner's."""
    for content in before:
        desk.publish(content)
    ready = threading.Barrier(5)
    real = publishing._point

    def together(*arguments: object) -> None:
        ready.wait(timeout=60)
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing, "_point", together)
    statuses: dict[str, int] = {}

    def one(name: str) -> None:
        folder = str(write(desk.checkout / name, {"a.py": name.encode()}))
        options = ["--bucket", desk.bucket, "--folder", folder, "--no-check", "--by", name]
        statuses[name] = main(["publish", "own", *options])

    threads = [threading.Thread(target=one, args=(f"person{index}",)) for index in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses.values()) == [0, 1, 1, 1, 1]
    assert statuses[str(desk.pointer()["publishedBy"])] == 0


def test_without_a_python_that_has_airflow_publishing_is_refused(desk: Desk) -> None:
    """DAGs that nobody can try are not published by accident."""
    write(desk.checkout / "dags", {"a.py": DAG})
    status, _, err = desk.run("publish", "--folder", str(desk.checkout / "dags"), "--python", "/no/such/python")
    assert (status, desk.writes()) == (2, [])
    assert "--no-check" in err


def test_dags_that_do_not_import_are_refused_all_at_once(desk: Desk) -> None:
    """Every file that does not import is named with the line to mend, in the module where it broke; no traceback."""
    folder = write(
        desk.checkout / "dags",
        {
            "good.py": DAG + b"@dag\ndef good(): pass\ngood()\n",
            "syntax.py": DAG + b"def (:\n",
            "missing.py": DAG + b"\nimport no_such_module\n",
            "through.py": DAG + b"from lib import helper\n",
            "lib/__init__.py": b"",
            "lib/helper.py": b"\n\n1 / 0\n",
        },
    )
    status, _, err = desk.run("publish", "--folder", str(folder), "--python", sys.executable)
    assert (status, desk.writes()) == (2, [])
    assert "would not take these DAGs, 3 mistakes:" in err
    assert "lib/helper.py:3: ZeroDivisionError: division by zero (imported by through.py)" in err
    assert "missing.py:3: ModuleNotFoundError" in err
    assert "syntax.py:2: SyntaxError" in err
    assert "alisio-dags-" not in err
    assert "Traceback" not in err
    for name in ("syntax.py", "missing.py", "through.py"):
        (folder / name).unlink()
    status, out, _ = desk.run("publish", "--folder", str(folder), "--python", sys.executable)
    assert status == 0
    assert "1 DAGs import: good" in out


def test_the_command_publishes_what_the_pods_read(desk: Desk) -> None:
    """The shipped dags/ make a release."""
    release = build_release(Path(__file__).parents[3] / "dags", into=desk.checkout)
    assert "platform_canary.py" in release.files


def test_what_git_ignores_is_named_and_stays_at_home(desk: Desk) -> None:
    """A publication says what it leaves out, so that nobody looks for it in a pod."""
    write(desk.checkout, {".gitignore": b".env\n", "dags/.env": b"PASSWORD=x"})
    subprocess.run(["git", "init", "-q", str(desk.checkout)], check=True)
    status, out, _ = desk.publish(b"one")
    assert status == 0
    assert "left out, as git ignores it: .env\n" in out
    assert set(cast("dict[str, str]", desk.pointer()["files"])) == {"a.py"}
