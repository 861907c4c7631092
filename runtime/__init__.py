"""Code that runs inside Airflow's pods. It imports `releases` and nothing else of ours."""
