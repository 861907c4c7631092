"""What docs/access.md tells people to write is right, and its workflow asks for what Airflow expects."""

from __future__ import annotations

import re

import pytest
import yaml

from plan.program import CHECKOUT
from settings.yaml_file import read_yaml_text
from tests.program.settings.case import lines_of
from tests.program.test_stacks import EXPORTS

PAGE = (CHECKOUT / "docs/access.md").read_text(encoding="utf-8")
BLOCKS = [re.sub(r"(?m)^ {3}", "", block) if block.startswith("   ") else block for block in
          re.findall(r"(?ms)^ *```yaml\n(.*?)^ *```", PAGE)]  # fmt: skip
OPEN = {"domain": "airflow.example.com", "publicZoneId": "Z0123456789"}
WORKFLOW = CHECKOUT / "docs/examples/run-dag.yml"


def access(block: str) -> dict[str, object]:
    """The settings of access in a block of the page."""
    return read_yaml_text(block, "block")["alisio:access"]


@pytest.mark.parametrize("block", BLOCKS)
def test_every_example_is_right(block: str) -> None:
    """A stack with what the page shows, and the secret where it has a client, has no mistake."""
    first = access(BLOCKS[0])
    shown = access(block)
    whole = {**first, **shown} if set(shown) == {"machines"} else shown
    secret = {"accessSecret": "hush"} if "clientId" in whole else {}
    assert lines_of(yaml.safe_dump({"ingress": OPEN, "access": whole, **secret})) == []


def test_the_example_in_the_file_of_prod_is_right() -> None:
    """Without the signs of a comment it is single sign-on, and the stack has no mistake."""
    text = (CHECKOUT / "Pulumi.prod.yaml").read_text(encoding="utf-8")
    wanted = re.sub(r"(?m)^  # (alisio:access:|  )", r"  \1", text)
    file = read_yaml_text(wanted, "Pulumi.prod.yaml")["config"]
    assert "alisio:access" in file
    assert lines_of(yaml.safe_dump({key.removeprefix("alisio:"): value for key, value in file.items()})) == []


def test_each_provider_has_an_example() -> None:
    """One block for switching it on, one for machines, one for each provider."""
    providers = re.findall(r"(?m)^### (.+)$", PAGE)
    assert providers == ["Okta", "Microsoft Entra ID", "Keycloak", "Google", "Amazon Cognito"]
    assert len(BLOCKS) == 2 + len(providers)


def test_what_to_register_is_what_the_program_says() -> None:
    """Both addresses, and the outputs that show them."""
    from chart.access import SIGN_IN, SIGNED_OUT

    for path in (SIGN_IN, SIGNED_OUT):
        assert f"https://airflow.example.com/{path}`" in PAGE
    named = set(re.findall(r"`(sign\w+)`", PAGE))
    assert named
    assert named <= EXPORTS


def test_the_workflow_may_ask_github_and_stores_nothing() -> None:
    """It has the one permission, asks for an audience that is Airflow's address, and names no secret."""
    text = WORKFLOW.read_text(encoding="utf-8")
    workflow = read_yaml_text(text, "workflow")
    assert workflow["permissions"] == {"id-token": "write"}
    assert workflow["jobs"]["run"]["environment"] == "production"
    assert "secrets." not in text
    [step] = workflow["jobs"]["run"]["steps"]
    assert 'audience=$AIRFLOW_URL"' in step["run"]
