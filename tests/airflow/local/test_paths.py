"""Checkout and data may lie in a folder of any name that a person would give it; another one is refused in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chart.parts import Part
from local import install, stack
from local.install import ROOT
from local.platform import Platform
from local.ports import Ports
from local.state import State
from refused import Refused
from settings.yaml_file import read_yaml_file

AWKWARD = ["a%b c", "100%", "%(here)s", "it's (mine)", "a;b #c", "é&ü?x=1", "{AIRFLOW_HOME}"]
HOPELESS = ["a:b", "a$HOME", 'a"b', "a`b", "a\\b", "a\nb", "a\x7fb"]
SHOW = """
import json, sys
from airflow.configuration import conf
print("shown", json.dumps({name: conf.get(*name.split("/")) for name in sys.argv[1:]}))
"""


def platform(root: Path) -> Platform:
    return Platform(state=State(root), stack=stack.load(ROOT / "Pulumi.local.yaml"), ports=Ports())


def below_the_home() -> list[str]:
    """Every option of Airflow's whose default lies in AIRFLOW_HOME."""
    import airflow

    file = Path(airflow.__file__).parent / "config_templates" / "config.yml"
    return [
        f"{section}/{name}"
        for section, content in read_yaml_file(file).items()
        for name, option in content["options"].items()
        if "{AIRFLOW_HOME}" in str(option["default"]) and name != "sql_alchemy_conn"
    ]


@pytest.mark.parametrize("name", ["a%b c", "{AIRFLOW_HOME}"])
def test_airflow_writes_into_the_data_directory_only(tmp_path: Path, name: str) -> None:
    """Each folder of Airflow's lies in the data directory, whatever that is called."""
    it = platform(tmp_path / name)
    it.state.prepare()
    options = below_the_home()
    assert len(options) > 3
    said = subprocess.run(
        [sys.executable, "-c", SHOW, *options],
        env=it.environment.of(Part.SCHEDULER), cwd=it.state.run, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    shown = json.loads(next(line for line in said.splitlines() if line.startswith("shown")).removeprefix("shown"))
    assert {option: Path(where).is_relative_to(it.state.root) for option, where in shown.items()} == dict.fromkeys(
        options, True
    )


@pytest.mark.parametrize("name", HOPELESS)
def test_a_name_that_nothing_can_run_from_is_refused(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line that says which character it is, before anything is made; for the data as for the checkout."""
    with pytest.raises(Refused, match="cannot hold the data: its name has ") as refused:
        State(tmp_path / name).prepare()
    assert "--data" in refused.value.way_out
    assert not (tmp_path / name).exists()
    monkeypatch.setattr(install, "ROOT", tmp_path / name)
    assert install.main() == 1
    assert "cannot hold the checkout: its name has " in capsys.readouterr().err


@pytest.mark.parametrize("name", AWKWARD)
def test_any_other_name_will_do(name: str) -> None:
    """For data; for a checkout if it has no percent sign, which Airflow's migrations would stumble over."""
    assert install.unusable(Path("/tmp") / name) == ""
    assert ("Alembic" in install.unusable(Path("/tmp") / name, packages=True)) == ("%" in name)
