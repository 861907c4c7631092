"""The stacks whose health is judged: those of the repository, and the largest and smallest that settings allow."""

from __future__ import annotations

from functools import cache

from health.alarm import Alarm
from health.alarms import alarms
from health.metric import MetricSource
from health.subjects import expected_sources
from plan.program import CHECKOUT
from settings import Stack
from settings.stack_file import read_stack
from tests.program.settings.case import stack_of

GROUPS = ", ".join(f"{{name: group-{number}, queue: Queue_{number}.x, minWorkers: 1}}" for number in range(120))
WATCHES = ", ".join(f"{{prefix: landing/{number}/, asset: asset_{number}}}" for number in range(40))
SMALLEST = """
dataStore: {instanceClass: db.t4g.micro, performanceInsights: false, multiAz: false}
cache: {nodeType: cache.t4g.micro, replicas: 0}
network: {zones: [a, b], nat: single}
airflow: {scheduler: {replicas: 1}, workerGroups: [{name: main, minWorkers: 0}]}
monitoring: {metrics: small, containerInsights: false, canaryMinutes: 60}
"""
LARGEST = f"""
dataStore: {{instanceClass: db.r8g.48xlarge, storageGib: 59578, maxStorageGib: 65536}}
cache: {{nodeType: cache.r7g.16xlarge, replicas: 5}}
network: {{nat: perZone}}
buckets: {{watches: [{WATCHES}]}}
ingress: {{domain: airflow.corp.net, publicZoneId: Z0123456789, scheme: internetFacing, allowedCidrs: [198.18.0.0/15]}}
airflow: {{scheduler: {{replicas: 20}}, workerGroups: [{GROUPS}]}}
"""
CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"
UNKNOWN = f"""
dataStore: {{instanceClass: db.q9z.large, parameters: {{max_connections: "LEAST({{DBInstanceClassMemory/1}},5000)"}}}}
cache: {{nodeType: cache.q9z.large}}
ingress: {{domain: airflow.corp.net, certificateArn: "{CERTIFICATE}"}}
"""
OFF = "monitoring: {enabled: false}"
WITHOUT_ALARMS = "monitoring: {alarms: false}"
STACKS = ("dev", "prod", "smallest", "largest", "unknown")


@cache
def stack(name: str) -> Stack:
    """One of STACKS."""
    written = {"smallest": SMALLEST, "largest": LARGEST, "unknown": UNKNOWN}.get(name)
    return stack_of(written) if written else read_stack(CHECKOUT / f"Pulumi.{name}.yaml")


def sources_of(stack: Stack) -> dict[str, MetricSource[str]]:
    """What the stack has."""
    return expected_sources(stack.settings, stack.site.prefix)


def alarms_of(stack: Stack) -> dict[str, Alarm]:
    """The stack's alarms, by name."""
    return {alarm.name: alarm for alarm in alarms(stack.settings, sources_of(stack))}
