"""Every pinned version of the platform, each in this one place, with its reason where it is not the newest.

Python packages are pinned in `requirements.txt`; Airflow's own provider set in `requirements-airflow.txt`.
"""

AIRFLOW = "3.3.2"
AIRFLOW_IMAGE = "apache/airflow"

AIRFLOW_CHART = "1.22.0"
AIRFLOW_CHART_REPOSITORY = "https://airflow.apache.org"

KEDA_CHART = "2.20.2"
KEDA_CHART_REPOSITORY = "https://kedacore.github.io/charts"
KEDA_REGISTRY = "ghcr.io"

KUBERNETES = "1.35"
"""Not the newest of EKS: one behind, so that the add-ons and charts above have met it in production."""

POSTGRES = "17"
"""Major only: RDS chooses the minor, which AWS upgrades in the maintenance window."""

CACHE_ENGINES = {"redis": "7.1", "valkey": "8.1"}
"""Redis stops at 7.1 on ElastiCache: later versions of Redis changed their licence, and AWS goes on with Valkey."""

CACHE_FAMILIES = {"redis": "redis7", "valkey": "valkey8"}

CLOUDWATCH_ADDON = "v6.3.0-eksbuild.1"
"""The EKS add-on amazon-cloudwatch-observability. Not the newest chart, 6.4.0: this one is known on Auto Mode. What EKS
offers for a version of Kubernetes: `aws eks describe-addon-versions --addon-name amazon-cloudwatch-observability`.
Before 6.2.0 it ran a second, paid Container Insights by default."""
