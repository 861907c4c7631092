"""What holds for every setting that there is, and for every one to come."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from annotated_types import Ge, Le

from settings.access import SECRET_KEY
from settings.airflow_config import SECRET_CONFIG
from tests.program.settings.case import lines_of
from tests.program.settings.cases import CASES
from tests.program.settings.walk import AWS, LEAVES, OWN, Setting

NUMBERS = tuple(setting for setting in LEAVES if any(isinstance(limit, Ge) for limit in setting.field.metadata))
OPTIONAL = tuple(setting for setting in OWN if type(None) in getattr(setting.field.annotation, "__args__", ()))


def lines_with(setting: Setting, value: Any) -> list[str]:
    """What is said of this value here, whatever else the rules may say of its neighbours."""
    start = f"alisio:{setting.shown}"
    lines = lines_of(yaml.safe_dump(setting.with_value(value)))
    return [line for line in lines if line.startswith((f"{start}:", f"{start}[", f"{start}."))]


@pytest.mark.parametrize("setting", [*OWN, *AWS], ids=lambda setting: str(setting.path))
def test_every_setting_is_described(setting: Setting) -> None:
    """A docstring that ends in a full stop says what each setting is."""
    assert re.search(r"\w.*\.$", (setting.field.description or "").strip(), re.DOTALL)


@pytest.mark.parametrize("setting", LEAVES, ids=lambda setting: str(setting.path))
def test_every_setting_refuses_what_is_no_value_of_its_kind(setting: Setting) -> None:
    """A list of maps is not a setting's value: one line at its path says what is."""
    lines = [line for line in lines_with(setting, [{"what": "no"}]) if not line.endswith(" of them")]
    assert len(lines) == 1
    allowed = "a text|a whole number|true or false|one of .*|a map of keys and values"
    # No message repeats what may be a secret.
    shown = "" if setting.shown in (SECRET_CONFIG, SECRET_KEY) else r' (\[{what: "no"}\]|{what: "no"}):'
    assert re.search(rf":{shown} ({allowed})$", lines[0]), lines


@pytest.mark.parametrize("setting", LEAVES, ids=lambda setting: str(setting.path))
def test_every_setting_says_that_it_is_empty(setting: Setting) -> None:
    """A key without a value is refused by name, but where nothing is a choice."""
    lines = lines_with(setting, None)
    if setting in OPTIONAL:
        assert lines == []
    else:
        assert len(lines) == 1
        assert lines[0].startswith(f"alisio:{setting.shown}: is empty, and takes ")


@pytest.mark.parametrize("setting", NUMBERS, ids=lambda setting: str(setting.path))
def test_every_number_is_allowed_at_its_limits_and_refused_beyond(setting: Setting) -> None:
    """The limits in the models are those that a person meets."""
    lowest = next(limit.ge for limit in setting.field.metadata if isinstance(limit, Ge))
    highest = next(limit.le for limit in setting.field.metadata if isinstance(limit, Le))
    below: Any = lowest - 1  # pyright: ignore[reportOperatorIssue, reportUnknownVariableType]
    above: Any = highest + 1  # pyright: ignore[reportOperatorIssue, reportUnknownVariableType]
    assert lines_with(setting, below) == [f"alisio:{setting.shown}: {below}: at least {lowest}"]
    assert lines_with(setting, above) == [f"alisio:{setting.shown}: {above}: at most {highest}"]
    for allowed in (lowest, highest):
        assert not [line for line in lines_with(setting, allowed) if re.search(r": at (least|most) \d+$", line)]


def test_the_table_has_a_wrong_value_of_every_setting_that_is_more_than_true_or_false() -> None:
    """A new setting needs a row in the table of wrong settings, with its message. Settings of several components
    (size of a pod, size of a worker) need one row in all."""
    shown = {re.sub(r"\[\d+\]", "", line.split(": ")[0]) for case in CASES for line in case.lines}
    tried = {path.removeprefix("alisio:").rpartition(".")[2] for path in shown}
    wanted = [setting for setting in LEAVES if setting.field.annotation is not bool]
    missing = [setting.path for setting in wanted if setting.keys[-1] not in tried]
    assert [path for path in missing if not any(each.startswith(f"alisio:{path}.") for each in shown)] == []
