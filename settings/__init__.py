"""Every setting of a stack: frozen, strict models, one for each component.

Unknown keys and bad values are refused. Nothing here imports Pulumi but `settings.load`.
"""

from settings.access import AccessSettings, Machine
from settings.airflow import AirflowSettings, Component, Dags, Egress, WorkerGroup
from settings.buckets import BucketsSettings, Watch
from settings.cache import CacheSettings
from settings.cluster import ClusterSettings, NodePool
from settings.data_store import DataStoreSettings
from settings.ingress import IngressSettings
from settings.monitoring import MonitoringSettings
from settings.network import ExistingNetwork, NetworkSettings
from settings.reading import SettingsError, read
from settings.stack import AwsSettings, Site, Stack, StackSettings

__all__ = [
    "AccessSettings",
    "AirflowSettings",
    "AwsSettings",
    "BucketsSettings",
    "CacheSettings",
    "ClusterSettings",
    "Component",
    "Dags",
    "DataStoreSettings",
    "Egress",
    "ExistingNetwork",
    "IngressSettings",
    "Machine",
    "MonitoringSettings",
    "NetworkSettings",
    "NodePool",
    "SettingsError",
    "Site",
    "Stack",
    "StackSettings",
    "Watch",
    "WorkerGroup",
    "read",
]
