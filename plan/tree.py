"""The plan as text: the tree that `pulumi preview` prints, then exports, warnings and counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, final

from plan.deployment import Deployment, Resource
from plan.groups import counts
from plan.report import SECRET_TEXT, UNKNOWN_TEXT, masked

PLAN: Final = "create"
LOCK: Final = "protected"
GAP: Final = "  "


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """Terminal colours, or none."""

    bold: str = ""
    green: str = ""
    yellow: str = ""
    dim: str = ""
    reset: str = ""


PLAIN: Final = Style()
COLOURS: Final = Style(bold="\033[1m", green="\033[32m", yellow="\033[33m", dim="\033[2m", reset="\033[0m")


def tree(deployment: Deployment, *, width: int | None = None, style: Style = PLAIN) -> str:
    """The whole text. With a width, long types and names are cut to fit."""
    parts = [_head(deployment, style), _rows(deployment, width, style)]
    parts += [part for part in (_exports(deployment, style), _messages(deployment, style)) if part]
    return "\n\n".join([*parts, _totals(deployment, style)])


def _head(deployment: Deployment, style: Style) -> str:
    mode = "preview: no output is known yet" if deployment.preview else "in memory"
    return f"{style.bold}Plan of {deployment.project}/{deployment.stack}{style.reset} ({mode})"


def _rows(deployment: Deployment, width: int | None, style: Style) -> str:
    lines = [(branch + short_type(resource.type), resource) for branch, resource in _branches(deployment)]
    types = [text for text, _ in lines]
    names = [resource.name for _, resource in lines]
    type_width, name_width = max(map(len, ["Type", *types])), max(map(len, ["Name", *names]))
    if width is not None:
        type_width, name_width = _fit(type_width, name_width, width - len(f" +  {GAP}{GAP}{PLAN} {LOCK}"))
    head = f"    {'Type':{type_width}}{GAP}{'Name':{name_width}}{GAP}Plan"
    rows = [f"{style.bold}{head}{style.reset}"]
    for text, resource in lines:
        shown = f"{_cut(text, type_width):{type_width}}{GAP}{_cut(resource.name, name_width):{name_width}}"
        lock = f" {style.yellow}{LOCK}{style.reset}" if resource.protect else ""
        rows.append(f" {style.green}+{style.reset}  {shown}{GAP}{style.green}{PLAN}{style.reset}{lock}")
    return "\n".join(rows)


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


def _fit(type_width: int, name_width: int, room: int) -> tuple[int, int]:
    """Share the room: the name, which tells more, gives way last."""
    room = max(room, 40)
    type_width = min(type_width, max(room - name_width, room // 2))
    return type_width, min(name_width, room - type_width)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _exports(deployment: Deployment, style: Style) -> str:
    if not deployment.outputs:
        return ""
    size = max(map(len, deployment.outputs))
    values = masked(deployment.outputs, deployment.project_dir)
    rows = [f"    {name:{size}}: {_shown(values[name])}" for name in sorted(values)]
    return "\n".join([f"{style.bold}Outputs:{style.reset}", *rows])


def _shown(value: Any) -> str:
    marks = (SECRET_TEXT, UNKNOWN_TEXT)
    return value if value in marks else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _messages(deployment: Deployment, style: Style) -> str:
    if not deployment.messages:
        return ""
    rows = [
        f"    {style.yellow}{message.severity}{style.reset}: {_of(deployment, message.urn)}{message.text}"
        for message in deployment.messages
    ]
    return "\n".join([f"{style.bold}Diagnostics:{style.reset}", *rows])


def _of(deployment: Deployment, urn: str) -> str:
    resource = deployment.by_urn.get(urn)
    return f"{resource.name}: " if resource else ""


def _totals(deployment: Deployment, style: Style) -> str:
    found = counts(deployment)
    size = max(map(len, found))
    protected = sum(resource.protect for resource in deployment.resources)
    rows = [f"    {style.green}+ {len(deployment.resources)} to create{style.reset}, {protected} of them {LOCK}"]
    rows += [f"      {style.dim}{group:{size}}  {count:4}{style.reset}" for group, count in found.items()]
    return "\n".join([f"{style.bold}Resources:{style.reset}", *rows])
