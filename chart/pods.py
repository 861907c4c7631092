"""What the official chart puts into each pod of Airflow, made of its values: the environment and the command.

The chart's templates say it. The local platform needs the same without a cluster; tests compare it with what the
templates render.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from chart.config import variable
from chart.parts import Part
from chart.quoting import unquoted
from chart.secrets import API_SECRET_KEY, CONNECTION, FERNET_KEY, FLOWER_LOGIN, JWT_SECRET
from refused import Refused

Values = Mapping[str, Any]

CHART_CONFIG = {
    # airflow.cfg as the chart's own values have it for Airflow 3. Ours do not repeat it.
    ("core", "auth_manager"): "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
    ("core", "load_examples"): "False",
    ("logging", "colored_console_log"): "False",
    ("scheduler", "standalone_dag_processor"): "True",
    ("fab", "enable_proxy_fix"): "True",
    ("metrics", "statsd_on"): "False",
}
CELERY_PARTS = (Part.WORKER, Part.FLOWER)
"""Started by `airflow celery ...`; the others by their own name."""


class SecretKey(NamedTuple):
    """One key of one Secret, in place of a variable's value."""

    name: str
    key: str


Variables = Mapping[str, str | SecretKey]

SECRET_VARIABLES: Mapping[str, tuple[Sequence[str], str]] = {
    # Variable: the value that names the Secret, and the key in it.
    "AIRFLOW__CORE__FERNET_KEY": (("fernetKeySecretName",), FERNET_KEY),
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": (("data", "metadataSecretName"), CONNECTION),
    "AIRFLOW_CONN_AIRFLOW_DB": (("data", "metadataSecretName"), CONNECTION),
    "AIRFLOW__API__SECRET_KEY": (("apiSecretKeySecretName",), API_SECRET_KEY),
    "AIRFLOW__CELERY__RESULT_BACKEND": (("data", "resultBackendSecretName"), CONNECTION),
    "AIRFLOW__CELERY__BROKER_URL": (("data", "brokerUrlSecretName"), CONNECTION),
}
"""Every pod has these (templates/_helpers.yaml)."""
JWT = {"AIRFLOW__API_AUTH__JWT_SECRET": (("jwtSecretName",), JWT_SECRET)}
FLOWER = {"AIRFLOW__CELERY__FLOWER_BASIC_AUTH": (("flower", "secretName"), FLOWER_LOGIN)}
MORE_SECRET_VARIABLES: Mapping[Part, Mapping[str, tuple[Sequence[str], str]]] = {
    # The key that signs tokens. Workers do not have it: each task brings its token.
    Part.API_SERVER: JWT,
    Part.SCHEDULER: JWT,
    Part.FLOWER: FLOWER,
}


def worker_groups(values: Values) -> Sequence[Values]:
    """The chart's worker sets."""
    return values[Part.WORKER.values_key]["celery"]["sets"]


def command(values: Values, part: Part, group: Values | None = None) -> list[str]:
    """Arguments of `airflow` for a part that runs all the time; `group` is a worker's set."""
    section: Values = values.get(part.values_key) or {}
    if section.get("args"):
        return _after_airflow(section["args"])
    queues = ["-q", group["queue"]] if group else []
    return [*(["celery"] if part in CELERY_PARTS else []), part.value, *queues]


def _after_airflow(arguments: Sequence[str]) -> list[str]:
    """What stands behind `exec airflow` in the arguments of a shell."""
    match [*arguments[:-1], *shlex.split(arguments[-1])]:
        case ["bash", "-c", "exec", "airflow", *rest]:
            return rest
        case _:
            raise Refused(
                f"The arguments {list(arguments)} are not understood here.",
                "Write them as the chart does: [bash, -c, exec airflow ...]",
            )


def sidecars(values: Values, part: Part) -> Sequence[Values]:
    """Containers of our own beside a part's."""
    section: Values = values.get(part.values_key) or {}
    return section.get("extraContainers") or []


def sidecar_environment(container: Values) -> Variables:
    """Variables of such a container. It has those that it names, and no others."""
    return _listed(container["env"])


def environment(values: Values, part: Part, group: Values | None = None) -> Variables:
    """Variables of a part's container; `group` is a worker's set."""
    return {
        **_config(values),
        **_listed(values.get("env", [])),
        **{each["envName"]: SecretKey(each["secretName"], each["secretKey"]) for each in values.get("secret", [])},
        **_listed(yaml.safe_load(values.get("extraEnv") or "[]")),
        **_listed(_own(values, part, group)),
        # After the others, as in the chart: where a name occurs twice, the built-in variable wins.
        **{
            name: SecretKey(_at(values, path), key)
            for name, (path, key) in {**SECRET_VARIABLES, **MORE_SECRET_VARIABLES.get(part, {})}.items()
        },
    }


def _config(values: Values) -> dict[str, str]:
    """airflow.cfg as variables, which win over it."""
    config = {
        (section, key): unquoted(str(value))
        for section, keys in values["config"].items()
        for key, value in keys.items()
    }
    config = {**CHART_CONFIG, ("core", "executor"): values["executor"], **config}
    bundles = values[Part.DAG_PROCESSOR.values_key]["dagBundleConfigList"]
    config.setdefault(("dag_processor", "dag_bundle_config_list"), json.dumps(bundles))
    return {variable(section, key): value for (section, key), value in config.items()}


def _own(values: Values, part: Part, group: Values | None) -> Sequence[Values]:
    section: Values = values.get(part.values_key) or {}
    if group is None:
        return section.get("env", [])
    return [*(section["celery"].get("env") or []), *group.get("env", [])]


def _listed(variables: Sequence[Values]) -> dict[str, str | SecretKey]:
    return {variable["name"]: _value(variable) for variable in variables}


def _value(variable: Values) -> str | SecretKey:
    match variable:
        case {"value": value}:
            return str(value)
        case {"valueFrom": {"secretKeyRef": {"name": name, "key": key}}}:
            return SecretKey(name, key)
        case _:
            raise KeyError(f"{variable['name']}: neither a value nor a secretKeyRef")


def _at(values: Values, path: Sequence[str]) -> str:
    found: Any = values
    for step in path:
        found = found[step]
    return found
