"""The table of what forces a replacement."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from plan import plan_stack
from tests.engine.programs import CHECKOUT
from tests.engine.replacements import AWS, forces, is_known


def test_every_type_of_the_stacks_is_in_the_table() -> None:
    """A type without an entry would count as updated in place, and a test of a change would say nothing."""
    types = {each.type for stack in ("dev", "prod") for each in plan_stack(stack).resources if each.custom}
    providers = {each for each in types if each.startswith("pulumi:")}
    assert sorted(each for each in types - providers if not is_known(each)) == []


@pytest.mark.parametrize(
    ("type_", "path", "expected"),
    [
        ("aws:ec2/subnet:Subnet", "cidrBlock", True),
        ("aws:ec2/subnet:Subnet", "tags.Name", False),
        ("aws:eks/cluster:Cluster", "encryptionConfig.provider.keyArn", False),
        ("aws:eks/cluster:Cluster", "encryptionConfig", True),
        ("aws:eks/cluster:Cluster", "kubernetesNetworkConfig.serviceIpv4Cidr", True),
        ("aws:eks/cluster:Cluster", "vpcConfig.subnetIds[0]", False),
        ("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", "accessScope.type", True),
        ("kubernetes:core/v1:Secret", "stringData.password", True),
        ("kubernetes:core/v1:Namespace", "metadata.labels.a", False),
        ("kubernetes:core/v1:Namespace", "metadata.name", True),
        ("random:index/randomPassword:RandomPassword", "length", True),
    ],
)
def test_a_path_covers_what_is_below_it(type_: str, path: str, expected: bool) -> None:  # noqa: FBT001
    """Nested properties and the items of lists count as what they are in."""
    assert forces(type_, path) is expected


def test_the_table_names_properties_that_exist() -> None:
    """Every property of the table is an argument of the SDK's class: a misspelt one would never strike."""
    script = (
        "import importlib, inspect, json, re, sys\n"
        "table = json.load(sys.stdin)\n"
        "snake = lambda name: re.sub('(?<!^)([A-Z])', r'_\\1', name).lower()\n"
        "for type_, paths in table.items():\n"
        "    _, module, name = type_.split(':')\n"
        "    kind = getattr(importlib.import_module('pulumi_aws.' + module.partition('/')[0]), name)\n"
        "    known = set(inspect.signature(kind._internal_init).parameters)\n"
        "    for path in paths:\n"
        "        if path and snake(path.partition('.')[0].rstrip('!')) not in known:\n"
        "            print(type_, path)\n"
    )
    # In a process of its own: importing a dozen modules of the SDK takes memory that other tests measure.
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        input=json.dumps(AWS), cwd=CHECKOUT, text=True, capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout == ""
