"""Alarms about the door: load balancer and certificate. There are none while there is no door."""

from __future__ import annotations

from collections.abc import Iterator

from health.alarm import Alarm
from health.metric import Metric
from health.subjects import CERTIFICATE, DOOR, KINDS
from settings.ingress import IngressSettings

LOAD_BALANCER = KINDS[DOOR].dimensions[:1]
TARGETS = KINDS[DOOR].dimensions
ERRORS = 10
"""Fewer errors in five minutes say nothing: one user who tries again makes as many."""
EXPIRY_DAYS = 30
DAY_SECONDS = 86_400


def edge_alarms(ingress: IngressSettings) -> Iterator[Alarm]:
    """Can people get in, and is it quick?"""
    if not ingress.is_open:
        return
    yield _closed()
    yield _errors()
    yield _slow()
    if not ingress.certificate_arn:
        yield _expires()


def _closed() -> Alarm:
    return Alarm(
        name="door-closed",
        subject=DOOR,
        title="Nobody gets in: the load balancer has no healthy api-server",
        metrics={"value": Metric(name="HealthyHostCount", statistic="Maximum", by=TARGETS)},
        comparison="<",
        threshold=1,
        datapoints=(5, 5),
        # Without any pod in its list, the load balancer sends nothing.
        missing="breaching",
        pages=True,
        why="Every request is answered with 503. A rolling update always leaves one.",
        action="kubectl --namespace airflow get pod --selector component=api-server; then its targetgroupbinding.",
    )


def _errors() -> Alarm:
    failed = "FILL(refused, 0) + FILL(failed, 0)"
    return Alarm(
        name="door-errors",
        subject=DOOR,
        title="More than 5 % of all requests fail",
        metrics={
            "refused": Metric(name="HTTPCode_ELB_5XX_Count", statistic="Sum", by=LOAD_BALANCER),
            "failed": Metric(name="HTTPCode_Target_5XX_Count", statistic="Sum", by=LOAD_BALANCER),
            "passed": Metric(name="RequestCount", statistic="Sum", by=LOAD_BALANCER),
        },
        # RequestCount has what reached a target. What the load balancer refuses by itself comes on top.
        expression=(f"IF({failed} >= {ERRORS}, 100 * ({failed}) / (FILL(passed, 0) + FILL(refused, 0)), 0)"),
        comparison=">",
        threshold=5,
        period_seconds=300,
        datapoints=(2, 3),
        missing="notBreaching",
        pages=True,
        why=f"Percent, once there are {ERRORS} errors in five minutes. The load balancer's own count as well.",
        action="The log of the api-server: kubectl --namespace airflow logs deploy/airflow-api-server.",
    )


def _slow() -> Alarm:
    return Alarm(
        name="door-slow",
        subject=DOOR,
        title="Airflow answers slowly",
        metrics={"value": Metric(name="TargetResponseTime", statistic="p95", by=LOAD_BALANCER)},
        comparison=">",
        threshold=5,
        period_seconds=300,
        datapoints=(3, 3),
        missing="notBreaching",
        # CloudWatch takes no p99 of fewer than 1,000 requests, and no p95 of fewer than 200. A tab makes some 500.
        why="Seconds. One request in twenty takes longer. Of fewer than 200 in five minutes nothing is said.",
        action="Is the database slow? Then more airflow.apiServer.replicas, or more CPU for each.",
    )


def _expires() -> Alarm:
    return Alarm(
        name="certificate-expires",
        subject=CERTIFICATE,
        title="The certificate is not renewed",
        metrics={"value": Metric(name="DaysToExpiry", statistic="Minimum", by=KINDS[CERTIFICATE].dimensions)},
        comparison="<=",
        threshold=EXPIRY_DAYS,
        period_seconds=DAY_SECONDS,
        datapoints=(1, 1),
        missing="notBreaching",
        why="ACM renews 45 days ahead at the latest, and tries again every day. Each has failed for two weeks.",
        action="Is ACM's record still in the public zone? `make up` puts it back.",
    )
