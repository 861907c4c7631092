"""Every image of the platform comes from the settings: a stack without NAT reaches no public registry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import versions
from plan import plan_stack
from plan.wire import walk
from tests.program.conftest import planned
from tests.program.facts import ECR, MIRRORED
from tests.program.rendered import AIRFLOW, KEDA, chart_values

PUBLIC = ("apache/airflow", "docker.io", "ghcr.io", "quay.io", "registry.k8s.io", "public.ecr.aws", "gcr.io")


def test_values_name_the_images_of_the_settings() -> None:
    """Repository and tag of Airflow, and the registry of KEDA, arrive at the keys that the charts read."""
    mirrored = plan_stack("dev", config_overrides={"airflow": MIRRORED})
    airflow = chart_values(mirrored, AIRFLOW)
    assert (airflow["defaultAirflowRepository"], airflow["defaultAirflowTag"]) == (f"{ECR}/airflow", "3.3.2-ours")
    assert chart_values(mirrored, KEDA)["global"]["image"]["registry"] == f"{ECR}/ghcr"


def test_the_default_registries_are_pinned_with_the_versions() -> None:
    """Without a setting the images are the projects' own."""
    assert chart_values(planned("dev"), KEDA)["global"]["image"]["registry"] == versions.KEDA_REGISTRY
    assert chart_values(planned("dev"))["defaultAirflowRepository"] == versions.AIRFLOW_IMAGE


def test_no_value_names_a_public_registry_once_the_images_are_mirrored() -> None:
    """No image is hidden in the values: neither a registry nor a repository but those of the settings."""
    mirrored = plan_stack("dev", config_overrides={"airflow": MIRRORED})
    for name in (AIRFLOW, KEDA):
        for path, text in _texts(chart_values(mirrored, name)):
            assert not any(registry in text for registry in PUBLIC), f"{name}: {path}: {text}"


def _texts(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from ((path, leaf) for path, leaf in walk(values) if isinstance(leaf, str))
