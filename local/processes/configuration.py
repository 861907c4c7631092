"""Supervisor's configuration file, written by the library that supervisor reads it with.

Supervisor adds two rules to that library's. It expands `%(name)s` in every value. And it takes for a comment whatever
follows a space and a `;` or `#`, in quotes too; nothing escapes those, so an empty expansion stands before them.
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from configparser import RawConfigParser

from local.install import ROOT
from local.processes.process import Process, python
from local.state import State, write_private

USER = "local"
NOTHING = "ALISIO_NOTHING"
ENVIRONMENT = {"PYTHONPATH": str(ROOT), NOTHING: ""}
"""Variables that supervisor itself must have. Programs without an environment of their own inherit them."""
COMMENT = re.compile(r"(?:^|(?<=\s))(?=[;#])")


def configuration(processes: Sequence[Process], *, state: State, password: str) -> str:
    """The file's text. Writes the environment of each process to a private file beside it."""
    sections: dict[str, Mapping[str, object]] = {
        "unix_http_server": {"file": state.socket, "chmod": "0700", "username": USER, "password": password},
        "supervisord": {
            "pidfile": state.run / "processes.pid",
            "logfile": state.logs / "processes.log",
            "logfile_maxbytes": "5MB",
            "logfile_backups": 1,
            "childlogdir": state.logs,
            "nocleanup": "true",
            "strip_ansi": "true",
            "umask": "077",
            **({"user": "root"} if os.geteuid() == 0 else {}),
        },
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
    }
    for order, process in enumerate(processes):
        sections[f"program:{process.name}"] = {**_program(process, state), "priority": order}
    groups = dict.fromkeys(process.group for process in processes if process.group)
    for order, group in enumerate(groups, start=len(processes)):
        members = ",".join(process.name for process in processes if process.group == group)
        sections[f"group:{group}"] = {"programs": members, "priority": order}
    return _text(sections)


def _program(process: Process, state: State) -> Mapping[str, object]:
    return {
        "command": shlex.join(_command(process, state)),
        "directory": process.directory,
        **({"user": process.user} if process.user else {}),
        "autostart": "false",
        "autorestart": "true",
        "startsecs": 1,
        "startretries": 1000000,
        "stopsignal": process.stop_signal,
        "stopwaitsecs": process.stop_seconds,
        "killasgroup": "true",
        "redirect_stderr": "true",
        # Supervisor expands this value twice.
        "stdout_logfile": _unexpanded(state.logs / f"{process.name}.log"),
        "stdout_logfile_maxbytes": "20MB",
        "stdout_logfile_backups": 1,
    }


def _command(process: Process, state: State) -> Sequence[str]:
    if not process.environment:
        return process.command
    # Supervisor's own `environment` cannot hold every value: it strips quotes, and knows no escape for them.
    file = state.run / f"{process.name}.json"
    write_private(file, json.dumps(dict(process.environment)))
    return python("local.processes.with_environment", file, *process.command)


def _text(sections: Mapping[str, Mapping[str, object]]) -> str:
    parser = RawConfigParser()
    parser.read_dict({name: {key: _value(value) for key, value in keys.items()} for name, keys in sections.items()})
    out = io.StringIO()
    parser.write(out)
    return out.getvalue()


def _value(value: object) -> str:
    return COMMENT.sub(f"%(ENV_{NOTHING})s", _unexpanded(value))


def _unexpanded(value: object) -> str:
    return str(value).replace("%", "%%")
