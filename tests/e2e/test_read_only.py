"""Every part of Airflow works when it can write to the volumes of its pod only. On Linux, as root."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from outages import IMPATIENT

from chart.parts import Part
from chart.pods import Values
from local import stack
from local.airflow import processes as airflow_processes
from local.install import ROOT
from local.platform import Platform
from local.ports import Ports
from local.processes.process import Process
from local.report import Report
from local.startup import running, wait_for_dags
from local.state import State

CONFINE = Path(__file__).with_name("read_only.py")
LOGGING = (Part.SCHEDULER, Part.DAG_PROCESSOR, Part.TRIGGERER, Part.WORKER)
"""Parts whose pods have a volume for logs; the chart's templates say so."""


def empty_folders(values: Values) -> list[str]:
    """Where every pod has an empty volume, by the chart's values."""
    volumes = {each["name"] for each in values["volumes"] if "emptyDir" in each}
    return [each["mountPath"] for each in values["volumeMounts"] if each["name"] in volumes]


def confined(process: Process, platform: Platform) -> Process:
    """The process as its pod would run it."""
    # Both are elsewhere on one machine. A pod has them in its own volumes.
    elsewhere = ("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", "AIRFLOW__LOGGING__BASE_LOG_FOLDER")
    environment = {
        **{name: value for name, value in process.environment.items() if name not in elsewhere},
        **{each["name"]: each["value"] for each in platform.values["env"] if each["name"] == "PYTHONPYCACHEPREFIX"},
    }
    # The image has this folder. In the pods of the other parts it is read-only.
    logs = platform.state.airflow_home / "logs"
    logs.mkdir(exist_ok=True)
    has_logs = process.name.startswith(tuple(part.value for part in LOGGING))
    spec = {
        "empty": [*empty_folders(platform.values), *([str(logs)] if has_logs else [])],
        "visible": [str(ROOT), str(Path(sys.prefix).resolve()), str(platform.state.root)],
    }
    command = ["unshare", "--mount", sys.executable, str(CONFINE), json.dumps(spec), *process.command]
    return replace(process, command=command, environment=environment)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts need root on Linux")
def test_every_part_works_on_a_read_only_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dag_folder: Path
) -> None:
    """Beside its volumes nothing can be written: all parts start, a run with a deferral ends well, none complains."""
    platform = Platform(
        state=State(tmp_path / "data"),
        stack=stack.load(ROOT / "Pulumi.local.yaml"),
        ports=Ports.free(),
        overrides=IMPATIENT,
    )
    # Nobody has compiled Airflow yet in an empty /tmp, and all parts do it at the same time.
    monkeypatch.setattr("local.startup.COMPONENT_SECONDS", 900)
    plain = airflow_processes.processes
    monkeypatch.setattr(
        "local.platform.processes",
        lambda *args, **kwargs: [confined(each, platform) for each in plain(*args, **kwargs)],
    )
    with running(platform, Report(), dags=dag_folder) as processes:
        api = platform.api()
        wait_for_dags(api, {"platform_canary"}, seconds=300)
        api.unpause("platform_canary")
        ended = api.finished("platform_canary", api.trigger("platform_canary"), seconds=240)
        names = [each.name for each in platform.components()]
        states = processes.states()
    assert ended == "success"
    for name in names:
        said = (platform.state.logs / f"{name}.log").read_text(errors="replace")
        assert "Read-only file system" not in said, f"{name}: {said[-3000:]}"
        assert states[name]["statename"] == "RUNNING", name
