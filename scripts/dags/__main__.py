"""`python -m scripts.dags publish|list|diff|rollback|prune STACK`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from releases.build import build_release
from releases.format import ReleaseError, hashes
from scripts.dags import stack
from scripts.dags.bucket import ReleaseBucket
from scripts.dags.check import interpreter
from scripts.dags.history import files_of, prune, show_changes, show_releases
from scripts.dags.person import person
from scripts.dags.publish import publish, roll_back
from scripts.dags.refused import RefusedError


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 failed or lost against somebody else, 2 refused before anything was touched."""
    chosen = _parser().parse_args(arguments)
    try:
        _run(chosen)
    except (RefusedError, ReleaseError) as error:
        print(error, file=sys.stderr)
        return error.status if isinstance(error, RefusedError) else 2
    except ImportError as error:
        print(f"{error}; python -m pip install -r scripts/dags/requirements.txt", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 1
    return 0


def _run(chosen: argparse.Namespace) -> None:
    if chosen.operation in ("publish", "rollback"):
        stack.must_own(chosen.stack)
    bucket = _bucket(chosen)
    match chosen.operation:
        case "publish":
            python = interpreter(chosen.python) if chosen.check else None
            publish(bucket, chosen.folder, person(chosen.folder, name=chosen.by), python=python, dry_run=chosen.dry_run)
        case "rollback":
            roll_back(bucket, person(Path.cwd(), name=chosen.by), to=chosen.to, dry_run=chosen.dry_run)
        case "list":
            show_releases(bucket, most=chosen.most)
        case "diff":
            _diff(bucket, chosen)
        case _:
            prune(bucket, keep=chosen.keep, days=chosen.days, yes=chosen.yes and not chosen.dry_run)


def _diff(bucket: ReleaseBucket, chosen: argparse.Namespace) -> None:
    before = files_of(bucket, chosen.before)
    if chosen.after:
        show_changes(before, files_of(bucket, chosen.after))
        return
    with tempfile.TemporaryDirectory(prefix="alisio-release-") as scratch:
        show_changes(before, hashes(build_release(chosen.folder, into=Path(scratch)).files))


def _bucket(chosen: argparse.Namespace) -> ReleaseBucket:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    name = chosen.bucket or stack.bucket(chosen.stack)
    config = Config(retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=10)
    try:
        session: Any = boto3.Session()
        s3 = session.client("s3", region_name=stack.region(chosen.stack), config=config)
    except BotoCoreError as error:
        raise RefusedError(f"boto3 cannot be set up: {error}") from None
    return ReleaseBucket(s3, name, chosen.prefix)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.dags", description="Releases of DAGs, without Pulumi.")
    operations = parser.add_subparsers(dest="operation", required=True, metavar="publish|list|diff|rollback|prune")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("stack", help="name of a Pulumi.<stack>.yaml")
    common.add_argument("--bucket", help="the bucket; by default the stack's output dagBucket")
    common.add_argument("--prefix", default="", help="folder in the bucket that holds current.json and releases/")
    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument("--folder", type=Path, default=stack.CHECKOUT / "dags", help="the DAGs; by default dags/")
    author = argparse.ArgumentParser(add_help=False)
    author.add_argument("--by", help="who publishes; by default GitHub's actor, git's user.email, or the user")
    dry = argparse.ArgumentParser(add_help=False)
    dry.add_argument("--dry-run", action="store_true", help="show what would happen, and change nothing")

    published = operations.add_parser("publish", parents=[common, folder, author, dry], help="make a folder current")
    published.add_argument("--python", type=Path, help="a Python with the platform's packages, to try the DAGs with")
    published.add_argument("--no-check", dest="check", action="store_false", help="publish without trying the imports")
    listed = operations.add_parser("list", parents=[common], help="what was published, newest first")
    listed.add_argument("--most", type=_natural, default=20, help="how many publications")
    compared = operations.add_parser("diff", parents=[common, folder], help="files that are different")
    compared.add_argument("--from", dest="before", default="current", help="beginning of a release's name; `current`")
    compared.add_argument("--to", dest="after", help="the same; by default the folder")
    rolled = operations.add_parser("rollback", parents=[common, author, dry], help="make an earlier release current")
    rolled.add_argument("--to", help="beginning of a release's name; by default the one before the current")
    pruned = operations.add_parser("prune", parents=[common, dry], help="delete old releases; without --yes show them")
    pruned.add_argument("--keep", type=_natural, default=10, help="how many of the last releases stay")
    pruned.add_argument("--days", type=_natural, default=30, help="what was current in these days stays")
    pruned.add_argument("--yes", action="store_true", help="delete them")
    return parser


def _natural(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 0 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
