"""The Helm values that the program gives to the Airflow chart, as YAML that `helm --values` reads."""

from __future__ import annotations

from typing import Any, Final

import yaml

from plan.config import PlanError
from plan.deployment import Deployment, Resource
from plan.report import masked
from plan.wire import Unknown

UNFOLDED: Final = 2**16
RELEASE_TYPE: Final = "kubernetes:helm.sh/v3:Release"


class _Dumper(yaml.SafeDumper):
    """Writes YAML for people: text of several lines in block style, and no anchors."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  as in PyYAML
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)  # pyright: ignore[reportUnknownMemberType]


_Dumper.add_representer(str, _text)


def release(deployment: Deployment, name: str = "airflow") -> Resource:
    """The Helm release of this name, which is the name in the cluster."""
    releases = deployment.of_type(RELEASE_TYPE)
    for each in releases:
        if each.inputs.get("name") == name:
            return each
    there = ", ".join(sorted(str(each.inputs.get("name")) for each in releases)) or "none"
    raise PlanError(f"stack {deployment.stack!r} has no Helm release named {name!r}; releases: {there}")


def values_yaml(deployment: Deployment, name: str = "airflow") -> str:
    """The release's values. A secret in them is shown as `[secret]`."""
    values: Any = release(deployment, name).inputs.get("values", {})
    if isinstance(values, Unknown):
        raise PlanError(f"in a preview the values of release {name!r} are not known yet; leave out --preview")
    shown = masked(values, deployment.project_dir)
    return yaml.dump(shown, Dumper=_Dumper, sort_keys=True, allow_unicode=True, width=UNFOLDED)
