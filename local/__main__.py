"""`python -m local up|status|logs|trigger|publish|reset`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import httpx

from local import commands
from local.platform import ROOT
from local.problem import Problem


def main(arguments: list[str]) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except httpx.HTTPError as error:
        print(f"\nThe API failed: {error}\n  -> Look into {options.data}/logs/api-server.log", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description="The whole platform on this machine.")
    parser.add_argument(
        "--data", type=Path, default=ROOT / ".local", help="where it keeps everything (default: .local)"
    )
    parser.add_argument(
        "--settings", type=Path, default=ROOT / "Pulumi.local.yaml", help="stack file (default: Pulumi.local.yaml)"
    )
    verbs = parser.add_subparsers(required=True, metavar="up|status|logs|trigger|publish|reset")

    up = verbs.add_parser("up", help="run everything until Ctrl-C")
    up.add_argument(
        "--dags", type=Path, default=ROOT / "dags", help="folder that is published at the start (default: dags)"
    )
    up.add_argument(
        "--port",
        action="append",
        default=[],
        metavar="NAME=PORT",
        help="another port: api-server, flower, postgres, broker, emulator",
    )
    up.add_argument("--free-ports", action="store_true", help="take ports that nobody uses")
    up.add_argument("--quiet", action="store_true", help="do not show the logs; `logs --follow` does")
    up.set_defaults(run=commands.up)

    status = verbs.add_parser("status", help="what runs, since when, with how much memory")
    status.set_defaults(run=commands.status)

    logs = verbs.add_parser("logs", help="the logs, each line with the name of its process")
    logs.add_argument("names", nargs="*", metavar="PROCESS", help="only these")
    logs.add_argument("--follow", "-f", action="store_true", help="go on with what comes")
    logs.add_argument("--lines", "-n", type=int, default=20, help="lines of each (default: 20)")
    logs.set_defaults(run=commands.logs)

    trigger = verbs.add_parser("trigger", help="run a DAG and wait for its end")
    trigger.add_argument("dag", metavar="DAG")
    trigger.add_argument("--conf", default="{}", metavar="JSON", help="configuration of the run")
    trigger.add_argument("--seconds", type=float, default=600, help="how long to wait (default: 600)")
    trigger.set_defaults(run=commands.trigger)

    publish = verbs.add_parser("publish", help="publish a folder of DAGs")
    publish.add_argument("folder", nargs="?", type=Path, default=ROOT / "dags", help="the folder (default: dags)")
    publish.set_defaults(run=commands.publish)

    reset = verbs.add_parser("reset", help="forget all data")
    reset.set_defaults(run=commands.reset)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
