"""`python -m local up|demo|status|health|logs|trigger|publish|reset`: the command line, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

import httpx
import typer

from console import err, refuse
from local.commands import directory, running
from local.commands.demo import demo as show
from local.commands.health import health as show_health
from local.commands.up import chosen_ports
from local.commands.up import up as run
from local.install import ROOT
from local.ports import Ports
from refused import FAILED, Refused

INTERRUPTED = 130
app = typer.Typer(
    help="The whole platform on this machine.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@dataclass(frozen=True)
class Place:
    """What comes before the command, and holds for all of them."""

    data: Path
    settings: Path


@app.callback()
def place(
    context: typer.Context,
    *,
    data: Annotated[Path, typer.Option(help="Where it keeps everything.", show_default=".local")] = ROOT / ".local",
    settings: Annotated[Path, typer.Option(help="Stack file.", show_default="Pulumi.local.yaml")] = ROOT
    / "Pulumi.local.yaml",
) -> None:
    context.obj = Place(data=data, settings=settings)


@app.command()
def up(
    context: typer.Context,
    *,
    dags: Annotated[Path, typer.Option(help="Folder that is published at the start.", show_default="dags")] = ROOT
    / "dags",
    port: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=PORT",
            help=f"Another port: {', '.join(field.name.replace('_', '-') for field in fields(Ports))}.",
        ),
    ] = None,
    free_ports: Annotated[bool, typer.Option("--free-ports", help="Take ports that nothing uses.")] = False,
    sso: Annotated[
        bool, typer.Option("--sso", help="Single sign-on, behind a load balancer: people, roles, TLS.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not show the logs; `logs --follow` does.")] = False,
) -> None:
    """Run everything until Ctrl-C."""
    it: Place = context.obj
    _end(
        it,
        lambda: run(
            data=it.data, settings=it.settings, dags=dags,
            ports=chosen_ports(port or [], free=free_ports), quiet=quiet, single_sign_on=sso,
        ),
    )  # fmt: skip


@app.command()
def demo(context: typer.Context) -> None:
    """Land a day of observations, and show what becomes of them."""
    it: Place = context.obj
    _end(it, lambda: show(data=it.data, settings=it.settings))


@app.command()
def status(context: typer.Context) -> None:
    """Show what runs, since when, with how much memory."""
    it: Place = context.obj
    _end(it, lambda: running.status(data=it.data, settings=it.settings))


@app.command()
def health(
    context: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show whether it does its work, and which alarms fire. Fails for one that would wake somebody up."""
    it: Place = context.obj
    _end(it, lambda: show_health(data=it.data, settings=it.settings, as_json=as_json))


@app.command()
def logs(
    context: typer.Context,
    *,
    names: Annotated[list[str] | None, typer.Argument(metavar="[PROCESS]...", help="Only these.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Show new lines, too.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="Lines of each.")] = 20,
) -> None:
    """Show the logs, each line with the name of its process."""
    it: Place = context.obj
    _end(it, lambda: directory.logs(data=it.data, names=names or [], lines=lines, follow=follow))


@app.command()
def trigger(
    context: typer.Context,
    *,
    dag: Annotated[str, typer.Argument(metavar="DAG")],
    conf: Annotated[str, typer.Option(metavar="JSON", help="Configuration of the run.")] = "{}",
    seconds: Annotated[float, typer.Option(help="How long to wait.")] = 600,
) -> None:
    """Run a DAG and wait for its end."""
    it: Place = context.obj
    _end(it, lambda: running.trigger(data=it.data, settings=it.settings, dag=dag, conf=conf, seconds=seconds))


@app.command()
def publish(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The folder.", show_default="dags")] = ROOT / "dags",
) -> None:
    """Publish a folder of DAGs."""
    it: Place = context.obj
    _end(it, lambda: running.publish(data=it.data, settings=it.settings, folder=folder))


@app.command()
def reset(context: typer.Context) -> None:
    """Forget all data."""
    it: Place = context.obj
    _end(it, lambda: directory.reset(data=it.data))


def _end(it: Place, command: Callable[[], int]) -> None:
    """Every end of a command is an exit status. A wrong command line has 2, so what is refused has 1."""
    try:
        status = command()
    except Refused as error:
        err.print()
        refuse(error)
        status = FAILED
    except httpx.HTTPError as error:
        err.print()
        status = refuse(Refused(f"The API failed: {error}", f"Look into {it.data}/logs/api-server.log", status=FAILED))
    except KeyboardInterrupt:
        status = INTERRUPTED
    raise typer.Exit(status)


if __name__ == "__main__":
    app(prog_name="python -m local")
