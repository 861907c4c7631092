"""Wrong settings of worker groups, and of what they reach."""

from tests.program.settings.case import case

MEMORY = "a Kubernetes memory quantity: 512Mi or 2Gi"
NAME = "1 to 30 of a-z, 0-9 and hyphen, starting with a letter"
PREFIX = (
    "a prefix of S3 keys that ends in a slash and does not start with one, such as landing/sales/; of letters up to ÿ, "
    "digits, _ . = + - and single blanks"
)
GROUPS = "airflow: {workerGroups: "
AT = "alisio:airflow.workerGroups"

CASES = (
    case("no worker group", "range", f"{GROUPS}[]}}", f"{AT}: []: at least 1 of them"),
    case(
        "worker group key misspelt",
        "unknown",
        f"{GROUPS}[{{name: a, maxWorker: 3}}]}}",
        f"{AT}[0].maxWorker: unknown setting; did you mean maxWorkers?",
    ),
    case(
        "worker group without a name",
        "missing",
        f"{GROUPS}[{{queue: a}}]}}",
        f"{AT}[0].name: is required: Name of the group.",
    ),
    case("worker group starting with a digit", "pattern", f"{GROUPS}[{{name: 1st}}]}}", f'{AT}[0].name: "1st": {NAME}'),
    case(
        "worker group of the chart",
        "rule",
        f"{GROUPS}[{{name: default}}]}}",
        f'{AT}[0].name: "default": is taken by the chart; choose another name, and queue: default',
    ),
    case(
        "worker group twice",
        "rule",
        f"{GROUPS}[{{name: a}}, {{name: a}}]}}",
        f'{AT}[1].name: "a": another worker group has this name',
    ),
    case(
        "queue twice",
        "rule",
        f"{GROUPS}[{{name: a}}, {{name: b, queue: a}}]}}",
        f'{AT}[1].queue: "a": another worker group serves this queue',
    ),
    case(
        "queue with a space",
        "pattern",
        f"{GROUPS}[{{name: a, queue: my queue}}]}}",
        f'{AT}[0].queue: "my queue": a queue\'s name: letters, digits, dot, hyphen, underscore',
    ),
    case(
        "queue is a number",
        "type",
        f"{GROUPS}[{{name: a, queue: 1}}]}}",
        f"{AT}[0].queue: 1: a text (put it in quotes)",
    ),
    case("no concurrency", "range", f"{GROUPS}[{{name: a, concurrency: 0}}]}}", f"{AT}[0].concurrency: 0: at least 1"),
    case(
        "workers below none", "range", f"{GROUPS}[{{name: a, minWorkers: -1}}]}}", f"{AT}[0].minWorkers: -1: at least 0"
    ),
    case(
        "no workers at most",
        "range",
        f"{GROUPS}[{{name: a, minWorkers: 0, maxWorkers: 0}}]}}",
        f"{AT}[0].maxWorkers: 0: at least 1",
    ),
    case(
        "more workers at least than at most",
        "rule",
        f"{GROUPS}[{{name: a, minWorkers: 3, maxWorkers: 2}}]}}",
        f"{AT}[0].minWorkers: 3: at most maxWorkers (2)",
    ),
    case(
        "worker's CPU without quotes",
        "type",
        f"{GROUPS}[{{name: a, cpu: 2}}]}}",
        f"{AT}[0].cpu: 2: a text (put it in quotes)",
    ),
    case(
        "worker's memory without a unit",
        "pattern",
        f"{GROUPS}[{{name: a, memory: '4096'}}]}}",
        f'{AT}[0].memory: "4096": {MEMORY}',
    ),
    case(
        "worker's capacity in capitals",
        "choice",
        f"{GROUPS}[{{name: a, capacity: SPOT}}]}}",
        f'{AT}[0].capacity: "SPOT": one of onDemand, spot',
    ),
    case("no grace", "range", f"{GROUPS}[{{name: a, graceMinutes: 0}}]}}", f"{AT}[0].graceMinutes: 0: at least 1"),
    case(
        "grace longer than Celery waits",
        "rule",
        "airflow: {longestTaskHours: 1, workerGroups: [{name: a, graceMinutes: 61}]}",
        f"{AT}[0].graceMinutes: 61: longer than longestTaskHours (1 h): the task would run twice",
    ),
    case(
        "data prefix with a slash in front",
        "pattern",
        f"{GROUPS}[{{name: a, dataPrefixes: [/lake/]}}]}}",
        f'{AT}[0].dataPrefixes[0]: "/lake/": {PREFIX}',
    ),
    case(
        "data prefix of everything",
        "pattern",
        f"{GROUPS}[{{name: a, dataPrefixes: ['*']}}]}}",
        f'{AT}[0].dataPrefixes[0]: "*": {PREFIX}',
    ),
    case(
        "data prefix twice",
        "format",
        f"{GROUPS}[{{name: a, dataPrefixes: [lake/, lake/]}}]}}",
        f'{AT}[0].dataPrefixes: ["lake/", "lake/"]: listed more than once: lake/',
    ),
    case(
        "egress key misspelt",
        "unknown",
        "airflow: {egress: [{cidr: 10.9.0.0/16, port: [22], ports: [22]}]}",
        "alisio:airflow.egress[0].port: unknown setting; did you mean ports?",
    ),
    case(
        "egress without ports",
        "missing",
        "airflow: {egress: [{cidr: 10.9.0.0/16}]}",
        "alisio:airflow.egress[0].ports: is required: TCP ports.",
    ),
    case(
        "egress to a host name",
        "format",
        "airflow: {egress: [{cidr: db.example.com, ports: [5432]}]}",
        'alisio:airflow.egress[0].cidr: "db.example.com": not an IPv4 network in CIDR notation, such as 10.0.0.0/16',
    ),
    case(
        "egress to no port",
        "range",
        "airflow: {egress: [{cidr: 10.9.0.0/16, ports: []}]}",
        "alisio:airflow.egress[0].ports: []: at least 1 of them",
    ),
    case(
        "egress to port 0",
        "range",
        "airflow: {egress: [{cidr: 10.9.0.0/16, ports: [0]}]}",
        "alisio:airflow.egress[0].ports[0]: 0: at least 1",
    ),
    case(
        "egress to port 65536",
        "range",
        "airflow: {egress: [{cidr: 10.9.0.0/16, ports: [443, 65536]}]}",
        "alisio:airflow.egress[0].ports[1]: 65536: at most 65535",
    ),
    case(
        "egress to a port in quotes",
        "type",
        "airflow: {egress: [{cidr: 10.9.0.0/16, ports: ['443']}]}",
        'alisio:airflow.egress[0].ports[0]: "443": a whole number (without quotes)',
    ),
    case(
        "egress to a port without brackets",
        "type",
        "airflow: {egress: [{cidr: 10.9.0.0/16, ports: 443}]}",
        "alisio:airflow.egress[0].ports: 443: a list (put it in brackets)",
    ),
    case(
        "egress to a port twice",
        "format",
        "airflow: {egress: [{cidr: 10.9.0.0/16, ports: [443, 443]}]}",
        "alisio:airflow.egress[0].ports: [443, 443]: listed more than once: 443",
    ),
)
