"""The environment of each Airflow process: what the Helm chart would make of its values, with `differences` on top."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import yaml

from local.differences import Differences

Values = Mapping[str, Any]
Secrets = Mapping[str, Mapping[str, str]]

CHART_CONFIG = {
    # What the chart's own values.yaml says for Airflow 3, and ours do not repeat.
    ("core", "auth_manager"): "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
    ("core", "load_examples"): "False",
    ("logging", "colored_console_log"): "False",
    ("scheduler", "standalone_dag_processor"): "True",
    ("fab", "enable_proxy_fix"): "True",
    ("metrics", "statsd_on"): "False",
}
SECRET_VARIABLES = {
    # What templates/_helpers.yaml puts into every pod, by the value that names the Secret.
    "AIRFLOW__CORE__FERNET_KEY": (("fernetKeySecretName",), "fernet-key"),
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": (("data", "metadataSecretName"), "connection"),
    "AIRFLOW_CONN_AIRFLOW_DB": (("data", "metadataSecretName"), "connection"),
    "AIRFLOW__API__SECRET_KEY": (("apiSecretKeySecretName",), "api-secret-key"),
    "AIRFLOW__CELERY__RESULT_BACKEND": (("data", "resultBackendSecretName"), "connection"),
    "AIRFLOW__CELERY__BROKER_URL": (("data", "brokerUrlSecretName"), "connection"),
}
JWT = {"AIRFLOW__API_AUTH__JWT_SECRET": (("jwtSecretName",), "jwt-secret")}
WITH_JWT = ("apiServer", "scheduler")
"""The chart gives the key that signs tokens to these only; workers are handed theirs with each task."""
FLOWER = {"AIRFLOW__CELERY__FLOWER_BASIC_AUTH": (("flower", "secretName"), "basicAuth")}
INHERITED = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ", "USER")
"""Nothing else of the user's shell: least of all their AWS credentials."""


@dataclass(frozen=True)
class AirflowEnvironment:
    """Environments of the components of one set of values."""

    values: Values
    secrets: Secrets
    differences: Differences

    def of(self, component: str, *, own: Mapping[str, str] | None = None) -> dict[str, str]:
        """Of a component by its key in the chart's values; `own` is the component's last word."""
        section = cast("Values", self.values.get(component) or {})
        return self._whole(section, names=self._secret_names(component), own=own)

    def of_worker(self, group: Values, *, own: Mapping[str, str] | None = None) -> dict[str, str]:
        """Of a worker group: an item of `workers.celery.sets`."""
        return self._whole({"env": [*self._worker_defaults(), *group.get("env", [])]}, names=SECRET_VARIABLES, own=own)

    def _whole(
        self, section: Values, *, names: Mapping[str, tuple[tuple[str, ...], str]], own: Mapping[str, str] | None
    ) -> dict[str, str]:
        everything = {
            **{name: os.environ[name] for name in INHERITED if name in os.environ},
            **self._config(),
            **self._listed(self.values.get("env", [])),
            **self._listed(yaml.safe_load(self.values.get("extraEnv") or "[]")),
            **self._listed(section.get("env", [])),
            # After the others, as in the chart: on a name that stands twice the built-in one wins.
            **{name: self._secret(path, key) for name, (path, key) in names.items()},
        }
        return {**everything, **self.differences.changed, **self.differences.added, **(own or {})}

    def _config(self) -> dict[str, str]:
        config = {
            (section, key): str(value) for section, keys in self.values["config"].items() for key, value in keys.items()
        }
        config = {**CHART_CONFIG, ("core", "executor"): self.values["executor"], **config}
        bundles = self.values["dagProcessor"]["dagBundleConfigList"]
        config.setdefault(("dag_processor", "dag_bundle_config_list"), json.dumps(bundles))
        return {f"AIRFLOW__{section.upper()}__{key.upper()}": value for (section, key), value in config.items()}

    def _secret_names(self, component: str) -> Mapping[str, tuple[tuple[str, ...], str]]:
        if component in WITH_JWT:
            return {**SECRET_VARIABLES, **JWT}
        return {**SECRET_VARIABLES, **FLOWER} if component == "flower" else SECRET_VARIABLES

    def _secret(self, path: tuple[str, ...], key: str) -> str:
        name: Any = self.values
        for step in path:
            name = name[step]
        return self.secrets[name][key]

    def _worker_defaults(self) -> list[Values]:
        return self.values["workers"]["celery"].get("env") or []

    def _listed(self, variables: list[Values]) -> dict[str, str]:
        return {variable["name"]: self._value(variable) for variable in variables}

    def _value(self, variable: Values) -> str:
        match variable:
            case {"value": value}:
                return str(value)
            case {"valueFrom": {"secretKeyRef": {"name": name, "key": key}}}:
                return self.secrets[name][key]
            case _:
                raise KeyError(f"{variable['name']}: neither a value nor a secretKeyRef")
