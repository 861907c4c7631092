"""One platform for all end-to-end tests: free ports, a temporary directory, the DAGs that ship and some for tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prerequisites import want

want("airflow", "supervisor", environment=".venv-airflow", target="test-e2e")

from outages import IMPATIENT
from stage import Stage

from local import stack
from local.airflow.api import Api
from local.install import ROOT
from local.platform import Platform
from local.ports import Ports
from local.processes.manager import Processes
from local.report import Report
from local.services.bucket_files import client
from local.startup import running, wait_for_dags
from local.state import State

pytest_plugins = ["tests.skips"]


# Before xdist, which reads the marks in this hook, too.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here starts servers. In one process those with a platform of their own come first; last the faults."""
    here = Path(__file__).parent
    mine = [item for item in items if here in item.path.parents]
    for item in mine:
        item.add_marker(pytest.mark.e2e)
        item.add_marker(pytest.mark.xdist_group(_together(item)))
    order = {"test_lifecycle.py": -1, "test_faults.py": 1}
    items.sort(key=lambda item: order.get(item.path.name, 0))


def _together(item: pytest.Item) -> str:
    """With `-n 2 --dist loadgroup`, tests of one platform share a process, so that it is started once."""
    fixtures: list[str] = getattr(item, "fixturenames", [])
    return next((each for each in ("platform", "door") if each in fixtures), item.path.stem)


@pytest.fixture(scope="session")
def dag_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ships, and the tests' own."""
    folder = tmp_path_factory.mktemp("published") / "dags"
    shutil.copytree(ROOT / "dags", folder, ignore=shutil.ignore_patterns("__pycache__", ".ruff_cache"))
    shutil.copytree(Path(__file__).parent / "dags", folder, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """The parts, not yet started."""
    root = tmp_path_factory.mktemp("platform")
    settings = stack.load(ROOT / "Pulumi.local.yaml")
    return Platform(state=State(root), stack=settings, ports=Ports.free(), overrides=IMPATIENT)


@pytest.fixture(scope="session")
def processes(platform: Platform, dag_folder: Path) -> Iterator[Processes]:
    """The platform, healthy; stopped after the last test."""
    with running(platform, Report(), dags=dag_folder) as started:
        yield started


@pytest.fixture(scope="session")
def api(platform: Platform, processes: Processes, dag_folder: Path) -> Api:
    """The API, with every DAG of the folder there and unpaused."""
    session = platform.api()
    wanted = {path.stem for path in dag_folder.glob("*.py")}
    wait_for_dags(session, wanted)
    for dag in wanted:
        session.unpause(dag)
    return session


@pytest.fixture(scope="session")
def stage(platform: Platform, processes: Processes, api: Api, dag_folder: Path) -> Stage:
    """All of it together."""
    return Stage(platform=platform, processes=processes, api=api, folder=dag_folder)


@pytest.fixture(scope="session")
def s3(platform: Platform, processes: Processes) -> object:
    """The emulator's S3."""
    return client("s3", platform.emulator)
