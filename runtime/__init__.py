"""Code that runs inside Airflow's pods. It imports no other folder of ours."""
