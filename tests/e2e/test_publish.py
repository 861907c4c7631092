"""What an engineer publishes is what Airflow runs, seconds later."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from stage import eventually

from local.airflow.api import Api
from local.platform import Platform
from local.publish import publish
from local.startup import wait_for_dags
from refused import Refused

DAG = """
from airflow.sdk import dag, task

@dag(schedule=None, tags=["{tag}"])
def published():
    @task
    def work(): ...
    for name in {tasks}:
        work.override(task_id=name)()

published()
"""
SECONDS = 30


def source(*, tag: str = "any", tasks: Sequence[str] = ("only",)) -> str:
    return DAG.format(tag=tag, tasks=list(tasks))


def test_a_dag_is_published_changed_and_removed(api: Api, platform: Platform, dag_folder: Path) -> None:
    """A new DAG appears, its change shows, and after its removal it is gone; each within half a minute."""
    file = dag_folder / "published.py"
    file.write_text(source(tag="first"))
    publish(platform, dag_folder)
    wait_for_dags(api, {"published"}, seconds=SECONDS)

    # Of the same size: Airflow's own S3 bundle would take it for the same file.
    file.write_text(source(tag="other"))
    publish(platform, dag_folder)
    eventually(lambda: tags(api) == ["other"], seconds=SECONDS)

    file.unlink()
    publish(platform, dag_folder)
    eventually(lambda: "published" not in api.dag_ids(), seconds=SECONDS)


def test_a_task_added_right_after_another_change_is_run(api: Api, platform: Platform, dag_folder: Path) -> None:
    """A second change of a DAG's tasks, seconds after the first, reaches the next run as soon."""
    file = dag_folder / "published.py"
    try:
        for names in (["first"], ["first", "second"]):
            file.write_text(source(tasks=names))
            publish(platform, dag_folder)
            wait_for_dags(api, {"published"}, seconds=SECONDS)
            # Shorter than Airflow's own least time between two versions of a DAG in its database: 30 s.
            eventually(lambda names=names: tasks(api) == set(names), seconds=SECONDS / 2)
        api.unpause("published")
        run = api.trigger("published")
        assert api.finished("published", run, seconds=60) == "success"
        assert {task["task_id"] for task in api.tasks("published", run)} == {"first", "second"}
    finally:
        file.unlink()
        publish(platform, dag_folder)


def test_publishing_the_same_changes_nothing(api: Api, platform: Platform, dag_folder: Path, s3: Any) -> None:
    """Without a change, no object is written."""
    publish(platform, dag_folder)
    before = s3.head_object(Bucket=platform.buckets.dags, Key="current.json")["VersionId"]
    publish(platform, dag_folder)
    assert s3.head_object(Bucket=platform.buckets.dags, Key="current.json")["VersionId"] == before


def test_a_dag_that_does_not_import_is_refused(api: Api, platform: Platform, dag_folder: Path) -> None:
    """The platform keeps what it has, and the message names the file."""
    file = dag_folder / "broken.py"
    file.write_text("from airflow.sdk import dag\nimport no_such_module\n")
    try:
        with pytest.raises(Refused, match="no_such_module"):
            publish(platform, dag_folder, python=Path(sys.executable))
    finally:
        file.unlink()


def tags(api: Api) -> list[str]:
    return [tag["name"] for tag in api.call("GET", "dags/published")["tags"]]


def tasks(api: Api) -> set[str]:
    return {task["task_id"] for task in api.call("GET", "dags/published/tasks")["tasks"]}
