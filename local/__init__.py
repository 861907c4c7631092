"""The whole platform on one machine: settings, Airflow values and DAGs as on AWS, real parts for the managed ones.

`python -m local up` runs it. Read `startup.py` first: it is the order in which things start.

Imports go one way, from the left to the right:

    __main__ -> commands -> startup -> health, publish -> platform -> stack, airflow, single_sign_on -> services
      -> processes -> differences -> passwords, ports -> state -> install

`report` prints for `commands` and `startup`. `services.emulator`, `services.tls_front`, `services.load_balancer` and
`processes.with_environment` are also programs of their own.
"""
