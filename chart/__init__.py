"""What the charts of Airflow and KEDA are told: names, secrets, values, flows, policies. No Pulumi in here."""
