"""The order in which things start: data directory, certificates, servers, DAGs, schema, Airflow, health."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from local import health
from local.airflow.api import Api
from local.platform import Platform
from local.ports import SINGLE_SIGN_ON, remember
from local.processes.leftovers import stop_leftovers
from local.processes.manager import Processes
from local.processes.process import Process
from local.publish import publish
from local.report import Report
from local.services import node_programs
from refused import Refused

FOUNDATION_SECONDS = 60
COMPONENT_SECONDS = 300
DAG_SECONDS = 120


@contextlib.contextmanager
def running(platform: Platform, report: Report, *, dags: Path) -> Iterator[Processes]:
    """The whole platform, healthy. At the end, whatever ended it, everything is stopped."""
    state = platform.state
    state.prepare()
    with state.held():
        _clear(platform, report)
        platform.ports.check(SINGLE_SIGN_ON if not platform.single_sign_on else ())
        if platform.single_sign_on:
            with report.doing("installing the provider"):
                node_programs.installed()
        with report.doing("creating certificates, database"):
            platform.database.create(platform.passwords.database, platform.files)
        foundations, components = platform.foundations(), platform.components()
        remember(platform.ports, state, single_sign_on=platform.single_sign_on)
        processes = Processes(state, platform.passwords.processes)
        try:
            processes.open([*foundations, *components])
            _bring_up(platform, processes, report, foundations=foundations, components=components, dags=dags)
            yield processes
        finally:
            with report.doing("stopping everything"):
                processes.close()
                stop_leftovers(state, platform.database.data)


def _clear(platform: Platform, report: Report) -> None:
    stopped = stop_leftovers(platform.state, platform.database.data)
    if stopped:
        report.say(f"The previous run was killed. It left {stopped} processes behind, which are stopped now.")


def _bring_up(
    platform: Platform,
    processes: Processes,
    report: Report,
    *,
    foundations: Sequence[Process],
    components: Sequence[Process],
    dags: Path,
) -> None:
    since = time.time()
    processes.start(*(process.name for process in foundations))
    _wait(platform, processes, report, names=[process.name for process in foundations], seconds=FOUNDATION_SECONDS)
    platform.databases.create()
    with report.doing("publishing DAGs"):
        publish(platform, dags)
    if not platform.databases.is_migrated():
        with report.doing("migrating the database"):
            platform.databases.migrate()
    processes.start(*(process.name for process in components))
    if platform.databases.lacks_admin():
        with report.doing("creating the user"):
            platform.databases.create_admin()
    names = [process.name for process in components]
    _wait(platform, processes, report, names=names, seconds=COMPONENT_SECONDS, since=since)


def _wait(
    platform: Platform,
    processes: Processes,
    report: Report,
    *,
    names: Sequence[str],
    seconds: float,
    since: float = 0,
) -> None:
    known = health.checks(platform, since=since)
    mine = {name: known[name] for name in names if name in known}
    try:
        with report.console.status(f"starting {', '.join(mine)} ..."):
            for name, took in health.wait(mine, seconds=seconds, alive=lambda: _look(platform, processes)):
                report.done(f"{name} is ready", took)
    except TimeoutError as error:
        raise Refused(f"Not ready after {seconds:.0f} s: {error}.", f"Look into {platform.state.logs}/") from None


def _look(platform: Platform, processes: Processes) -> None:
    """Fail at once when a process cannot start, and say why."""
    for name, process in processes.states().items():
        if process["statename"] == "BACKOFF" and process["spawnerr"].startswith("can't"):
            raise Refused(
                f"{name} cannot be started: {process['spawnerr']}.", f"Look into {platform.state.logs}/{name}.log"
            )


def wait_for_dags(api: Api, wanted: set[str], *, seconds: float = DAG_SECONDS) -> float:
    """Seconds until Airflow knows these DAGs."""
    started = time.monotonic()
    while missing := wanted - api.dag_ids():
        if time.monotonic() - started > seconds:
            errors = "; ".join(
                f"{error['filename']}: {error['stack_trace'].strip().splitlines()[-1]}" for error in api.import_errors()
            )
            raise Refused(
                f"Not there after {seconds:.0f} s: {', '.join(sorted(missing))}. {errors}",
                "Correct the DAGs and publish.",
            )
        time.sleep(0.3)
    return time.monotonic() - started
