"""Who gets into Airflow: single sign-on for people, assertions for machines."""
