"""What the trial of a release says of it: the same as the platform would."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from releases.build import build_release
from scripts.dags.check import PARSER, Parsed, Trial, explain, parse
from scripts.dags.pod import SECRET, dag_processor, values_of
from scripts.dags.stack import without_secrets
from settings import Stack
from settings.reading import read
from tests.airflow.folders import write
from tests.airflow.scripts.conftest import OWN

DAG = "from airflow.sdk import DAG\n"
EMPTY = "from airflow.providers.standard.operators.empty import EmptyOperator\n"
LONG = "x" * 2001

REFUSED = {
    "crash.py": ("import os\nos._exit(3)\n", r"crash.py: the process that imported it ended with exit status 3"),
    "cycle.py": (
        EMPTY + "with DAG('cycle'):\n    a = EmptyOperator(task_id='a')\n    a >> EmptyOperator(task_id='b') >> a\n",
        r"cycle.py: AirflowDagCycleException: .*",
    ),
    "exits.py": ("import sys\nsys.exit('no')\n", r"exits.py:3: SystemExit: no"),
    "executor.py": (
        EMPTY + "with DAG('executor'):\n    EmptyOperator(task_id='a', executor='KubernetesExecutor')\n",
        r"executor.py: UnknownExecutorException: .* 'KubernetesExecutor', which is not available.*",
    ),
    "length.py": (
        f"with DAG('length', dag_display_name='{LONG}'): pass\n",
        r"length.py: dag.dag_display_name holds at most 2000 characters: the database refuses the DAG, .*",
    ),
    "neighbour.py": ("import helper\nwith DAG('neighbour'): pass\n", r"neighbour.py:2: .*No module named 'helper'"),
    "param.py": (
        "from airflow.sdk import Param\n"
        "with DAG('param', schedule='@daily', params={'x': Param(type='integer')}): pass\n",
        r"param.py:3: ValueError: .*required params without default values.*",
    ),
    "permission.py": (
        "with DAG('permission', access_control={'Viewer': {'can_fly'}}): pass\n",
        r"permission.py: .*invalid permissions: \{'can_fly'\}.*",
    ),
    "timetable.py": (
        "from airflow.timetables.base import Timetable\n"
        "class Mine(Timetable): pass\n"
        "with DAG('timetable', schedule=Mine()): pass\n",
        r"timetable.py: .*SerializationError: .*Timetable class '.*Mine' is not registered.*",
    ),
    "twice.py": (
        "with DAG('twice'): pass\n",
        r"twice.py: DAG 'twice' is in twice_more.py too: Airflow would show the one that it read last",
    ),
    "variable.py": (
        "from airflow.sdk import Variable\nVariable.get('missing')\nwith DAG('variable'): pass\n",
        r"variable.py:3: .*VARIABLE_NOT_FOUND.*",
    ),
}
"""Files that the dag-processor does not take, each for a reason of its own, and what is said."""
TAKEN = {
    "bucket.py": "import os\nos.environ['ALISIO_DATA_BUCKET']\nwith DAG('bucket'): pass\n",
    "every_variable.py": "import os\nassert set(os.environ) >= {names}\nwith DAG('every'): pass\n",
    "own_names.py": "import releases, refused\nfrom runtime import NAME\nwith DAG(NAME): pass\n",
    "path.py": (
        "import pathlib, sys\nsys.path.insert(0, str(pathlib.Path(__file__).parent / 'team'))\n"
        "import helper\nwith DAG('path'): pass\n"
    ),
    "role.py": "with DAG('role', access_control={'Team A': {'can_read'}, 'Admin': {'can_edit'}}): pass\n",
    "twice_more.py": "with DAG('twice'): pass\n",
    "variables.py": (
        "from airflow.sdk import Variable\nwith DAG(Variable.get('name') + Variable.get('other', 'd')): pass\n"
    ),
    "varying.py": "from datetime import datetime\nwith DAG('varying', start_date=datetime.now()): pass\n",
}
"""Files that it takes."""
MODULES = {
    "releases/__init__.py": "",
    "refused.py": "",
    "runtime/__init__.py": "NAME = 'own_names'\n",
    "team/helper.py": "",
}


def stack(**config: Mapping[str, str]) -> Stack:
    own = {key.removeprefix("alisio:"): value for key, value in OWN.items() if key.startswith("alisio:")}
    own["airflow"] = {**OWN["alisio:airflow"], "config": config}
    aws = {key.removeprefix("aws:"): value for key, value in OWN.items() if key.startswith("aws:")}
    return read(project="alisio", stack="own", own=own, aws=aws)


def pod(outputs: Mapping[str, str] = {}, **config: Mapping[str, str]) -> dict[str, str]:
    return dag_processor(values_of(stack(**config), outputs))


def tried(scratch: Path, files: Mapping[str, str], pod: Mapping[str, str]) -> Parsed:
    folder = write(scratch / "dags", {path: text.encode() for path, text in files.items()})
    return parse(build_release(folder, into=scratch), Trial(python=Path(sys.executable), pod=pod))


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Parsed:
    """One trial of all the files: each is judged as if it were alone."""
    files = {path: text for path, (text, _) in REFUSED.items()} | TAKEN
    files["every_variable.py"] = files["every_variable.py"].replace("{names}", repr(set(pod())))
    dags = {path: DAG + text for path, text in files.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_VAR_NAME", "from_the_shell_")
        return tried(tmp_path_factory.mktemp("trial"), {**dags, **MODULES}, pod())


@pytest.mark.parametrize("path", REFUSED)
def test_what_the_platform_does_not_take_is_refused(parsed: Parsed, path: str) -> None:
    """One line says the file, the place, and Airflow's own reason."""
    (line,) = [line for line in parsed.errors if line.startswith(path)]
    assert re.fullmatch(REFUSED[path][1], line), line


def test_what_the_platform_takes_is_taken(parsed: Parsed) -> None:
    """No other file is refused, and each DAG is known by the name that it has on the platform."""
    assert len(parsed.errors) == len(REFUSED), parsed.errors
    taken = {"bucket", "every", "own_names", "path", "role", "twice", "from_the_shell_d", "varying"}
    assert taken <= set(parsed.dags)


def test_what_deserves_a_word_is_a_note(parsed: Parsed) -> None:
    """What the platform takes with a warning, or if somebody made a role there, stops nobody."""
    assert [note.split(":")[0] for note in parsed.notes] == ["role.py", "varying.py"]
    assert "the role 'Team A', which must exist" in parsed.notes[0]
    assert "runtime-variable values" in parsed.notes[1]


def test_what_only_this_machine_has_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules from the shell's PYTHONPATH, the user's packages or the working directory are missing, as in a pod."""
    places = {name: tmp_path / name for name in ("by_shell", "by_user", "by_cwd", "by_trick")}
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for name, place in places.items():
        write(place, {f"{name}.py": b"", f"lib/{version}/site-packages/{name}.py": b""})
    monkeypatch.setenv("PYTHONPATH", str(places["by_shell"]))
    monkeypatch.setenv("PYTHONUSERBASE", str(places["by_user"]))
    monkeypatch.chdir(places["by_cwd"])
    monkeypatch.setenv("MINE", "on the publisher's machine")
    files = {f"{name}.py": f"{DAG}import {name} as x\nDAG('a')\n" for name in ("by_shell", "by_user", "by_cwd")}
    # Not the names of the modules, which the files themselves would be found for.
    files = {f"dag_{path}": text for path, text in files.items()}
    files["dag_by_trick.py"] = f"{DAG}import sys\nsys.path.insert(0, {str(places['by_trick'])!r})\nimport by_trick\n"
    files["environment.py"] = f"{DAG}import os\nos.environ['MINE']\n"
    assert tried(tmp_path, files, pod()).errors == [
        "dag_by_cwd.py:2: ModuleNotFoundError: No module named 'by_cwd'",
        "dag_by_shell.py:2: ModuleNotFoundError: No module named 'by_shell'",
        f"dag_by_trick.py: imports by_trick from {places['by_trick']}/by_trick.py: a pod does not have that",
        "dag_by_user.py:2: ModuleNotFoundError: No module named 'by_user'",
        "environment.py:3: KeyError: 'MINE'",
    ]


def test_what_a_line_of_a_pth_file_adds_is_forgotten(tmp_path: Path) -> None:
    """Neither a folder that site-packages point to nor the finder of an editable installation is searched."""
    write(tmp_path, {"elsewhere/mine.py": b"", "dags/lib.py": b"", "python/ours.py": b""})
    code = """if True:
        import importlib.util, json, sys, types
        parser, elsewhere, dags = sys.argv[1:]
        spec = importlib.util.spec_from_file_location("parser", parser)
        parser = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(parser)
        from pathlib import Path
        sys.path += [elsewhere, dags]
        edited = importlib.util.spec_from_loader("edited", None)
        finder = types.SimpleNamespace(find_spec=lambda name, *_: edited if name == "edited" else None)
        finder.__module__ = "__editable___edited_0_1_finder"
        sys.meta_path.insert(0, finder)
        parser.forget_other_places(Path(dags))
        names = ("mine", "edited", "lib", "ours", "json", "airflow")
        print(json.dumps([name for name in names if importlib.util.find_spec(name)]))
    """
    command = [sys.executable, "-P", "-s", "-c", code, str(PARSER), str(tmp_path / "elsewhere"), str(tmp_path / "dags")]
    environment = {"PYTHONPATH": str(tmp_path / "python"), "AIRFLOW_HOME": str(tmp_path / "home")}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == ["lib", "ours", "json", "airflow"]


def test_the_limits_are_the_stacks(tmp_path: Path) -> None:
    """Where an import takes longer than the stack allows, one line says where it was, the limit, and the setting."""
    sleeps = f"{DAG}import time\n\ntime.sleep(40)\n"
    stubborn = f"{DAG}import time\ntry:\n    time.sleep(600)\nexcept BaseException:\n    time.sleep(600)\n"
    limits = {"core": {"dagbag_import_timeout": "4"}, "dag_processor": {"dag_file_processor_timeout": "20"}}
    assert tried(tmp_path, {"sleeps.py": sleeps, "stubborn.py": stubborn}, pod(**limits)).errors == [
        "sleeps.py:4: took more than 4.0 s to import, and was stopped here; "
        "the limit is alisio:airflow: { config: { core: { dagbag_import_timeout: ... } } }",
        "stubborn.py: took more than 20 s to parse, and its process was killed; "
        "the limit is alisio:airflow: { config: { dag_processor: { dag_file_processor_timeout: ... } } }",
    ]


def test_the_trial_has_the_variables_of_the_pod() -> None:
    """Each variable of the dag-processor is there: with the stack's values as far as they are known, and no secret."""
    known = pod({"dataBucket": "alisio-own-data-1a2b3c"}, core={"dagbag_import_timeout": "77"})
    assert known["ALISIO_DATA_BUCKET"] == "alisio-own-data-1a2b3c"
    assert known["AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT"] == "77"
    assert known["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert known["AWS_DEFAULT_REGION"] == "us-east-1"
    assert {name for name, value in known.items() if value == SECRET} >= {"AIRFLOW__CORE__FERNET_KEY"}
    assert pod()["ALISIO_DATA_BUCKET"] == "alisio-own-data"


def test_a_secret_of_the_stack_file_stays_one() -> None:
    """What only Pulumi can decrypt is a text to the trial, wherever it stands."""
    written = {"a": {"secure": "v1:abc"}, "b": [{"secure": "v1:abc"}, {"secure": "x", "more": 1}], "c": 1}
    assert without_secrets(written) == {"a": "secret", "b": ["secret", {"secure": "x", "more": 1}], "c": 1}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            'Traceback\n  File "/f/a.py", line 7, in <module>\n  File "/usr/x.py", line 900, in go\nValueError: no\n',
            "a.py:7: ValueError: no",
        ),
        ('  File "/f/b.py", line 2, in x\n    f()\nE: one\n  two\n', "b.py:2: E: one two (imported by a.py)"),
        ('  File "/f/a.py", line 2\n    def (:\n        ^\nSyntaxError: bad\n', "a.py:2: SyntaxError: bad"),
        ("FileNotFoundError: '/f/conf/x.yaml'", "a.py: FileNotFoundError: 'conf/x.yaml'"),
        ("", "a.py: unknown error"),
    ],
)
def test_an_error_is_one_line_about_the_release(text: str, line: str) -> None:
    """The place is the innermost one in the release's own files, and paths are those inside the release."""
    assert explain("a.py", text, Path("/f")) == line
