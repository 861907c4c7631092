"""`up`: run the platform in the foreground, until somebody ends it."""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import fields, replace
from pathlib import Path

from chart.parts import Part
from chart.secrets import FLOWER_USERNAME
from local import stack
from local.airflow.api import SUCCESS
from local.platform import Platform
from local.ports import Ports
from local.processes.logs import Logs
from local.processes.manager import Processes
from local.report import Report
from local.services.provider import PEOPLE, people
from local.startup import running, wait_for_dags
from local.state import State
from refused import Refused

CANARY = "platform_canary"
CANARY_SECONDS = 120
NEXT = """Next, in another terminal:
  make demo                                       land a day of observations, and see what becomes of them
  .venv-airflow/bin/python -m local publish dags  publish the DAGs again; they show within seconds
  .venv-airflow/bin/python -m local status        what runs
"""
STOPPED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def up(*, data: Path, settings: Path, dags: Path, ports: Ports, quiet: bool, single_sign_on: bool) -> int:
    """Start everything, prove it with the canary, and show the logs until Ctrl-C."""
    report = Report()
    started = time.monotonic()
    platform = Platform(
        state=State(data.resolve()), stack=stack.load(settings), ports=ports, single_sign_on=single_sign_on
    )
    _interrupt_on_signals()
    with running(platform, report, dags=dags) as processes:
        if (dags / f"{CANARY}.py").exists():
            _canary(platform, report)
        stop = threading.Event()
        logs = Logs(platform.state.logs, list(processes.states()), report.console)
        logs.skip()
        try:
            _banner(platform, report, time.monotonic() - started)
            if not quiet:
                threading.Thread(target=logs.follow, args=(stop,), daemon=True).start()
            _wait_while_alive(processes)
        except KeyboardInterrupt:
            stop.set()
            # A second Ctrl-C while things stop would leave some of them behind.
            for number in STOPPED:
                signal.signal(number, signal.SIG_IGN)
            report.say("")
            return 0
    raise Refused("The process manager is gone.", "Start again; nothing is lost.")


def chosen_ports(choices: list[str], *, free: bool) -> Ports:
    """The default ports or free ones, with each NAME=PORT in its place."""
    ports = Ports.free() if free else Ports()
    names = {field.name.replace("_", "-"): field.name for field in fields(Ports)}
    for choice in choices:
        name, _, number = choice.partition("=")
        if name not in names or not number.isdigit() or not 1 <= int(number) <= 65535:
            raise Refused(
                f"--port {choice} is not understood.",
                f"NAME=PORT, with NAME one of {', '.join(names)} and PORT 1 to 65535.",
            )
        ports = replace(ports, **{names[name]: int(number)})
    return ports


def _interrupt_on_signals() -> None:
    # A service manager that stops us means the same as Ctrl-C. A shell's `&` ignores Ctrl-C for us; we do not.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    # So does a terminal that closes, except behind `nohup`.
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _interrupt)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _wait_while_alive(processes: Processes) -> None:
    while processes.alive():
        time.sleep(1)


def _canary(platform: Platform, report: Report) -> None:
    client = platform.api()
    wait_for_dags(client, {CANARY})
    client.unpause(CANARY)
    started = time.monotonic()
    with report.console.status("running the canary ..."):
        run = client.trigger(CANARY)
        state = client.finished(CANARY, run, seconds=CANARY_SECONDS)
    if state != SUCCESS:
        raise Refused(
            f"The canary is {state} after {time.monotonic() - started:.0f} s.", f"Look into {platform.state.logs}/"
        )
    report.done("the canary succeeded", time.monotonic() - started)


def _banner(platform: Platform, report: Report, seconds: float) -> None:
    report.say(f"\nReady after {seconds:.0f} s.\n\n  {platform.url}")
    flower = platform.values[Part.FLOWER.values_key]["enabled"]
    if platform.single_sign_on:
        report.say(_people(platform))
    else:
        username, password = platform.login
        report.say(f"  user      {username}\n  password  {password}\n")
    if flower and platform.single_sign_on:
        report.say(f"  Flower    {platform.url}/flower/ (admin and op)")
    elif flower:
        login = f"user {FLOWER_USERNAME}, password {platform.passwords.flower}"
        report.say(f"  Flower    {platform.ports.flower_url} ({login})")
    report.say(f"  S3        {platform.emulator} (any credentials)\n")
    report.say(NEXT)
    report.say("Ctrl-C stops everything.\n")


def _people(platform: Platform) -> str:
    """Who can log in, and why a browser hesitates."""
    names = ", ".join(PEOPLE)
    return (
        f"  people    {names}\n  password  {platform.provider_keys.password} (of all)\n"
        f"  groups    {people(platform.state)} (change them, log in again)\n"
        f"  authority {platform.files.authority} (your browser asks once, unless it trusts this)\n"
    )
