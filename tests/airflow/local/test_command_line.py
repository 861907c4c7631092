"""`python -m local`: every call that is documented, with its defaults, its exit status and its way out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from local import __main__ as command_line
from local.install import ROOT
from local.ports import Ports
from refused import Refused

DEFAULTS = {"data": ROOT / ".local", "settings": ROOT / "Pulumi.local.yaml"}
DATA = {"data": DEFAULTS["data"]}
CALLS = {
    "up": ("run", {**DEFAULTS, "dags": ROOT / "dags", "ports": Ports(), "quiet": False, "single_sign_on": False}),
    "up --sso --port https=1": (
        "run",
        {**DEFAULTS, "dags": ROOT / "dags", "ports": Ports(https=1), "quiet": False, "single_sign_on": True},
    ),
    "--data d --settings s up --dags f --port flower=1 --port broker=2 --quiet": (
        "run",
        {
            "data": Path("d"),
            "settings": Path("s"),
            "dags": Path("f"),
            "ports": Ports(flower=1, broker=2),
            "quiet": True,
            "single_sign_on": False,
        },
    ),
    "demo": ("show", DEFAULTS),
    "status": ("running.status", DEFAULTS),
    "logs": ("directory.logs", {**DATA, "names": [], "lines": 20, "follow": False}),
    "logs broker -f -n 3 postgres": (
        "directory.logs",
        {**DATA, "names": ["broker", "postgres"], "lines": 3, "follow": True},
    ),
    "logs --follow --lines 3": ("directory.logs", {**DATA, "names": [], "lines": 3, "follow": True}),
    "trigger canary": ("running.trigger", {**DEFAULTS, "dag": "canary", "conf": "{}", "seconds": 600.0}),
    "trigger canary --conf {} --seconds 1.5": (
        "running.trigger",
        {**DEFAULTS, "dag": "canary", "conf": "{}", "seconds": 1.5},
    ),
    "publish": ("running.publish", {**DEFAULTS, "folder": ROOT / "dags"}),
    "publish f": ("running.publish", {**DEFAULTS, "folder": Path("f")}),
    "reset": ("directory.reset", DATA),
}


def called(line: str) -> Result:
    return CliRunner().invoke(command_line.app, line.split())


def replace(monkeypatch: pytest.MonkeyPatch, name: str, command: Callable[..., int]) -> None:
    monkeypatch.setattr(f"local.__main__.{name}", command)


@pytest.mark.parametrize("line", CALLS)
def test_each_call_reaches_its_command(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """Options and defaults arrive as they are documented; what the command returns is the exit status."""
    name, wanted = CALLS[line]
    given: dict[str, Any] = {}
    replace(monkeypatch, name, lambda **options: given.update(options) or 7)
    assert called(line).exit_code == 7
    assert given == wanted


def test_free_ports_are_free_but_for_those_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--free-ports` chooses every port, and `--port` still has the last word."""
    given: dict[str, Any] = {}
    replace(monkeypatch, "run", lambda **options: given.update(options) or 0)
    assert called("up --free-ports --port flower=4000").exit_code == 0
    ports = vars(given["ports"])
    assert ports["flower"] == 4000
    assert not {ports[name] for name in ports if name != "flower"} & set(vars(Ports()).values())


@pytest.mark.parametrize("line", ["", "fly", "up --fast", "up stray", "trigger", "logs -n many", "status --data d"])
def test_a_wrong_call_is_refused(line: str) -> None:
    """Exit status 2, as for any command."""
    assert called(line).exit_code == 2


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (Refused("It does not fly.", "Walk."), 1, "\nIt does not fly.\n  -> Walk.\n"),
        (httpx.ConnectError("refused"), 1, "\nThe API failed: refused\n  -> Look into d/logs/api-server.log\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_each_end_has_its_status(monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, said: str) -> None:
    """What goes wrong is said on stderr, with the way out and without a traceback."""

    def fails(**_: object) -> int:
        raise error

    replace(monkeypatch, "running.status", fails)
    result = called("--data d status")
    assert (result.exit_code, result.stderr, result.stdout) == (status, said, "")


@pytest.mark.parametrize("port", ["flower", "flower=", "flower=x", "flower=0", "flower=65536", "nobody=1", "=1"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    """The message says which names there are."""
    result = called(f"up --port {port}")
    assert result.exit_code == 1
    assert f"--port {port} is not understood" in result.stderr
    assert re.search(r"-> NAME=PORT, with NAME one of api-server, .* emulator", result.stderr)
