from __future__ import annotations

import itertools
import re
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest
from pulumi import ResourceOptions
from small_programs import House, Vault, run

from health.price import price
from plan import plan_stack
from plan.diagram import diagram
from plan.graph import reduce
from plan.program import CHECKOUT
from plan.report import report
from plan.tree import short_type, tree
from settings.stack_file import read_stack, stack_file

TREE = """\
Plan of small/dev (in memory)

    Type                                  Name              Plan
 +  pulumi:pulumi:Stack                   small-dev         create
 +  ├─ test:index:House                   h                 create
 +  │  └─ test:index:Vault                h-vault           create
 +  │     └─ random:index:RandomPassword  h-vault-password  create
 +  └─ aws:kms:Key                        key               create protected

Outputs:
    password: [secret]
    url     : {"at": "https://example.com"}

Diagnostics:
    warning: h: take care

Resources:
    + 5 to create, 1 of them protected
      components     2
      aws            1
      random         1
      stack          1"""


def test_the_tree_is_that_of_pulumi_preview() -> None:
    """Types and names as a tree, what is protected, exports with secrets masked, warnings, and counts by group."""

    def program() -> None:
        house = House("h")
        aws.kms.Key("key", opts=ResourceOptions(protect=True))
        pulumi.export("password", house.vault.password)
        pulumi.export("url", {"at": "https://example.com"})
        pulumi.log.warn("take care", house)

    assert tree(run(program)) == TREE


def test_the_tree_fits_the_terminal() -> None:
    """No row is wider than the terminal; what is too long is cut, and says so."""

    def program() -> None:
        Vault("a-name-that-is-longer-than-anybody-would-want-to-read-in-a-narrow-terminal")

    rows = tree(run(program), width=80).split("\n\n")[1].splitlines()

    assert max(map(len, rows)) <= 80
    assert any("…" in row for row in rows)
    assert all("create" in row for row in rows[1:])


def test_a_pipe_gets_everything() -> None:
    """Without a width nothing is cut, and no row is broken into two."""
    name = "n" * 300

    text = tree(run(lambda: Vault(name)))

    assert len([row for row in text.splitlines() if f"  {name} " in row and row.endswith("  create")]) == 1
    assert "…" not in text


def test_colours_change_nothing_but_the_colour() -> None:
    """Without its escape sequences, the coloured text is the plain one."""
    done = run(lambda: House("h"))
    coloured = tree(done, colours=True)

    assert {"\x1b[1m", "\x1b[32m", "\x1b[2m", "\x1b[0m"} <= set(re.findall(r"\x1b\[[\d;]*m", coloured))
    plain = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert [line.rstrip() for line in plain.splitlines()] == tree(done).splitlines()
    assert "\x1b" not in tree(done)


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        ("aws:s3/bucketObjectv2:BucketObjectv2", "aws:s3:BucketObjectv2"),
        ("kubernetes:core/v1:Secret", "kubernetes:core/v1:Secret"),
        ("kubernetes:helm.sh/v3:Release", "kubernetes:helm.sh/v3:Release"),
        ("pulumi:providers:aws", "pulumi:providers:aws"),
        ("eks:index:Cluster", "eks:index:Cluster"),
    ],
)
def test_types_are_shortened_as_the_cli_does(token: str, shown: str) -> None:
    """The name of a type is not told twice."""
    assert short_type(token) == shown


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_plan_tells_what_monitoring_costs(name: str) -> None:
    """Tree and JSON end with the count of the stack's metrics and alarms, and their price."""
    cost = price(read_stack(stack_file(CHECKOUT, name)).settings)
    deployment = plan_stack(name)
    assert cost.certain_usd > 0
    assert tree(deployment).endswith(f"\n\nMonitoring:\n    {cost}, at list prices")
    assert report(deployment)["monitoring"] == f"{cost}, at list prices"


def test_a_plan_without_a_dashboard_tells_no_price() -> None:
    """What is not monitored costs nothing, and the plan ends with the resources."""
    assert "Monitoring:" not in tree(plan_stack("dev", config_overrides={"monitoring": {"enabled": False}}))


def test_the_diagram_shows_components_and_their_ties(project: Path) -> None:
    """One node a component with its main things; arrows to what it is built on, dotted ones along the network."""
    assert (
        diagram(plan_stack("dev", project_dir=project))
        == """\
flowchart TB
    data_store[("<b>Data store</b><br/>RDS postgres 17 Multi-AZ")]
    web["<b>Web</b><br/>Helm airflow 1.2.3<br/>file"]
    web --> data_store
    web -. "TCP 5432" .-> data_store
    classDef store fill:#dbeafe,stroke:#2563eb,color:#172554
    class data_store store"""
    )


def test_two_components_of_a_kind_are_told_apart() -> None:
    """Where the kind is not enough to name a node, its name does."""

    def program() -> None:
        Vault("red-one")
        Vault("blue.two")

    lines = diagram(run(program)).splitlines()

    assert lines[1:3] == ['    red_one["<b>Vault</b><br/>1 resource"]', '    blue_two["<b>Vault</b><br/>1 resource"]']


def test_a_longer_way_makes_an_arrow_superfluous() -> None:
    """What the arrows say stays the same, with as few of them as can be."""
    assert reduce([("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("a", "d")]) == {("a", "b"), ("b", "c"), ("c", "d")}
    assert reduce([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]) == {("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")}


def test_no_order_of_edges_changes_the_picture() -> None:
    """The same ties give the same arrows, also around a cycle, of which no arrow is lost."""
    edges = [("a", "b"), ("b", "a"), ("b", "c"), ("a", "c")]

    pictures = {frozenset(reduce(order)) for order in itertools.permutations(edges)}

    assert pictures == {frozenset(edges)}
