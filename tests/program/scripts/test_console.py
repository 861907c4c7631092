"""What every command line shares: one console, one way to refuse, and a start that loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer

import console
from plan.program import CHECKOUT
from refused import FAILED, Refused

LONG = "x" * 300


def test_text_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """No markup, no emoji, no colour and no line break is added to what somebody wrote."""
    console.out.print(f"[red]dags[/red] :warning: 'a' 1 {LONG}")
    console.err.print(f"[prod] {LONG}")
    shown = capsys.readouterr()
    assert shown.out == f"[red]dags[/red] :warning: 'a' 1 {LONG}\n"
    assert shown.err == f"[prod] {LONG}\n"


def test_a_refusal_says_why_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """Both go to stderr; the exit status is the error's own."""
    assert console.refuse(Refused("no stack [prod]", "make one")) == 2
    assert console.refuse(Refused("the network failed", status=FAILED)) == 1
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "no stack [prod]\n  -> make one\nthe network failed\n")


def test_every_end_of_a_command_is_a_status() -> None:
    """Done, refused, stopped with a status, called wrongly; and a bug stays a bug."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

    @app.command()
    def end(how: str) -> None:  # pyright: ignore[reportUnusedFunction]
        match how:
            case "refused":
                raise Refused("no")
            case "stopped":
                raise typer.Exit(1)
            case "bug":
                raise ZeroDivisionError
            case _:
                return

    statuses = [
        console.run(app, "test", arguments) for arguments in (["well"], ["stopped"], ["refused"], [], ["a", "b"])
    ]
    assert statuses == [0, 1, 2, 2, 2]
    with pytest.raises(ZeroDivisionError):
        console.run(app, "test", ["bug"])


@pytest.mark.parametrize(
    ("module", "heavy"),
    [("plan.__main__", "pulumi_aws"), ("scripts.__main__", "pulumi"), ("scripts.dags.commands", "boto3")],
)
def test_help_is_there_at_once(module: str, heavy: str) -> None:
    """What a command needs is imported when it runs."""
    code = f"import sys, {module}; print({heavy!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_dags_are_a_part_of_the_one_command_line() -> None:
    """`python -m scripts dags` is `python -m scripts.dags`."""
    command = [sys.executable, "-m", "scripts", "dags", "publish", "prod"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "dags: { publisher: command }" in done.stderr
