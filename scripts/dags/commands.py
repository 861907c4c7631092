"""The commands of `python -m scripts.dags`, which is `python -m scripts dags` as well."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from refused import Refused
from releases.build import build_release
from releases.format import hashes
from scripts.dags import history, publish, stack
from scripts.dags.bucket import ReleaseBucket
from scripts.dags.check import Trial, interpreter
from scripts.dags.person import person
from scripts.dags.pod import dag_processor, values_of

REQUIREMENTS = "python -m pip install -r scripts/dags/requirements.txt"

app = typer.Typer(
    help="Releases of DAGs, without Pulumi.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Stack = Annotated[str, typer.Argument(metavar="STACK", help="Name of a Pulumi.STACK.yaml; also ORGANIZATION/STACK.")]
Bucket = Annotated[str | None, typer.Option(help="The bucket.", show_default="the stack's output dagBucket")]
Prefix = Annotated[str, typer.Option(help="Folder in the bucket that holds current.json and releases/.")]
Folder = Annotated[Path | None, typer.Option(help="The DAGs.", show_default="dags/")]
By = Annotated[
    str | None, typer.Option(help="Who publishes.", show_default="GitHub's actor, git's user.email, or the user")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and change nothing.")]


@app.command("publish")
def publish_folder(
    name: Stack,
    *,
    bucket: Bucket = None,
    prefix: Prefix = "",
    folder: Folder = None,
    by: By = None,
    python: Annotated[
        Path | None, typer.Option(help="A Python with the platform's packages, to try the DAGs with.")
    ] = None,
    no_check: Annotated[bool, typer.Option("--no-check", help="Publish without trying the DAGs.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Make a folder the current release."""
    stack.must_own(name)
    found = _bucket(name, bucket, prefix)
    folder = folder or _dags()
    trial = None if no_check else _trial(name, python, known={} if bucket else stack.outputs(name))
    publish.publish(found, folder, person(folder, name=by), trial=trial, dry_run=dry_run)


@app.command("list")
def show_releases(
    name: Stack,
    *,
    bucket: Bucket = None,
    prefix: Prefix = "",
    most: Annotated[int, typer.Option(min=0, help="How many publications.")] = 20,
) -> None:
    """Show what was published, newest first."""
    history.show_releases(_bucket(name, bucket, prefix), most=most)


@app.command("diff")
def show_difference(
    name: Stack,
    *,
    bucket: Bucket = None,
    prefix: Prefix = "",
    folder: Folder = None,
    before: Annotated[str, typer.Option("--from", help="Beginning of a release's name, or `current`.")] = "current",
    after: Annotated[str | None, typer.Option("--to", help="The same.", show_default="the folder")] = None,
) -> None:
    """Show the files that are different."""
    found = _bucket(name, bucket, prefix)
    files = history.files_of(found, before)
    if after:
        history.show_changes(files, history.files_of(found, after))
        return
    with tempfile.TemporaryDirectory(prefix="alisio-release-") as scratch:
        history.show_changes(files, hashes(build_release(folder or _dags(), into=Path(scratch)).files))


@app.command("rollback")
def roll_back(
    name: Stack,
    *,
    bucket: Bucket = None,
    prefix: Prefix = "",
    to: Annotated[
        str | None,
        typer.Option(help="Beginning of a release's name.", show_default="the release before the current one"),
    ] = None,
    by: By = None,
    dry_run: DryRun = False,
) -> None:
    """Make an earlier release current."""
    stack.must_own(name)
    publish.roll_back(_bucket(name, bucket, prefix), person(Path.cwd(), name=by), to=to, dry_run=dry_run)


@app.command("prune")
def prune(
    name: Stack,
    *,
    bucket: Bucket = None,
    prefix: Prefix = "",
    keep: Annotated[int, typer.Option(min=0, help="How many of the last releases stay.")] = 10,
    days: Annotated[int, typer.Option(min=0, help="What was current in these days stays.")] = 30,
    yes: Annotated[bool, typer.Option("--yes", help="Delete them.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Show old releases; with --yes, delete them."""
    history.prune(_bucket(name, bucket, prefix), keep=keep, days=days, yes=yes and not dry_run)


def _trial(name: str, python: Path | None, *, known: Mapping[str, str]) -> Trial:
    return Trial(python=interpreter(python), pod=dag_processor(values_of(stack.settings(name), known)))


def _dags() -> Path:
    return stack.CHECKOUT / "dags"


def _bucket(name: str, bucket: str | None, prefix: str) -> ReleaseBucket:
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise Refused(str(error), REQUIREMENTS) from None

    chosen = bucket or stack.bucket(name)
    config = Config(retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=10)
    try:
        session: Any = boto3.Session()
        s3 = session.client("s3", region_name=stack.region(name), config=config)
    except BotoCoreError as error:
        raise Refused(f"boto3 cannot be set up: {error}") from None
    return ReleaseBucket(s3, chosen, prefix)
