"""All alarms of a stack."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from health.airflow_alarms import airflow_alarms
from health.alarm import Alarm
from health.broker_alarms import broker_alarms
from health.cluster_alarms import cluster_alarms
from health.database_alarms import database_alarms
from health.edge_alarms import edge_alarms
from health.nat_alarms import nat_alarms
from health.queue_alarms import queue_alarms
from health.topic_alarms import topic_alarms
from settings import StackSettings


def alarms(settings: StackSettings, subjects: Collection[str]) -> list[Alarm]:
    """Those whose subject exists, users' troubles first. Without alarms in the settings, none."""
    if not settings.monitoring.raises_alarms:
        return []
    found = [alarm for alarm in _all(settings) if alarm.subject in subjects]
    names = [alarm.name for alarm in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        # CloudWatch would take the second for a change of the first.
        raise ValueError(f"alarms of one name: {sorted(twice)}")
    return found


def _all(settings: StackSettings) -> Iterator[Alarm]:
    yield from airflow_alarms(settings.airflow, settings.monitoring)
    yield from edge_alarms(settings.ingress)
    yield from database_alarms(settings.data_store)
    yield from broker_alarms(settings.cache)
    yield from cluster_alarms(settings.monitoring)
    yield from queue_alarms(settings.buckets.watches)
    yield from nat_alarms(settings.network)
    yield from topic_alarms()
