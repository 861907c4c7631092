"""Alísio on AWS: settings -> components -> exports."""

from pathlib import Path

import pulumi

import settings
from components.airflow import Airflow
from components.airflow_cluster import AirflowCluster
from components.buckets import DagBucket, DataBucket, LogBucket
from components.cache import Cache
from components.data_store import DataStore
from components.network import Network
from components.object_events import ObjectEvents

stack = settings.load()
site, chosen = stack.site, stack.settings

network = Network(f"{site.prefix}-network", chosen.network, site)
data_store = DataStore(f"{site.prefix}-data-store", chosen.data_store, network, site)
cache = Cache(f"{site.prefix}-cache", chosen.cache, network, site)
dags = DagBucket(f"{site.prefix}-dags", chosen.buckets, site, dags=Path("dags"), publishing=chosen.airflow.dags)
logs = LogBucket(f"{site.prefix}-logs", chosen.buckets, site)
data = DataBucket(f"{site.prefix}-data", chosen.buckets, site)
events = ObjectEvents(f"{site.prefix}-events", chosen.buckets.watches, data, site)
cluster = AirflowCluster(site.prefix, chosen.cluster, network, site)
data_store.allow_from("cluster", cluster.security_group_id)
cache.allow_from("cluster", cluster.security_group_id)
airflow = Airflow(
    f"{site.prefix}-airflow",
    chosen.airflow,
    site,
    network=network,
    data_store=data_store,
    cache=cache,
    dags=dags,
    logs=logs,
    data=data,
    events=events,
    cluster=cluster,
)

pulumi.export("region", site.region)
pulumi.export("clusterName", cluster.cluster_name)
pulumi.export("kubeconfigCommand", f"aws eks update-kubeconfig --region {site.region} --name {cluster.cluster_name}")
pulumi.export("airflowNamespace", airflow.namespace)
pulumi.export("dagBucket", dags.bucket_name)
pulumi.export("dagPublisherRole", dags.publisher_role_arn)
pulumi.export("logBucket", logs.bucket_name)
pulumi.export("dataBucket", data.bucket_name)
pulumi.export("databaseHost", data_store.host)
pulumi.export("brokerHost", cache.host)
