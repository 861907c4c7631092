"""A value of `airflow.config` is the same in the settings, in the pods, and on one machine, whatever is in it.

The real chart renders the values, and configparser reads the file; a test beside Airflow has Airflow's own parser read
such a line. Needs AIRFLOW_CHART, the path of the chart.
"""

from __future__ import annotations

import configparser
from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chart import pods
from chart.endpoints import Endpoints
from chart.parts import Part
from chart.pods import Values
from chart.values import airflow_values
from settings import AirflowSettings, MonitoringSettings
from settings.airflow_config import LINE, plain_mistakes
from tests.nasty import LINES, VALUES
from tests.program.rendered import airflow_chart_with

ENDPOINTS = Endpoints(
    region="r", secrets_prefix="p", dag_bucket="d", log_bucket="l", data_bucket="b", watched_queues={}
)


def values_with(texts: Sequence[str]) -> Values:
    """The chart's values of a stack that has these texts as options."""
    config = {"nasty": {f"option{index}": text for index, text in enumerate(texts)}}
    assert list(plain_mistakes(config)) == []
    return airflow_values(AirflowSettings(config=config), MonitoringSettings(), ENDPOINTS, secrets_checksum="")


def in_the_pods(values: Values) -> list[str]:
    """The options as configparser finds them in the file that the chart makes."""
    [file] = [
        each["data"]["airflow.cfg"]
        for each in airflow_chart_with(dict(values))
        if each["kind"] == "ConfigMap" and "airflow.cfg" in each["data"]
    ]
    # As in Airflow: https://github.com/apache/airflow/blob/3.3.2/shared/configuration/src/airflow_shared/configuration/parser.py
    parser = configparser.ConfigParser()
    parser.read_string(file)
    return [parser["nasty"][f"option{index}"] for index in range(len(values["config"]["nasty"]))]


def here(values: Values) -> list[str]:
    """The options as the variables of the local platform have them."""
    variables = pods.environment(values, Part.SCHEDULER)
    return [str(variables[f"AIRFLOW__NASTY__OPTION{index}"]) for index in range(len(values["config"]["nasty"]))]


def test_values_that_somebody_wrote_are_the_same_everywhere() -> None:
    """Passwords with `%`, templates of Airflow's own, JSON, quotes and comments come through unchanged."""
    values = values_with(VALUES)
    assert here(values) == list(VALUES)
    assert in_the_pods(values) == list(VALUES)


# A rendering takes seconds: many values in one, and no search for the shortest that fails.
@settings(max_examples=5, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINES | st.from_regex(LINE, fullmatch=True).map(str.strip), min_size=100, max_size=100))
def test_any_line_of_text_is_the_same_everywhere(texts: list[str]) -> None:
    """Whatever line the settings take, no reader on its way makes another one of it."""
    values = values_with(texts)
    assert here(values) == texts
    assert in_the_pods(values) == texts
