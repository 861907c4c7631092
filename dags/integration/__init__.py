"""What the integration DAGs compute. Pure: Airflow and the network are used by the DAGs beside it only."""
