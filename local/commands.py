"""What each command does."""

from __future__ import annotations

import json
import shutil
import signal
import sys
import threading
import time
from argparse import Namespace
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import psutil
from rich.table import Table

from local import stack
from local.airflow import database
from local.airflow.api import Api
from local.platform import Platform
from local.ports import Ports
from local.problem import Problem
from local.processes.leftovers import stop_leftovers
from local.processes.logs import Logs
from local.processes.manager import Processes
from local.publish import publish as publish_folder
from local.report import Report
from local.services.postgres import forget, postgres
from local.startup import remembered_ports, running, wait_for_dags
from local.state import State

CANARY = "platform_canary"
CANARY_SECONDS = 120


def up(options: Namespace) -> int:
    """Run the platform in the foreground."""
    report = Report()
    started = time.monotonic()
    platform = Platform(state=State(options.data.resolve()), stack=stack.load(options.settings), ports=_ports(options))
    # Whoever stops a service means the same as Ctrl-C. A shell's `&` ignores the latter for us; we do not.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    # So does whoever closes the terminal, except behind `nohup`.
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _interrupt)
    with running(platform, report, dags=options.dags) as processes:
        if (options.dags / f"{CANARY}.py").exists():
            _canary(platform, report)
        stop = threading.Event()
        names = list(processes.states())
        logs = Logs(platform.state.logs, names, report.console)
        logs.skip()
        try:
            _banner(platform, report, time.monotonic() - started)
            if not options.quiet:
                threading.Thread(target=logs.follow, args=(stop,), daemon=True).start()
            while processes.alive():
                time.sleep(1)
        except KeyboardInterrupt:
            stop.set()
            # A second Ctrl-C while things stop would leave some of them behind.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            report.say("")
            return 0
    raise Problem("The process manager is gone.", "Start again; nothing is lost.")


def status(options: Namespace) -> int:
    """A table of the processes."""
    platform = _running(options)
    table = Table("process", "state", "pid", "since", "memory")
    for name, process in _processes(platform).states().items():
        since = time.strftime("%H:%M:%S", time.localtime(process["start"])) if process["pid"] else ""
        used = f"{memory(process['pid']) / 2**20:.0f} MiB" if process["pid"] else ""
        table.add_row(name, process["statename"].lower(), str(process["pid"] or ""), since, used)
    Report().console.print(table)
    return 0


def logs(options: Namespace) -> int:
    """Last lines, and with --follow what comes."""
    state = State(options.data.resolve())
    known = sorted(path.stem for path in state.logs.glob("*.log"))
    unknown = set(options.names) - set(known)
    if unknown or not known:
        raise Problem(
            f"No log of {', '.join(sorted(unknown)) or 'anything'}.", f"There are: {', '.join(known) or 'none yet'}."
        )
    reader = Logs(state.logs, options.names or known)
    reader.tail(options.lines)
    if options.follow:
        reader.follow(threading.Event())
    return 0


def trigger(options: Namespace) -> int:
    """Run a DAG, wait, and say how it ended."""
    platform = _running(options)
    try:
        conf: dict[str, Any] = json.loads(options.conf)
    except ValueError as error:
        raise Problem(f"--conf is no JSON: {error}.", """For example: --conf '{"day": "2026-01-01"}'""") from None
    client = api(platform)
    if options.dag not in client.dag_ids():
        raise Problem(f"There is no DAG {options.dag}.", f"There are: {', '.join(sorted(client.dag_ids()))}.")
    client.unpause(options.dag)
    started = time.monotonic()
    run = client.trigger(options.dag, conf)
    state = client.finished(options.dag, run, seconds=options.seconds)
    Report().say(f"{options.dag} {run}: {state} after {time.monotonic() - started:.1f} s")
    return 0 if state == "success" else 1


def publish(options: Namespace) -> int:
    """Publish DAGs to the running platform."""
    platform = _running(options)
    _processes(platform)
    report = Report()
    report.say(publish_folder(platform, options.folder, python=Path(sys.executable)))
    report.say(f"Airflow looks every {platform.stack.settings.airflow.dag_refresh_seconds} s.")
    return 0


def reset(options: Namespace) -> int:
    """Forget everything but what is installed."""
    state = State(options.data.resolve())
    if not state.root.exists():
        return 0
    with state.held():
        stop_leftovers(state, postgres(state))
        forget(state)
        shutil.rmtree(state.root)
    Report().say(f"{state.root} is gone.")
    return 0


def api(platform: Platform) -> Api:
    """The API as the platform's one user."""
    username, password = database.login(platform)
    return Api(platform.url, username=username, password=password)


def _canary(platform: Platform, report: Report) -> None:
    client = api(platform)
    wait_for_dags(client, {CANARY})
    client.unpause(CANARY)
    started = time.monotonic()
    with report.console.status("running the canary ..."):
        run = client.trigger(CANARY)
        state = client.finished(CANARY, run, seconds=CANARY_SECONDS)
    if state != "success":
        raise Problem(
            f"The canary is {state} after {time.monotonic() - started:.0f} s.", f"Look into {platform.state.logs}/"
        )
    report.done("the canary succeeded", time.monotonic() - started)


def _banner(platform: Platform, report: Report, seconds: float) -> None:
    username, password = database.login(platform)
    report.say(f"\nReady after {seconds:.0f} s.\n\n  {platform.url}\n  user      {username}\n  password  {password}\n")
    if platform.values["flower"]["enabled"]:
        report.say(
            f"  Flower    http://127.0.0.1:{platform.ports.flower} (user flower, password {platform.passwords.flower})"
        )
    report.say(f"  S3        {platform.emulator} (any credentials)\n\nCtrl-C stops everything.\n")


def _ports(options: Namespace) -> Ports:
    ports = Ports.free() if options.free_ports else Ports()
    names = {field.name.replace("_", "-"): field.name for field in fields(Ports)}
    for choice in options.port:
        name, _, number = choice.partition("=")
        if name not in names or not number.isdigit() or not 1 <= int(number) <= 65535:
            raise Problem(
                f"--port {choice} is not understood.",
                f"NAME=PORT, with NAME one of {', '.join(names)} and PORT 1 to 65535.",
            )
        ports = replace(ports, **{names[name]: int(number)})
    return ports


def _running(options: Namespace) -> Platform:
    state = State(options.data.resolve())
    return Platform(state=state, stack=stack.load(options.settings), ports=remembered_ports(state))


def _processes(platform: Platform) -> Processes:
    processes = Processes(platform.state, platform.passwords.processes)
    if not processes.alive():
        raise Problem("The platform does not run.", "Start it with `make local`.")
    return processes


def memory(pid: int) -> int:
    """Proportional memory of a process and everything it started."""
    total = 0
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        try:
            info = process.memory_full_info()
        except psutil.Error:
            continue
        total += getattr(info, "pss", info.rss)
    return total


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
