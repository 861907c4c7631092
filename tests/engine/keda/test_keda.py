"""Worker groups under a real KEDA and real autoscalers, by the tasks in a real PostgreSQL with Airflow's schema.

Times are a thirtieth of those of the settings (`autoscaling.quick`): 10 s of cooldown, a window of 20 s, one worker
less every 4 s. KEDA looks once a second, which is slower by comparison than in the cloud.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.charts_server import official
from tests.engine.keda.autoscaling import FASTER, Autoscaling
from tests.engine.test_charts import rendered

pytestmark = pytest.mark.engine

COOLDOWN = 300 / FASTER
WINDOW = 600 / FASTER
STEP = 120 / FASTER
LONG_ENOUGH = WINDOW + 2 * STEP
"""Whatever was to be scaled down would have been scaled down by then."""


@pytest.fixture(autouse=True)
def _no_tasks(request: pytest.FixtureRequest) -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    """After each test both queues are empty, and the way to the database is open."""
    yield
    for name in ("dev", "prod"):
        if name in request.fixturenames:
            stack: Autoscaling = request.getfixturevalue(name)
            stack.way.resume()
            stack.database.set_tasks("default")
            stack.database.set_tasks("bulk")


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_settings_are_those_of_the_program(stack: str, tmp_path: Path) -> None:
    """Unscaled: a look every 10 s, 0 after 5 idle minutes; less after 10 calm ones, one worker every 2 minutes."""
    made = rendered("airflow", stack, tmp_path / "chart", official("airflow"))
    scaled = [each["spec"] for each in made.values() if each["kind"] == "ScaledObject"]
    assert scaled
    for spec in scaled:
        assert (spec["pollingInterval"], spec["cooldownPeriod"]) == (10, 300)
        down = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
        assert down["stabilizationWindowSeconds"] == 600
        assert down["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 120}]


def test_an_idle_group_costs_nothing_and_a_task_wakes_it(dev: Autoscaling) -> None:
    """Without tasks no worker; with 17 tasks for workers of 8 three; with a hundred no more than the maximum of 4."""
    dev.becomes("main", 0)
    dev.database.set_tasks("default", queued=17)
    assert max(dev.becomes("main", 3).counts) == 3
    dev.database.set_tasks("default", queued=100)
    dev.becomes("main", 4)
    assert set(dev.watch(5, "main")["main"].counts) == {4}


def test_what_is_idle_for_the_cooldown_goes_to_nothing(dev: Autoscaling) -> None:
    """All tasks done, the workers stay for the cooldown, then go at once: none of them had anything to do."""
    dev.database.set_tasks("default", running=17)
    dev.becomes("main", 3)
    dev.database.set_tasks("default")
    done = time.monotonic()
    course = dev.becomes("main", 0)
    assert course.counts == [3, 0], course
    assert course.steps[-1][0] - done >= COOLDOWN - 2, course


def test_a_task_of_one_queue_leaves_the_other_group_alone(prod: Autoscaling) -> None:
    """Tasks of `bulk` start workers of `bulk` only; `main` keeps its minimum of two, and never less."""
    prod.becomes("bulk", 0)
    prod.becomes("main", 2)
    prod.database.set_tasks("bulk", queued=9)
    courses = prod.watch(60, "main", "bulk", until=lambda seen: seen["bulk"].last == 5)
    assert courses["bulk"].last == 5, prod.told("bulk")
    assert courses["main"].counts == [2]
    prod.database.set_tasks("bulk", running=9)
    prod.database.set_tasks("default", queued=33)
    courses = prod.watch(60, "main", "bulk", until=lambda seen: seen["main"].last == 5)
    assert courses["main"].last == 5, prod.told("main")
    assert courses["bulk"].counts == [5]


def test_fewer_workers_come_slowly_and_one_at_a_time(prod: Autoscaling) -> None:
    """Six workers, tasks left for three: all six stay for the window, then one goes at a time, never a needed one."""
    prod.database.set_tasks("bulk", running=12)
    prod.becomes("bulk", 6)
    prod.database.set_tasks("bulk", running=5)
    less = time.monotonic()
    course = prod.becomes("bulk", 3, seconds=90)
    assert course.counts == [6, 5, 4, 3], course
    assert course.steps[1][0] - less >= WINDOW - 2, course
    assert min(course.gaps) >= STEP - 1, course
    assert set(prod.watch(LONG_ENOUGH, "bulk")["bulk"].counts) == {3}


def test_a_group_with_a_minimum_never_goes_below(prod: Autoscaling) -> None:
    """`main` had work for four workers and has none left: it comes back to two, and stays there."""
    prod.database.set_tasks("default", running=32)
    prod.becomes("main", 4)
    prod.database.set_tasks("default")
    assert min(prod.becomes("main", 2, seconds=90).counts) == 2
    assert set(prod.watch(LONG_ENOUGH, "main")["main"].counts) == {2}


@pytest.mark.parametrize("trouble", ["hangs", "is away"])
def test_no_worker_goes_while_the_database_is_silent(prod: Autoscaling, trouble: str) -> None:
    """While the database hangs, or is stopped, both groups stay as they are; when it is back, scaling goes on."""
    prod.database.set_tasks("bulk", running=9)
    prod.database.set_tasks("default", running=24)
    prod.becomes("bulk", 5, seconds=120)
    prod.becomes("main", 3, seconds=120)
    if trouble == "hangs":
        prod.way.hang()
    else:
        prod.database.stop()
    courses = prod.watch(LONG_ENOUGH, "bulk", "main")
    if trouble == "hangs":
        prod.way.resume()
    else:
        prod.database.start()
    assert courses["bulk"].counts == [5], courses
    assert courses["main"].counts == [3], courses
    prod.database.set_tasks("bulk", queued=6, running=9)
    prod.database.set_tasks("default", queued=8, running=24)
    prod.becomes("bulk", 8)
    prod.becomes("main", 4)


def test_a_database_whose_host_is_gone_is_found_again(prod: Autoscaling) -> None:
    """A standby takes over, and the old host answers to nothing: KEDA gives up connecting to it, and tries again.

    Within the cooldown no worker goes. What is beyond it, chart/keda.py says. Connections that are open when the host
    goes are cut here. Were they to fall silent, KEDA's query would wait for the kernel to give them up, a quarter of an
    hour by Linux's defaults, and nothing in KEDA makes that shorter.
    """
    prod.database.set_tasks("bulk", running=9)
    prod.becomes("bulk", 5, seconds=120)
    before = prod.way.tries
    prod.way.lose()
    courses = prod.watch(0.8 * COOLDOWN, "bulk")
    assert prod.way.tries > before, "KEDA did not connect again"
    prod.way.resume()
    assert courses["bulk"].counts == [5], courses
    prod.database.set_tasks("bulk", queued=6, running=9)
    prod.becomes("bulk", 8)


def test_keda_believes_only_its_own_authority(prod: Autoscaling) -> None:
    """KEDA asks over TLS, as PGSSLMODE of our values says: the database lets nobody in without."""
    query = (
        "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE query LIKE '%task_instance%'"
        " AND pid <> pg_backend_pid()"
    )
    deadline = time.monotonic() + 60
    with prod.database.connect() as connection:
        while not (rows := connection.execute(query).fetchall()) and time.monotonic() < deadline:
            connection.rollback()
            time.sleep(0.5)
    assert rows, "KEDA asked nothing for a minute"
    assert all(encrypted for (encrypted,) in rows)


def test_the_last_worker_of_a_large_group_comes_too(prod: Autoscaling) -> None:
    """Eighteen workers, tasks for nineteen: one more starts, and with tasks for a hundred no more than the maximum.

    Stands last, as so many workers take long to go.
    """
    prod.database.set_tasks("bulk", queued=36)
    prod.becomes("bulk", 18, seconds=90)
    prod.database.set_tasks("bulk", queued=38)
    prod.becomes("bulk", 19, seconds=20)
    prod.database.set_tasks("bulk", queued=200)
    prod.becomes("bulk", 20, seconds=20)
    assert set(prod.watch(5, "bulk")["bulk"].counts) == {20}
