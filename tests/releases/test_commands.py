"""`python -m scripts.dags` against an S3 emulator. Needs boto3 and moto: runs in .venv-airflow, skipped elsewhere."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.dags_emulator import Emulator
from runtime.release_build import build_release
from runtime.release_pointer import Pointer
from scripts.dags import publish as publishing
from scripts.dags import stack
from scripts.dags.__main__ import main
from scripts.dags.bucket import Archive, Publication, ReleaseBucket
from scripts.dags.check import explain
from scripts.dags.history import prunable
from tests.releases.folders import write

DAG = b"from airflow.sdk import dag\n"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    pytest.importorskip("boto3", reason="needs .venv-airflow, which `make local` makes")
    pytest.importorskip("moto", reason="needs .venv-airflow, which `make local` makes")
    with Emulator() as running:
        yield running


@dataclass
class Desk:
    """An engineer's machine: a checkout with stacks, DAGs, and the command."""

    emulator: Emulator
    bucket: str
    checkout: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, operation: str, *arguments: str, stack: str = "own") -> tuple[int, str, str]:
        status = main([operation, stack, "--bucket", self.bucket, *arguments])
        out, err = self.capsys.readouterr()
        return status, out, err

    def publish(self, content: bytes, *arguments: str) -> tuple[int, str, str]:
        write(self.checkout / "dags", {"a.py": content})
        options = ["--folder", str(self.checkout / "dags"), "--no-check", "--by", "ana", *arguments]
        return self.run("publish", *options)

    def pointer(self) -> dict[str, object]:
        answer = self.emulator.client().get_object(Bucket=self.bucket, Key="current.json")
        return json.loads(answer["Body"].read())

    def writes(self) -> list[str]:
        return [request.path for request in self.emulator.requests if request.method in ("PUT", "DELETE", "POST")]


@pytest.fixture
def desk(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    write(
        tmp_path,
        {
            "Pulumi.own.yaml": b"config: {aws:region: us-east-1, alisio:airflow: {dags: {publisher: command}}}",
            "Pulumi.theirs.yaml": b"config: {aws:region: us-east-1}",
            "Pulumi.slip.yaml": b"config: {alisio:airflow: {dags: {publisher: comand}}}",
        },
    )
    monkeypatch.setattr(stack, "CHECKOUT", tmp_path)
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)
    return Desk(emulator=emulator, bucket=emulator.bucket(), checkout=tmp_path, capsys=capsys)


def test_publish_makes_a_release_current(desk: Desk) -> None:
    """One archive and one pointer are written, and the pointer says who, when, and what was before."""
    status, out, _ = desk.publish(b"one")
    first = desk.pointer()
    assert (status, first["publishedBy"], first["files"], first["previous"]) == (0, "ana", 1, None)
    assert datetime.fromisoformat(str(first["publishedAt"])).utcoffset() == timedelta(0)
    assert "the first release" in out
    desk.emulator.forget()
    assert desk.publish(b"two")[0] == 0
    assert desk.pointer()["previous"] == first["release"]
    assert len(desk.writes()) == 2


def test_publishing_the_same_again_writes_nothing(desk: Desk) -> None:
    """The same files are the same release: nothing to do, and that is no failure."""
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


def test_rollback_goes_to_the_one_before_and_back(desk: Desk) -> None:
    """A rollback is a new publication of an old release: rolled back again, the newer one is current."""
    desk.publish(b"one")
    first = desk.pointer()
    desk.publish(b"two")
    second = desk.pointer()
    status, out, _ = desk.run("rollback", "--by", "bob")
    assert status == 0
    assert "1 changed" in out
    assert "keep the release" in out
    now = desk.pointer()
    assert (now["release"], now["previous"], now["publishedBy"]) == (first["release"], second["release"], "bob")
    assert (now["size"], now["files"]) == (first["size"], first["files"])
    assert desk.run("rollback")[0] == 0
    assert desk.pointer()["release"] == second["release"]


def test_rollback_to_a_named_release(desk: Desk) -> None:
    """A release is named by the beginning of its name, if only one begins so and its archive is there."""
    for content in (b"one", b"two", b"three"):
        desk.publish(content)
    names = sorted({path.stem for path in map(Path, _keys(desk)) if path.suffix == ".tar"})
    target = next(name for name in names if name != desk.pointer()["release"])
    assert desk.run("rollback", "--to", target[:8])[0] == 0
    assert desk.pointer()["release"] == target
    status, _, err = desk.run("rollback", "--to", "zz")
    assert (status, "no release here begins with 'zz'" in err) == (2, True)
    status, _, err = desk.run("rollback", "--to", "")
    assert status == 0, "an empty name is no name: the one before"
    desk.emulator.client().delete_object(Bucket=desk.bucket, Key=f"releases/{target}.tar")
    assert "begins with" in desk.run("rollback", "--to", target)[2]


def test_list_and_diff_show_the_history(desk: Desk) -> None:
    """Publications stand newest first, the current one marked; a diff names every path that is different."""
    desk.publish(b"one")
    desk.publish(b"two", "--by", "bob")
    lines = desk.run("list")[1].splitlines()
    assert [("by bob" in line, line[0]) for line in lines] == [(True, "*"), (False, " ")]
    before = str(desk.pointer()["previous"])
    write(desk.checkout / "dags", {"lib/new.py": b""})
    assert desk.run("diff", "--folder", str(desk.checkout / "dags"))[1].splitlines()[0] == "A  lib/new.py"
    assert desk.run("diff", "--from", before[:10], "--to", "current")[1].splitlines() == [
        "M  a.py",
        "0 added, 1 changed, 0 removed",
    ]


def test_prune_deletes_only_with_yes(desk: Desk) -> None:
    """Without --yes nothing is deleted; the current release and the one before are never deleted."""
    for content in (b"one", b"two", b"three"):
        desk.publish(content)
    desk.emulator.forget()
    status, out, _ = desk.run("prune", "--keep", "0", "--days", "0")
    assert (status, desk.writes()) == (0, [])
    assert "3 releases, 1 can go" in out
    desk.run("prune", "--keep", "0", "--days", "0", "--yes")
    assert len(desk.writes()) == 1
    left = {path.stem for path in map(Path, _keys(desk)) if path.suffix == ".tar"}
    assert left == {desk.pointer()["release"], desk.pointer()["previous"]}


def test_what_was_current_lately_is_not_pruned() -> None:
    """A release counts as used until the moment when the next one replaced it, however old its archive is."""
    now = datetime.now(UTC)
    ages = {"a": 400, "b": 300, "c": 200, "d": 100}
    archives = {name: Archive(release=name, size=1, stored=now - timedelta(days=age)) for name, age in ages.items()}
    since = [("d", 5), ("b", 50), ("a", 100), ("c", 200)]
    history = [
        Publication(pointer=Pointer(release=name, size=1, files=1, published_by="x"), when=now - timedelta(days=days))
        for name, days in since
    ]

    def pruned(keep: int, days: int) -> list[str]:
        before = now - timedelta(days=days)
        return [one.release for one in prunable(archives, history, protected={"d"}, keep=keep, before=before)]

    assert pruned(0, 30) == ["c", "a"], "b was current until 5 days ago"
    assert pruned(3, 30) == ["c"]
    assert pruned(0, 60) == ["c"], "a was current until 50 days ago"
    assert pruned(0, 0) == ["c", "a", "b"]


@pytest.mark.parametrize("operation", ["publish", "rollback"])
def test_the_two_ways_of_publishing_do_not_fight(desk: Desk, operation: str) -> None:
    """Where `pulumi up` owns the pointer the command refuses before it asks S3 anything, and shows the setting."""
    status, _, err = desk.run(operation, stack="theirs")
    assert (status, desk.emulator.requests) == (2, [])
    assert "Pulumi.theirs.yaml" in err
    assert "dags: { publisher: command }" in err
    assert desk.run("list", stack="theirs")[0] == 0, "reading is everybody's"


@pytest.mark.parametrize(
    ("name", "says"), [("slip", "'comand'; allowed are pulumi and command"), ("none", "stacks here: own, slip, theirs")]
)
def test_a_wrong_stack_is_told_as_one(desk: Desk, name: str, says: str) -> None:
    """A stack that does not exist, or whose setting has a slip, is refused with what is allowed."""
    status, _, err = desk.run("publish", stack=name)
    assert status == 2
    assert says in err


def test_a_bucket_that_is_not_there_is_an_error_in_one_line(desk: Desk) -> None:
    """What S3 refuses is shown as one line that names the bucket."""
    desk.bucket += "-missing"
    status, _, err = desk.publish(b"one")
    assert status == 1
    assert len(err.splitlines()) == 1
    assert desk.bucket in err


def test_without_a_python_that_has_airflow_publishing_is_refused(desk: Desk) -> None:
    """DAGs that nobody can try are not published by accident."""
    write(desk.checkout / "dags", {"a.py": DAG})
    status, _, err = desk.run("publish", "--folder", str(desk.checkout / "dags"), "--python", "/no/such/python")
    assert (status, desk.writes()) == (2, [])
    assert "--no-check" in err


def test_dags_that_do_not_import_are_refused_all_at_once(desk: Desk) -> None:
    """Every file that does not import is named with the line to mend, in the module where it broke; no traceback."""
    pytest.importorskip("airflow", reason="needs .venv-airflow, which `make local` makes")
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
    assert "3 files do not import" in err
    assert "lib/helper.py:3: ZeroDivisionError: division by zero (imported by through.py)" in err
    assert "missing.py:3: ModuleNotFoundError" in err
    assert "syntax.py:2: SyntaxError" in err
    assert "Traceback" not in err
    for name in ("syntax.py", "missing.py", "through.py"):
        (folder / name).unlink()
    status, out, _ = desk.run("publish", "--folder", str(folder), "--python", sys.executable)
    assert status == 0
    assert "1 DAGs import: good" in out


def test_a_place_outside_the_release_is_not_blamed() -> None:
    """An error deep in a library is reported at the DAG's own line that led there."""
    text = 'Traceback\n  File "/f/a.py", line 7, in <module>\n  File "/usr/lib/x.py", line 900, in go\nValueError: no\n'
    assert explain("a.py", text, Path("/f")) == "a.py:7: ValueError: no"


def test_the_command_publishes_what_the_pods_read(desk: Desk, pytestconfig: pytest.Config) -> None:
    """The shipped dags/ make a release."""
    release = build_release(Path(pytestconfig.rootpath) / "dags", into=desk.checkout)
    assert "platform_canary.py" in release.files


def _keys(desk: Desk) -> list[str]:
    return [item["Key"] for item in desk.emulator.client().list_objects_v2(Bucket=desk.bucket)["Contents"]]
