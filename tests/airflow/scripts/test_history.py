"""What was published: listed, compared, brought back, and at last deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from releases.pointer import Pointer
from scripts.dags.bucket import Archive, Publication
from scripts.dags.history import prunable
from tests.airflow.folders import write
from tests.airflow.scripts.desk import Desk


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
    assert status == 0, "an empty name counts as none: the one before"
    desk.emulator.client().delete_object(Bucket=desk.bucket, Key=f"releases/{target}.tar")
    assert "begins with" in desk.run("rollback", "--to", target)[2]


def test_rollback_mends_a_pointer_that_cannot_be_read(desk: Desk) -> None:
    """It goes back to the last one that could be read, as the hosts did; until then nothing is pruned."""
    desk.publish(b"one")
    desk.publish(b"two")
    last = desk.pointer()
    desk.emulator.client().put_object(Bucket=desk.bucket, Key="current.json", Body=b"{}")
    lines = desk.run("list")[1].splitlines()
    assert [line[0] for line in lines] == ["*", " ", " "]
    assert "current.json has format None" in lines[0]
    for operation in ("prune", "diff"):
        status, _, err = desk.run(operation)
        assert (status, "publish, or roll back" in err) == (2, True)
    assert desk.run("rollback")[0] == 0
    assert (desk.pointer()["release"], desk.pointer()["files"]) == (last["release"], last["files"])


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
        Publication(pointer=Pointer(release=name, size=1, published_by="x", files={}), when=now - timedelta(days=days))
        for name, days in since
    ]

    def pruned(keep: int, days: int) -> list[str]:
        before = now - timedelta(days=days)
        return [one.release for one in prunable(archives, history, protected={"d"}, keep=keep, before=before)]

    assert pruned(0, 30) == ["c", "a"], "b was current until 5 days ago"
    assert pruned(3, 30) == ["c"]
    assert pruned(0, 60) == ["c"], "a was current until 50 days ago"
    assert pruned(0, 0) == ["c", "a", "b"]


def _keys(desk: Desk) -> list[str]:
    return [item["Key"] for item in desk.emulator.client().list_objects_v2(Bucket=desk.bucket)["Contents"]]
