"""The whole platform on one machine: the settings, Airflow values and DAGs of AWS, with real parts for the managed ones.

`python -m local up` runs it. Read `startup.py` first: it is the order of things.
"""
