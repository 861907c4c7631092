"""Each stack's worker groups under KEDA, for a file of tests: a cluster takes its share of a core, even an idle one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.keda.autoscaling import Autoscaling
from tests.engine.keda.database import AIRFLOW_PYTHON
from tests.engine.programs import KEDA, KWOK, missing

PROGRAMS = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kwok",
    "keda-operator",
    "keda-adapter",
)


@pytest.fixture(scope="session")
def _ready() -> None:  # pyright: ignore[reportUnusedFunction]
    absent = missing(*PROGRAMS, folders=[KEDA, KWOK])
    if absent:
        pytest.fail(f"not built yet: {', '.join(absent)}; run `make engine`", pytrace=False)
    if not AIRFLOW_PYTHON.exists():
        pytest.fail(f"no {AIRFLOW_PYTHON}, whose migrations make the schema; run `make local`", pytrace=False)


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory, _ready: None) -> Iterator[Autoscaling]:
    """One group, which goes to 0."""
    with Autoscaling("dev", tmp_path_factory.mktemp("keda-dev")) as found:
        yield found


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory, _ready: None) -> Iterator[Autoscaling]:
    """Two groups: `main`, of which two workers always run, and `bulk`, which goes to 0."""
    with Autoscaling("prod", tmp_path_factory.mktemp("keda-prod")) as found:
        yield found
