"""Publishes DAG releases, without Pulumi: `python -m scripts.dags publish|list|diff|rollback|prune STACK`."""
