"""The environment of the dag-processor's pod, as far as a trial on another machine can have it."""

from __future__ import annotations

from collections.abc import Mapping

from chart import pods
from chart.endpoints import Endpoints
from chart.parts import Part
from chart.pods import SecretKey, Values
from chart.values import airflow_values
from refused import Refused
from settings import Stack

SECRET = "not-known-to-the-trial"
"""In place of what stands in a Secret, so that the variable is there."""


def dag_processor(values: Values) -> dict[str, str]:
    """All variables of the pod, by the chart's values. Those from a Secret have no true value."""
    try:
        variables = pods.environment(values, Part.DAG_PROCESSOR)
    except KeyError as error:
        raise Refused(
            f"alisio:airflow.values gives pods a variable that a trial cannot have: {error.args[0]}",
            "Give it a value, or publish untried: --no-check",
        ) from None
    return {name: SECRET if isinstance(value, SecretKey) else value for name, value in variables.items()}


def values_of(stack: Stack, outputs: Mapping[str, str]) -> Values:
    """The chart's values of a stack, with what is known of its outputs.

    Names that are not known are those of the local platform. On AWS random characters follow.
    """
    site = stack.site
    names = {kind: outputs.get(f"{kind}Bucket") or f"{site.prefix}-{bucket}" for kind, bucket in BUCKETS.items()}
    queues = f"https://sqs.{site.region}.amazonaws.com/{site.account_id}/{site.prefix}-events-"
    endpoints = Endpoints(
        region=site.region,
        secrets_prefix=site.path,
        dag_bucket=names["dag"],
        log_bucket=names["log"],
        data_bucket=names["data"],
        watched_queues={watch.asset: f"{queues}{watch.asset}" for watch in stack.settings.buckets.watches},
    )
    return airflow_values(stack.settings.airflow, stack.settings.monitoring, endpoints, secrets_checksum="")


BUCKETS = {"dag": "dags", "log": "logs", "data": "data"}
