"""The plan as text: the tree that `pulumi preview` prints, then exports, warnings, counts, the price of monitoring."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from plan.deployment import Deployment, Resource
from plan.groups import counts
from plan.price import monitoring_price
from plan.report import SECRET_TEXT, UNKNOWN_TEXT, masked

PLAN: Final = "create"
LOCK: Final = "protected"
UNLIMITED: Final = 100_000


def tree(deployment: Deployment, *, width: int | None = None, colours: bool = False) -> str:
    """The whole text. With a width, long types and names are cut to fit."""
    console = Console(
        file=io.StringIO(),
        width=width or UNLIMITED,
        color_system="standard" if colours else None,
        force_terminal=colours,
        soft_wrap=True,
        markup=False,
        emoji=False,
        highlight=False,
    )
    parts = [
        _head(deployment),
        _rows(deployment),
        _exports(deployment),
        _messages(deployment),
        _totals(deployment),
        _monitoring(deployment),
    ]
    shown: list[str] = []
    for part in filter(None, parts):
        with console.capture() as captured:
            console.print(part)
        shown.append("\n".join(line.rstrip() for line in captured.get().splitlines()))
    return "\n\n".join(shown)


def _head(deployment: Deployment) -> Text:
    mode = "preview: no output is known yet" if deployment.preview else "in memory"
    return Text.assemble((f"Plan of {deployment.project}/{deployment.stack}", "bold"), f" ({mode})")


def _rows(deployment: Deployment) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for heading in ("", "Type", "Name", "Plan"):
        # Only a type or a name may shrink. The wider of the two does, until both are of the same width.
        table.add_column(heading, no_wrap=heading in ("", "Plan"))
    for branch, resource in _branches(deployment):
        plan = Text(PLAN, style="green")
        if resource.protect:
            plan.append(f" {LOCK}", style="yellow")
        table.add_row(Text(" +", style="green"), _cut(branch + short_type(resource.type)), _cut(resource.name), plan)
    return table


def _cut(text: str) -> Text:
    """Text that ends with an ellipsis where its column is too narrow for it."""
    return Text(text, no_wrap=True, overflow="ellipsis")


def _branches(deployment: Deployment) -> Iterator[tuple[str, Resource]]:
    children: dict[str, list[Resource]] = {}
    for resource in deployment.resources:
        children.setdefault(resource.parent, []).append(resource)

    def below(resource: Resource, indent: str) -> Iterator[tuple[str, Resource]]:
        family = children.get(resource.urn, [])
        for child in family:
            last = child is family[-1]
            yield indent + ("└─ " if last else "├─ "), child
            yield from below(child, indent + ("   " if last else "│  "))

    stack = deployment.resources[0]
    yield "", stack
    yield from below(stack, "")


def short_type(token: str) -> str:
    """`aws:ec2/vpc:Vpc` is `aws:ec2:Vpc`, as the CLI shows it."""
    package, _, rest = token.partition(":")
    module, _, kind = rest.rpartition(":")
    folder, _, last = module.rpartition("/")
    return f"{package}:{folder if folder and last.lower() == kind.lower() else module}:{kind}"


def _exports(deployment: Deployment) -> Text | None:
    if not deployment.outputs:
        return None
    size = max(map(len, deployment.outputs))
    values = masked(deployment.outputs, deployment.project_dir)
    rows = [Text(f"    {name:{size}}: {_shown(values[name])}") for name in sorted(values)]
    return _section("Outputs:", rows)


def _shown(value: Any) -> str:
    marks = (SECRET_TEXT, UNKNOWN_TEXT)
    return value if value in marks else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _messages(deployment: Deployment) -> Text | None:
    rows = [
        Text.assemble("    ", (message.severity, "yellow"), f": {_of(deployment, message.urn)}{message.text}")
        for message in deployment.messages
    ]
    return _section("Diagnostics:", rows) if rows else None


def _of(deployment: Deployment, urn: str) -> str:
    resource = deployment.by_urn.get(urn)
    return f"{resource.name}: " if resource else ""


def _totals(deployment: Deployment) -> Text:
    found = counts(deployment)
    size = max(map(len, found))
    protected = sum(resource.protect for resource in deployment.resources)
    total = Text.assemble(
        "    ", (f"+ {len(deployment.resources)} to create", "green"), f", {protected} of them {LOCK}"
    )
    groups = [Text(f"      {group:{size}}  {count:4}", style="dim") for group, count in found.items()]
    return _section("Resources:", [total, *groups])


def _monitoring(deployment: Deployment) -> Text | None:
    text = monitoring_price(deployment)
    return _section("Monitoring:", [Text(f"    {text}")]) if text else None


def _section(title: str, rows: list[Text]) -> Text:
    return Text("\n").join([Text(title, style="bold"), *rows])
