"""What a release promises, on a running platform: all of it or nothing, a run keeps its own, and S3 may be away.

Two publishers at once: tests/airflow/scripts/test_publishing.py, where every order of their requests can be tried.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from stage import Stage, eventually

from releases.build import build_release
from releases.pointer import archive_key, pointer_key, pointer_to
from scripts.dags.person import person
from scripts.dags.publish import roll_back

DAG = "versions"
VISIBLE_SECONDS = 60
"""For a machine that is busy; how long it takes is printed."""
RUN_SECONDS = 120
AWAY_SECONDS = 12.0
"""Two refreshes and more."""
STAYS = "stays with release"
FILES = 1000


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """A file that is not there yet, in a folder that tasks may look into."""
    tmp_path.chmod(0o755)
    return tmp_path / "gate"


def test_a_change_is_visible_within_seconds(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Published, the change of a DAG shows in the API at the next refresh, and the next run is of it."""
    write(stage, "visible")
    began = time.monotonic()
    stage.publish()
    published = time.monotonic() - began
    visible = eventually(lambda: shown(stage) == "visible", seconds=VISIBLE_SECONDS)
    say(capsys, f"published in {published:.1f} s, visible {visible:.1f} s later")
    assert ran(stage) == ["visible"] * 3


def test_a_run_keeps_the_release_that_it_started_with(stage: Stage, gate: Path) -> None:
    """A change that is published and visible between two tasks of a run reaches the next run, and not this one: neither
    the DAG's file nor a module that it imports late."""
    write(stage, "kept")
    old = stage.publish()
    eventually(lambda: shown(stage) == "kept", seconds=VISIBLE_SECONDS)
    run = stage.api.trigger(DAG, {"gate": str(gate)})
    eventually(lambda: stage.returned(DAG, run, "before"), seconds=RUN_SECONDS)
    write(stage, "next")
    new = stage.publish()
    eventually(lambda: shown(stage) == "next", seconds=VISIBLE_SECONDS)
    gate.touch()
    assert stage.api.finished(DAG, run, seconds=RUN_SECONDS) == "success"
    assert answers(stage, run) == ["kept"] * 3
    assert release_of(stage, run) == old

    following = stage.api.trigger(DAG)
    assert stage.api.finished(DAG, following, seconds=RUN_SECONDS) == "success"
    assert answers(stage, following) == ["next"] * 3
    assert release_of(stage, following) == new


def test_a_rollback_is_a_publication_of_what_was(stage: Stage, gate: Path) -> None:
    """After a rollback the next run is of the release before, under its old name; the run that began keeps its own."""
    write(stage, "good")
    good = stage.publish()
    eventually(lambda: shown(stage) == "good", seconds=VISIBLE_SECONDS)
    write(stage, "bad")
    stage.publish()
    eventually(lambda: shown(stage) == "bad", seconds=VISIBLE_SECONDS)
    begun = stage.api.trigger(DAG, {"gate": str(gate)})
    eventually(lambda: stage.returned(DAG, begun, "before"), seconds=RUN_SECONDS)

    roll_back(stage.releases, person(stage.folder), to=None, dry_run=False)
    eventually(lambda: shown(stage) == "good", seconds=VISIBLE_SECONDS)
    gate.touch()
    assert stage.api.finished(DAG, begun, seconds=RUN_SECONDS) == "success"
    assert answers(stage, begun) == ["bad"] * 3
    run = stage.api.trigger(DAG)
    assert stage.api.finished(DAG, run, seconds=RUN_SECONDS) == "success"
    assert answers(stage, run) == ["good"] * 3
    assert release_of(stage, run) == good


def test_a_broken_release_changes_nothing(stage: Stage, tmp_path: Path) -> None:
    """An archive of other bytes than its name says is refused: DAGs stay, runs are of the release before, the log says
    why; the next good publication is taken."""
    write(stage, "whole")
    whole = stage.publish()
    eventually(lambda: shown(stage) == "whole", seconds=VISIBLE_SECONDS)
    dags = stage.api.dag_ids()
    write(stage, "tampered")
    release = build_release(stage.folder, into=tmp_path)
    # One byte of a constant: still a DAG that would import.
    content = release.archive.read_bytes().replace(b'VERSION = "tampered"', b'VERSION = "tampereD"')
    bucket = stage.platform.buckets.dags
    stage.s3.put_object(Bucket=bucket, Key=archive_key(release.sha256), Body=content)
    pointer = pointer_to(release, published_by="somebody else").document()
    seen = len(stage.log("dag-processor"))
    stage.s3.put_object(Bucket=bucket, Key=pointer_key(), Body=pointer.encode())

    eventually(lambda: f"{STAYS} {whole}" in stage.log("dag-processor")[seen:], seconds=VISIBLE_SECONDS)
    assert ran(stage) == ["whole"] * 3
    assert stage.api.dag_ids() == dags
    assert shown(stage) == "whole"
    assert not stage.api.import_errors()

    write(stage, "mended")
    stage.publish()
    eventually(lambda: shown(stage) == "mended", seconds=VISIBLE_SECONDS)


def test_s3_away_stops_nothing_that_is_known(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """While S3 does not answer, refreshes stay with the last good release and say so, and tasks of it start and end;
    what is published afterwards is visible as ever."""
    write(stage, "known")
    known = stage.publish()
    eventually(lambda: shown(stage) == "known", seconds=VISIBLE_SECONDS)
    seen = len(stage.log("dag-processor"))
    with stage.without("emulator"):
        began = time.monotonic()
        run = stage.api.trigger(DAG)
        started = eventually(lambda: stage.returned(DAG, run, "before"), seconds=RUN_SECONDS)
        eventually(lambda: f"{STAYS} {known}" in stage.log("dag-processor")[seen:], seconds=RUN_SECONDS)
        assert stage.api.finished(DAG, run, seconds=RUN_SECONDS) == "success"
        assert answers(stage, run) == ["known"] * 3
        time.sleep(max(0.0, AWAY_SECONDS - (time.monotonic() - began)))
        assert shown(stage) == "known"
        assert not stage.api.import_errors()
        away = time.monotonic() - began
    write(stage, "back")
    stage.publish()
    visible = eventually(lambda: shown(stage) == "back", seconds=VISIBLE_SECONDS)
    say(capsys, f"S3 away for {away:.0f} s: first task done after {started:.1f} s; published later, in {visible:.1f} s")
    assert ran(stage) == ["back"] * 3


def test_a_release_of_a_thousand_files(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """A release of a thousand files, most of them modules, is one archive like any other, and visible as soon."""
    package = stage.folder / "wide"
    package.mkdir()
    there = sum(path.is_file() for path in stage.folder.rglob("*") if "__pycache__" not in path.parts)
    for number in range(FILES - there):
        (package / f"module_{number:04}.py").write_text(f'"""One of many."""\n\nNUMBER = {number}\n')
    try:
        write(stage, "thousand")
        began = time.monotonic()
        stage.publish()
        published = time.monotonic() - began
        visible = eventually(lambda: shown(stage) == "thousand", seconds=VISIBLE_SECONDS)
        current = stage.releases.current()
        assert current.pointer
        assert len(current.pointer.files) == FILES
        say(capsys, f"{FILES} files published in {published:.1f} s, visible {visible:.1f} s later")
        assert ran(stage) == ["thousand"] * 3
    finally:
        shutil.rmtree(package)


def write(stage: Stage, version: str) -> None:
    """A new version of the DAG and of the module beside it."""
    for name, constant in (("versions.py", "VERSION"), ("parts/version.py", "PART")):
        source = (Path(__file__).parent / "dags" / name).read_text()
        changed = source.replace(f'{constant} = "first"', f'{constant} = "{version}"')
        assert changed != source
        (stage.folder / name).write_text(changed)


def shown(stage: Stage) -> str:
    """The version that the API shows."""
    [tag] = stage.api.call("GET", f"dags/{DAG}")["tags"]
    return tag["name"]


def ran(stage: Stage) -> list[str]:
    """What the three tasks of a new run say."""
    run = stage.api.trigger(DAG)
    assert stage.api.finished(DAG, run, seconds=RUN_SECONDS) == "success"
    return answers(stage, run)


def answers(stage: Stage, run: str) -> list[str]:
    """One version for each task: that of the file, which must be that of the module too."""
    said = [stage.returned(DAG, run, task) for task in ("before", "hold", "after")]
    assert all(version == part for version, part in said), said
    return [version for version, _ in said]


def release_of(stage: Stage, run: str) -> str:
    """The release that Airflow has noted for a run.

    Not that of its `dag_versions`, which is of the last change of the DAG's structure that the database has taken: it
    takes none within `[core] min_serialized_dag_update_interval` (30 s) of the one before.
    """
    return stage.api.call("GET", f"dags/{DAG}/dagRuns/{run}")["bundle_version"]


def say(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        print(f"\n{text}")
