from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path

import pytest

from plan import PlanError, Secret, leaks, plan_stack
from plan import __main__ as command
from plan.program import CHECKOUT


def test_the_program_runs_as_under_the_cli(project: Path) -> None:
    """Its working directory is the project, its own modules can be imported, and afterwards all is as before."""
    before, path = Path.cwd(), list(sys.path)
    main = project / "__main__.py"
    main.write_text(f"import sys\nsys.path.append('more')\n{main.read_text()}")

    done = plan_stack("dev", project_dir=project)

    assert done.outputs["cwd"] == "checkout"
    assert (Path.cwd(), sys.path) == (before, path)
    assert done.warnings == ("only one zone",)
    assert leaks(done) == ()


def test_two_stacks_and_both_modes_in_one_process(project: Path) -> None:
    """Planning one stack changes nothing in the plan of another, or in a second plan of its own."""
    ways = [("dev", False), ("dev", True), ("prod", False), ("prod", True)]

    first = [plan_stack(stack, project_dir=project, preview=preview) for stack, preview in ways]
    again = [plan_stack(stack, project_dir=project, preview=preview) for stack, preview in ways]

    assert first == again
    assert [(each.stack, each.preview) for each in first] == ways


def test_the_plan_of_an_organizations_stack_is_that_of_the_stack(project: Path) -> None:
    """The organization is part of the name for the CLI, and of nothing that the program registers."""
    assert plan_stack("acme/dev", project_dir=project) == plan_stack("dev", project_dir=project)


def test_a_failing_program_leaves_the_process_as_it_was(project: Path) -> None:
    """After a program that refused its settings, the working directory and the next plan are right."""
    before = Path.cwd()

    with pytest.raises(PlanError, match="must be false"):
        plan_stack("dev", project_dir=project, config_overrides={"broken": True})

    assert Path.cwd() == before
    assert plan_stack("dev", project_dir=project).outputs["cwd"] == "checkout"


def test_a_secret_of_the_configuration_is_a_sentinel_too(project: Path) -> None:
    """A configured secret is searched for like a generated one, and is secret for the program."""
    (project / "__main__.py").write_text(
        "import pulumi\n"
        'pulumi.export("kept", pulumi.Config().require_secret("token"))\n'
        'pulumi.export("leaked", pulumi.Config().require("token") + "!")\n'
    )

    done = plan_stack("prod", project_dir=project)

    assert isinstance(done.outputs["kept"], Secret)
    assert [leak.path for leak in leaks(done)] == ["outputs.leaked"]


def test_a_project_without_a_program_says_so(project: Path) -> None:
    """The message names the file that is missing."""
    (project / "__main__.py").unlink()

    with pytest.raises(PlanError, match=r"no __main__\.py in "):
        plan_stack("dev", project_dir=project)


def _command(project: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(command, "plan_stack", functools.partial(plan_stack, project_dir=project))
    return command.main(list(arguments))


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ((), "Plan of small/dev (in memory)\n"),
        (("--preview",), "Plan of small/dev (preview: no output is known yet)\n"),
        (("--json",), '{\n  "stack": "dev",\n'),
        (("--values",), "host: store-database-"),
        (("--diagram",), "flowchart TB\n"),
    ],
)
def test_the_command_prints_what_is_asked_for(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    form: tuple[str, ...],
    start: str,
) -> None:
    """Every form goes to standard output, and nothing else does."""
    assert _command(project, monkeypatch, "dev", *form) == 0
    output = capsys.readouterr()
    assert output.out.startswith(start)
    assert output.err == ""


@pytest.mark.parametrize(
    ("stack", "config", "message"),
    [
        ("nope", "{}", "no stack 'nope'; stacks: dev, prod\n"),
        ("dev", "{small:broken: true}", "small:broken: must be false\n"),
        ("dev", "[", "Pulumi.dev.yaml, line 2: this is not valid YAML: "),
    ],
)
def test_bad_input_is_told_without_a_traceback(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    stack: str,
    config: str,
    message: str,
) -> None:
    """An unknown stack or bad settings end with status 2 and the message alone on standard error."""
    (project / "Pulumi.dev.yaml").write_text(f"config: {config}")

    assert _command(project, monkeypatch, stack) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(message)
    assert "Traceback" not in output.err


def test_a_bug_keeps_its_traceback(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with the code, and not with the input, is not hidden from whoever has to mend it."""
    (project / "Pulumi.dev.yaml").write_text("config: {small:buggy: true}")

    with pytest.raises(ZeroDivisionError, match="a mistake in the code"):
        _command(project, monkeypatch, "dev")


def test_an_error_that_the_program_logs_is_a_failure(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under the CLI such an update fails, so the plan of it does as well, though it is shown."""
    (project / "Pulumi.dev.yaml").write_text("config: {small:shout: true}")

    assert _command(project, monkeypatch, "dev") == 1
    assert "error: the house is on fire" in capsys.readouterr().out


def test_a_reader_may_stop_reading() -> None:
    """`python -m plan … | head` ends quietly."""
    shell = f'"{sys.executable}" -m plan --help | head -n 1; echo "status ${{PIPESTATUS[0]}}"'

    done = subprocess.run(["bash", "-c", shell], cwd=CHECKOUT, capture_output=True, text=True, check=True)

    assert done.stdout.startswith("Usage: python -m plan")
    assert done.stderr == ""


def test_values_that_nobody_knows_yet_are_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a preview, values that are known in part are shown so; values that are unknown as a whole are refused."""
    assert _command(project, monkeypatch, "dev", "--values", "--preview") == 0
    assert "host: '[unknown]'" in capsys.readouterr().out

    part = project / "small_part.py"
    part.write_text(
        part.read_text()
        .replace("values={", "values=store.database.id.apply(lambda _: {")
        .replace("**values},", "**values}),")
    )
    sys.modules.pop("small_part")
    assert _command(project, monkeypatch, "dev", "--values", "--preview") == 2
    assert "the values of release 'airflow' are not known yet; leave out --preview" in capsys.readouterr().err
