"""The environment of each of Airflow's processes: that of its pod, with `differences` on top."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from chart import pods
from chart.parts import Part
from chart.pods import SecretKey, Values
from local.differences import INHERITED, Differences

Secrets = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class AirflowEnvironment:
    """Environments of all parts, from one set of values."""

    values: Values
    secrets: Secrets
    differences: Differences

    def of(self, part: Part, group: Values | None = None) -> dict[str, str]:
        """All variables of a part, or of a worker group: an item of `workers.celery.sets`."""
        pod = pods.environment(self.values, part, group)
        return {
            **{name: os.environ[name] for name in INHERITED if name in os.environ},
            **self.differences.added,
            **{name: self._value(value) for name, value in pod.items()},
            **self.differences.changed,
            **self.differences.of_process(process_name(part, group)),
        }

    def of_sidecar(self, container: Values) -> dict[str, str]:
        """All variables of a sidecar. It needs less than Airflow: only what it names, with its differences."""
        listed = {name: self._value(value) for name, value in pods.sidecar_environment(container).items()}
        changed = {name: value for name, value in self.differences.changed.items() if name in listed}
        return {**{name: os.environ[name] for name in INHERITED if name in os.environ}, **listed, **changed}

    def _value(self, value: str | SecretKey) -> str:
        return self.secrets[value.name][value.key] if isinstance(value, SecretKey) else self.differences.placed(value)


def process_name(part: Part, group: Values | None = None) -> str:
    """As its pod is called, without the release's name."""
    return f"{part.value}-{group['name']}" if group else part.value
