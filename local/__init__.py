"""The whole platform on one machine: settings, Airflow values and DAGs as on AWS, real parts for the managed ones.

`python -m local up` runs it. Read `startup.py` first: it is the order of things.
"""
