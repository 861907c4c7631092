"""What the integration DAGs compute. Pure: no Airflow, no network; the DAGs beside it bring both."""
