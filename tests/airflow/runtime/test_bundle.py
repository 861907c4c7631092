"""The bundle of releases against an S3 emulator: what a load and a refresh ask, and which release they show."""

from __future__ import annotations

import os
import time
from pathlib import Path

from airflow.providers.standard.operators.bash import BashOperator

from tests.airflow.runtime.conftest import FIRST, SECOND, Platform, files


def test_the_first_load_takes_two_requests(platform: Platform) -> None:
    """A host without anything asks for the pointer and the archive, whatever the number of files."""
    release = platform.publish({f"dag_{index}.py": b"x" for index in range(300)})
    bundle = platform.started()
    assert platform.asked == ["GET current.json 200", f"GET {release[:12]} 200"]
    assert len(files(bundle.path)) == 300
    assert bundle.get_current_version().version == release


def test_a_refresh_without_change_is_one_conditional_request(platform: Platform) -> None:
    """Nothing new: one request, no body."""
    platform.publish(FIRST)
    bundle = platform.started()
    bundle.refresh()
    platform.emulator.forget()
    bundle.refresh()
    assert platform.asked == ["GET current.json 304"]
    assert platform.emulator.bytes_sent == 0


def test_a_refresh_switches_at_once_and_completely(platform: Platform) -> None:
    """After a publication one refresh shows the new files, all of them and no old one, also of the same size."""
    platform.publish(FIRST)
    bundle = platform.started()
    bundle.refresh()
    path = bundle.path
    second = platform.publish(SECOND)
    bundle.refresh()
    assert bundle.path == path, "files that wait in the dag-processor's queue must lead to the new release"
    assert files(path) == SECOND
    assert bundle.get_current_version().version == second


def test_everything_is_parsed_again_after_a_switch(platform: Platform) -> None:
    """A file that imports a changed one has not changed itself: all are newer than any parse before the switch."""
    first = platform.publish(FIRST)
    bundle = platform.started()
    platform.publish(SECOND)
    bundle.refresh()
    versions = bundle.path.resolve().parent
    for file in (versions / first).rglob("*.py"):
        os.utime(file, (0, 0))
    platform.publish(FIRST)
    before = time.time()
    bundle.refresh()
    assert min(file.stat().st_mtime for file in bundle.path.rglob("*.py")) > before


def test_a_task_of_a_known_release_asks_nobody(platform: Platform) -> None:
    """A task start costs no request, also with S3 away, also while somebody holds every lock of a refresh."""
    release = platform.publish(FIRST)
    refresher = platform.started()
    platform.emulator.forget()
    platform.emulator.away = True
    with refresher._cache.looking(wait=True):
        bundle = platform.started(release)
    assert platform.asked == []
    assert files(bundle.path) == FIRST


def test_a_run_keeps_its_release(platform: Platform) -> None:
    """A run's tasks get the release of its start: after a publication, after a rollback, and on a host without it."""
    first = platform.publish(FIRST)
    processor = platform.started()
    second = platform.publish(SECOND)
    processor.refresh()
    assert files(platform.started(first).path) == FIRST
    platform.publish(FIRST)
    processor.refresh()
    assert files(platform.started(second).path) == SECOND
    platform.host += "-other"
    platform.emulator.forget()
    assert files(platform.started(second).path) == SECOND
    assert platform.asked == [f"GET {second[:12]} 200"]


def test_a_process_that_does_not_refresh_stays_where_it_is(platform: Platform) -> None:
    """A task without a version imports late modules from the release that it began with, not from the next one."""
    platform.publish(FIRST)
    task, processor = platform.started(), platform.started()
    platform.publish(SECOND)
    processor.refresh()
    assert files(task.path) == FIRST
    assert files(platform.started().path) == SECOND


def test_a_task_without_a_version_asks_once_an_interval(platform: Platform) -> None:
    """Where runs are not pinned, a worker still gets new releases: the first start in each interval asks."""
    platform.publish(FIRST)
    platform.started(refresh_interval=60)
    platform.publish(SECOND)
    assert files(platform.started(refresh_interval=60).path) == FIRST
    assert platform.asked == []
    assert files(platform.started(refresh_interval=0).path) == SECOND


def test_a_task_without_a_version_does_not_wait_for_who_asks(platform: Platform) -> None:
    """While another process asks S3, a start takes what is there."""
    platform.publish(FIRST)
    asking = platform.started()
    platform.publish(SECOND)
    with asking._cache.looking(wait=True):
        assert files(platform.started().path) == FIRST


def test_an_empty_bucket_is_a_state(platform: Platform) -> None:
    """Before the first publication there are no DAGs and no error; the first one appears with a refresh."""
    bundle = platform.started()
    bundle.refresh()
    assert bundle.get_current_version() is None
    assert files(bundle.path) == {}
    platform.publish(FIRST)
    bundle.refresh()
    assert files(bundle.path) == FIRST


def test_a_bundle_that_nobody_initialised_costs_nothing(platform: Platform) -> None:
    """Scheduler and API server make bundles only to ask for a link: no request, no file."""
    bundle = platform.bundle()
    assert bundle.view_url_template() is None
    assert not bundle.base_dir.exists()
    assert platform.asked == []


def test_the_dag_processor_finds_the_files_through_the_link(platform: Platform) -> None:
    """Airflow's own search, with its .airflowignore, works on the path that the bundle gives it."""
    from airflow.utils.file import list_py_file_paths

    dag = b"from airflow.sdk import dag\n"
    platform.publish({"a.py": dag, "lib/helper.py": dag, ".airflowignore": b"lib/\n"})
    bundle = platform.started()
    bundle.refresh()
    assert [Path(path).relative_to(bundle.path) for path in list_py_file_paths(bundle.path)] == [Path("a.py")]


def test_a_task_runs_a_script_of_its_release(platform: Platform) -> None:
    """A script that its author may run is one that the task may run, from the folder that the bundle gives it."""
    release = platform.publish({"team/run.sh": b"#!/bin/sh\necho it ran\n"}, runs="team/run.sh")
    script = platform.started(release).path / "team" / "run.sh"
    # The space keeps Airflow from taking the path for that of a template.
    task = BashOperator(task_id="run", bash_command=f"{script} ")
    assert task.execute({}) == "it ran"
