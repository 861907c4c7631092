"""The whole table of wrong settings."""

from tests.program.settings import (
    cases_access,
    cases_airflow,
    cases_cache_buckets,
    cases_cluster,
    cases_data_store,
    cases_ingress,
    cases_monitoring,
    cases_network,
    cases_rules,
    cases_sign_on,
    cases_stack,
    cases_workers,
)

CASES = (
    *cases_stack.CASES,
    *cases_network.CASES,
    *cases_data_store.CASES,
    *cases_cache_buckets.CASES,
    *cases_ingress.CASES,
    *cases_access.CASES,
    *cases_sign_on.CASES,
    *cases_cluster.CASES,
    *cases_airflow.CASES,
    *cases_workers.CASES,
    *cases_rules.CASES,
    *cases_monitoring.CASES,
)
