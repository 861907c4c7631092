"""Every setting at every level, found by walking the models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from settings import AwsSettings, StackSettings

WITHIN: dict[str, dict[str, Any]] = {
    "access.cognito": {"domainPrefix": "my-company"},
    "access.machines": {"name": "ci", "issuer": "https://ci.example.com", "subject": "job", "role": "Op"},
    "airflow.egress": {"cidr": "10.9.0.0/16", "ports": [443]},
    "airflow.workerGroups": {"name": "main"},
    "cluster.nodePools": {"name": "core"},
    "monitoring.pauses": {"name": "night", "cron": "0 20 * * *", "hours": 8},
    "monitoring.slack": {"teamId": "T0123ABCD", "channelId": "C0123ABCD"},
    "monitoring.teams": {
        "teamId": "01234567-89ab-cdef-0123-456789abcdef",
        "tenantId": "01234567-89ab-cdef-0123-456789abcdef",
        "channelId": "19:abc@thread.tacv2",
    },
    "network.existing": {
        "vpcId": "vpc-12345678",
        "cidr": "10.9.0.0/16",
        "privateSubnetIds": ["subnet-0000000a", "subnet-0000000b"],
        "dataSubnetIds": ["subnet-0000000c", "subnet-0000000d"],
        "dataCidrs": ["10.9.9.0/24"],
    },
}
"""What a model with required fields needs around the one that is tried."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One field of a model, and where it stands."""

    keys: tuple[str, ...]
    field: FieldInfo
    many: tuple[str, ...] = ()
    """The keys on the way that hold a list."""

    @property
    def path(self) -> str:
        """As the stack file nests it, without indices."""
        return ".".join(self.keys)

    @property
    def shown(self) -> str:
        """As a message names it, when each list has one item."""
        steps = [".".join(self.keys[: depth + 1]) for depth in range(len(self.keys))]
        return ".".join(key + ("[0]" if step in self.many else "") for key, step in zip(self.keys, steps, strict=True))

    def with_value(self, value: Any) -> dict[str, Any]:
        """The settings that hold this value here, and what its models require."""
        for depth in range(len(self.keys) - 1, -1, -1):
            step = ".".join(self.keys[: depth + 1])
            value = [value] if step in self.many else value
            around = WITHIN.get(".".join(self.keys[:depth]), {})
            value = {**around, self.keys[depth]: value}
        return value


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside a tuple, an Optional, an Annotated."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for each in get_args(annotation) if (model := model_in(each))), None)


def walk(model: type[BaseModel], above: Setting | None = None) -> Iterator[Setting]:
    """The fields of a model and of the models in it."""
    for name, field in model.model_fields.items():
        keys = (*(above.keys if above else ()), field.alias or name)
        many = above.many if above else ()
        inner = model_in(field.annotation)
        yield Setting(keys=keys, field=field, many=many)
        if inner:
            lists = "tuple" in str(field.annotation)
            here = Setting(keys=keys, field=field, many=(*many, ".".join(keys)) if lists else many)
            yield from walk(inner, here)


OWN = tuple(walk(StackSettings))
AWS = tuple(walk(AwsSettings))
LEAVES = tuple(setting for setting in OWN if model_in(setting.field.annotation) is None)
