"""Airflow's own parser finds the same in a file that the chart makes as in a variable of the local platform."""

from __future__ import annotations

import pytest
from airflow.configuration import AirflowConfigParser, conf
from hypothesis import given, settings

from chart.config import variable
from chart.quoting import quoted, unquoted
from settings.airflow_config import GUARDED, SENSITIVE, is_sensitive
from tests.nasty import LINES, VALUES


def in_a_file(value: str) -> str | None:
    """What Airflow finds in airflow.cfg once the chart has replaced the templates, which a test of the chart shows."""
    parser = AirflowConfigParser()
    parser.read_string("[nasty]\noption = " + quoted(value).replace('{{ "{{" }}', "{{"))
    return parser.get("nasty", "option")


def in_a_variable(value: str) -> str | None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(variable("nasty", "option"), unquoted(quoted(value)))
        return AirflowConfigParser().get("nasty", "option")


@pytest.mark.parametrize("value", [value for value in VALUES if not value.startswith("~")])
def test_airflow_finds_what_somebody_wrote(value: str) -> None:
    """A value means the same in the pods and on one machine: what it says."""
    assert in_a_file(value) == in_a_variable(value) == value


@settings(deadline=None)
@given(LINES)
def test_airflow_finds_any_line(value: str) -> None:
    """No piece of a value is an interpolation, a comment or a template to Airflow."""
    assert in_a_file(value) == in_a_variable(value) == value


def test_whatever_airflow_calls_sensitive_is_a_secret_here() -> None:
    """An option whose value Airflow hides is refused where everybody could read it."""
    options = {(section, key) for section, key in conf.sensitive_config_values}
    assert len(options) > 15
    assert [each for each in options if not is_sensitive(*each) and ".".join(each) not in GUARDED] == []
    assert [each for each in SENSITIVE if tuple(each.split(".", 1)) not in options] == []


def test_variables_are_named_as_airflow_names_them() -> None:
    """A section with a dot and a key with a hyphen reach Airflow too."""
    for section, key in (("core", "parallelism"), ("common.io", "xcom_objectstorage_path"), ("a", "client-config")):
        assert variable(section, key) == conf._env_var_name(section, key)
