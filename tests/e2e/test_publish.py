"""What an engineer publishes is what Airflow runs, seconds later."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from local.api import Api
from local.platform import Platform
from local.problem import Problem
from local.publish import publish
from local.startup import wait_for_dags

DAG = """
from airflow.sdk import dag, task

@dag(schedule=None, tags=["{tag}"])
def published():
    @task
    def only(): ...
    only()

published()
"""
SECONDS = 30


def test_a_dag_is_published_changed_and_removed(api: Api, platform: Platform, dag_folder: Path) -> None:
    """A new DAG appears, its change shows, and after its removal it is gone; each within half a minute."""
    file = dag_folder / "published.py"
    file.write_text(DAG.format(tag="first"))
    publish(platform, dag_folder)
    wait_for_dags(api, {"published"}, seconds=SECONDS)

    # Of the same size: Airflow's own S3 bundle would take it for the same file.
    file.write_text(DAG.format(tag="other"))
    publish(platform, dag_folder)
    assert eventually(lambda: tags(api) == ["other"])

    file.unlink()
    publish(platform, dag_folder)
    assert eventually(lambda: "published" not in api.dag_ids())


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
        with pytest.raises(Problem, match="no_such_module"):
            publish(platform, dag_folder, python=Path(sys.executable))
    finally:
        file.unlink()


def tags(api: Api) -> list[str]:
    return [tag["name"] for tag in api.call("GET", "dags/published")["tags"]]


def eventually(condition: object) -> bool:
    """Whether it becomes true in time."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.5)
    return False
