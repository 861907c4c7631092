"""Tests of the real engine run when asked for: `pytest -m engine`, or `make test-engine`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, final

import pytest

from tests.engine.charts_server import ChartRepository, in_use
from tests.engine.cluster import Cluster
from tests.engine.events import Outcome
from tests.engine.programs import PULUMI_SDK, missing
from tests.engine.stage import Stage


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "engine: runs the real Pulumi engine; needs `make engine`")


# Before xdist, which reads the marks in this hook, too.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without being asked for, these tests stay away: they take minutes, and programs that are built first."""
    if "engine" in (config.option.markexpr or ""):
        for item in items:
            item.add_marker(pytest.mark.xdist_group(_together(item)))
        return
    unasked = [item for item in items if item.get_closest_marker("engine")]
    if unasked:
        config.hook.pytest_deselected(items=unasked)
        items[:] = [item for item in items if item not in unasked]


def _together(item: pytest.Item) -> str:
    """Tests of one stack share a process (`--dist loadgroup`), so that it is deployed once; others a file."""
    fixtures: list[str] = getattr(item, "fixturenames", [])
    callspec = getattr(item, "callspec", None)
    if "deployed" in fixtures and callspec:
        return f"deployed {callspec.params['deployed']}"
    if "lives" in fixtures:
        return "lives"
    # With a stage of its own it shares nothing.
    return item.nodeid if "stage" in fixtures else item.path.stem


pytest_plugins = ["tests.skips"]


@pytest.fixture(scope="session")
def pulumi() -> None:
    """Pulumi is there, or the tests say how to get it."""
    _there(missing("pulumi", folders=[PULUMI_SDK]))


def _there(absent: list[str]) -> None:
    if absent:
        pytest.fail(f"not built yet: {', '.join(absent)}; run `make engine`", pytrace=False)


@final
@dataclass
class Life:
    """A stack that was deployed once, and what each step of it showed. `backend` holds every version of its state."""

    name: str
    stage: Stage
    outcomes: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    resources: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """As the engine recorded them after the first `up`, secrets in the clear."""


@pytest.fixture(scope="session")
def lives(tmp_path_factory: pytest.TempPathFactory, pulumi: None) -> Iterator[Callable[[str], Life]]:  # noqa: ARG001
    """A stack by its name: previewed, deployed with doubles only, previewed again, refreshed; once a session."""
    with contextlib.ExitStack() as stages:

        @cache
        def live(name: str) -> Life:
            return _live(name, stages.enter_context(Stage(tmp_path_factory.mktemp(name) / "stage", stack=name)))

        yield live


def _live(name: str, stage: Stage) -> Life:
    found = Life(name=name, stage=stage)
    stage.engine.init(name)
    found.outcomes["first preview"] = stage.engine.preview(name)
    found.outcomes["up"] = stage.engine.up(name)
    found.resources = stage.engine.resources(name, show_secrets=True)
    found.outcomes["preview"] = stage.engine.preview(name)
    found.outcomes["refresh"] = stage.engine.refresh(name)
    return found


@pytest.fixture(params=["dev", "prod"])
def life(request: pytest.FixtureRequest, lives: Callable[[str], Life]) -> Life:
    """Each stack in turn."""
    return lives(str(request.param))


@final
@dataclass(kw_only=True)
class Deployed:
    """A stack on a real API server, by the real provider and Helm."""

    name: str
    stage: Stage
    cluster: Cluster
    outcomes: dict[str, Outcome] = field(default_factory=dict[str, Outcome])


@pytest.fixture(scope="session", params=["dev", "prod"])
def deployed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """Each stack in turn, deployed to a control plane of its own, previewed again, refreshed."""
    _there(missing())
    name = str(request.param)
    folder = tmp_path_factory.mktemp(f"deployed-{name}")
    with (
        Cluster(folder / "cluster") as cluster,
        ChartRepository(folder / "charts") as charts,
        Stage(folder / "stage", stack=name, kubeconfig=cluster.kubeconfig, checkpoints=False) as stage,
    ):
        charts.serve(stage.project)
        stage.engine.init(name)
        found = Deployed(name=name, stage=stage, cluster=cluster)
        found.outcomes["up"] = stage.engine.up(name)
        found.outcomes["preview"] = stage.engine.preview(name)
        found.outcomes["refresh"] = stage.engine.refresh(name)
        yield found


def pytest_report_header() -> str:
    return f"charts: {in_use()}"
