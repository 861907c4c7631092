"""A rule across components says in its parameters what it needs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from settings.base import Mistake
from settings.rule import KNOWN, rule

CHECKOUT = Path(__file__).parents[3]


def test_a_rule_may_need_every_setting_and_the_prefix() -> None:
    """What is known is what the models have, in Python's spelling."""
    assert {"prefix", "production", "data_store", "airflow", "region", "allowed_account_ids"} <= KNOWN


def test_a_rule_that_needs_what_no_stack_has_is_an_error() -> None:
    """A misspelt parameter would mean that the rule is never asked: it is refused by name."""

    def production_has_backups(production: bool, data_stor: object) -> Iterator[Mistake]:  # noqa: ARG001, FBT001
        return iter(())

    with pytest.raises(TypeError, match=r"rule production_has_backups needs data_stor; known are access, "):
        rule(production_has_backups)


def test_a_misspelt_rule_stops_the_import(tmp_path: Path) -> None:
    """The module of the rules itself does not load: no stack is planned without the rule."""
    text = (CHECKOUT / "settings" / "rules.py").read_text()
    (tmp_path / "misspelt.py").write_text(text.replace("cache: CacheSettings", "cahce: CacheSettings"))
    done = subprocess.run(
        [sys.executable, "-c", "import misspelt"],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{CHECKOUT}:{tmp_path}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "rule production_has_a_standby_broker needs cahce" in done.stderr
