"""What an engineer publishes is what Airflow runs, seconds later."""

from __future__ import annotations

import time
from pathlib import Path

from local.api import Api
from local.platform import Platform
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
    assert publish(platform, dag_folder).put == ["dags/published.py"]
    wait_for_dags(api, {"published"}, seconds=SECONDS)

    # Longer than before: Airflow's own S3 bundle takes a file of the same size for the same file.
    file.write_text(DAG.format(tag="second-and-longer"))
    publish(platform, dag_folder)
    assert eventually(lambda: tags(api) == ["second-and-longer"])

    file.unlink()
    assert publish(platform, dag_folder).removed == ["dags/published.py"]
    assert eventually(lambda: "published" not in api.dag_ids())


def test_publishing_the_same_changes_nothing(api: Api, platform: Platform, dag_folder: Path) -> None:
    """Without a change, no object is written."""
    publish(platform, dag_folder)
    again = publish(platform, dag_folder)
    assert (again.put, again.removed) == ([], [])


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
