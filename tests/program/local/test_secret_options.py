"""Secret options of airflow.cfg on one machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from chart import pods
from chart.parts import Part
from chart.pods import SecretKey
from local import stack
from local.ports import Ports
from refused import Refused
from tests.program.conftest import CHECKOUT
from tests.program.local.environments import PASSWORDS

VARIABLE = "AIRFLOW__SMTP__SMTP_PASSWORD"


def stack_file(folder: Path, value: str) -> Path:
    file = folder / "Pulumi.local.yaml"
    text = (CHECKOUT / file.name).read_text(encoding="utf-8").rstrip()
    file.write_text(f"{text}\n  alisio:secretConfig: {{smtp: {{smtp_password: {value}}}}}\n", encoding="utf-8")
    return file


def test_a_plain_secret_reaches_the_processes_as_in_the_pods(tmp_path: Path) -> None:
    """Here nothing is encrypted: the text of the file comes from the same Secret under the same variable, unchanged."""
    loaded = stack.load(stack_file(tmp_path, "'p%ss {{100}} '"))
    found = pods.environment(stack.chart_values(loaded, Ports()), Part.SCHEDULER)[VARIABLE]
    assert isinstance(found, SecretKey)
    secrets = stack.kubernetes_secrets(loaded, PASSWORDS, ports=Ports(), authority=tmp_path)
    assert secrets[found.name][found.key] == "p%ss {{100}} "


def test_an_encrypted_secret_is_refused_with_a_way(tmp_path: Path) -> None:
    """Only Pulumi can decrypt it: no process starts with something else in its place."""
    with pytest.raises(Refused, match="alisio:secretConfig is encrypted, and only Pulumi can read it") as caught:
        stack.load(stack_file(tmp_path, "{secure: djE6}"))
    assert caught.value.way_out
