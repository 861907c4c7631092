"""Alísio on AWS: settings -> components -> exports."""

from pathlib import Path

import pulumi

from components.airflow import Airflow
from components.airflow_access import AirflowAccess
from components.airflow_cluster import AirflowCluster
from components.airflow_namespaces import AirflowNamespaces
from components.airflow_secrets import AirflowSecrets
from components.cache import Cache
from components.dag_bucket import DagBucket
from components.data_bucket import DataBucket
from components.data_store import DataStore
from components.guard import Guard
from components.ingress import Ingress
from components.log_bucket import LogBucket
from components.monitoring import Monitoring
from components.network import Network
from components.object_events import ObjectEvents
from components.telemetry import Telemetry
from components.user_access import UserAccess
from releases.publication import publication
from settings.load import load, shown_by_pulumi

with shown_by_pulumi():
    stack = load()
    site, chosen = stack.site, stack.settings
    published = publication(Path("dags"), bundle=chosen.airflow.dags.bundle, publisher=chosen.airflow.dags.publisher)

network = Network(f"{site.prefix}-network", chosen.network, site)

data_store = DataStore(f"{site.prefix}-data-store", chosen.data_store, network, site)
cache = Cache(f"{site.prefix}-cache", chosen.cache, network, site)
dags = DagBucket(f"{site.prefix}-dags", chosen.buckets, site, dags=chosen.airflow.dags, publication=published)
logs = LogBucket(f"{site.prefix}-logs", chosen.buckets, site)
data = DataBucket(f"{site.prefix}-data", chosen.buckets, site)
events = ObjectEvents(f"{site.prefix}-events", chosen.buckets.watches, data, site)

cluster = AirflowCluster(site.prefix, chosen.cluster, network, site)
data_store.allow_from("cluster", cluster.security_group_id)
cache.allow_from("cluster", cluster.security_group_id)

telemetry = Telemetry(f"{site.prefix}-telemetry", chosen.monitoring, cluster, site)

name = f"{site.prefix}-airflow"
namespaces = AirflowNamespaces(name, chosen, network, cluster)
secrets = AirflowSecrets(name, chosen, data_store, cache, cluster, namespaces, site)
access = AirflowAccess(name, chosen, cluster, dags, logs, data, events, site)
ingress = Ingress(site.prefix, chosen, network, cluster, namespaces, site)
users = UserAccess(name, chosen, cluster, namespaces, ingress, site)
after_the_agent = pulumi.ResourceOptions(depends_on=[telemetry])
airflow = Airflow(name, chosen, cluster, namespaces, secrets, access, users, opts=after_the_agent)

measured = [network, data_store, cache, events, cluster, ingress, telemetry]
monitoring = Monitoring(f"{site.prefix}-monitoring", chosen, cache, measured, site)

stores = [network, data_store, cache, dags, logs, data, events]
everything = [*stores, cluster, telemetry, namespaces, secrets, access, ingress, users, airflow, monitoring]
Guard(f"{site.prefix}-guard", site, opts=pulumi.ResourceOptions(depends_on=everything))

pulumi.export("region", site.region)
pulumi.export("clusterName", cluster.cluster_name)
pulumi.export("kubeconfigCommand", f"aws eks update-kubeconfig --region {site.region} --name {cluster.cluster_name}")
pulumi.export("airflow", ingress.way_in)
pulumi.export("loadBalancer", ingress.dns_name)
pulumi.export("signInIssuer", users.issuer)
pulumi.export("signInRedirectUri", users.redirect_uri)
pulumi.export("signedOutUri", users.signed_out_uri)
pulumi.export("airflowNamespace", airflow.namespace)
pulumi.export("dagBucket", dags.bucket_name)
pulumi.export("dagPublisherRole", dags.publisher_role_arn)
pulumi.export("logBucket", logs.bucket_name)
pulumi.export("dataBucket", data.bucket_name)
pulumi.export("databaseHost", data_store.host)
pulumi.export("brokerHost", cache.host)
pulumi.export("dashboard", monitoring.dashboard_url)
