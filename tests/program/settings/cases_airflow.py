"""Wrong settings of Airflow, but for its worker groups and what they reach."""

from tests.program.settings.case import case

CPU = "a Kubernetes CPU quantity: 500m or 2"
MEMORY = "a Kubernetes memory quantity: 512Mi or 2Gi"
NAME = "1 to 30 of a-z, 0-9 and hyphen, starting with a letter"
NAMES = "no option of airflow.cfg: sections are of a-z, 0-9, _ and dots, keys of a-z, 0-9, _ and hyphens"
SECRET = "a secret that everybody could read here; `pulumi config set --secret --path"
ENCRYPTS = "encrypts it (in Pulumi.local.yaml it is plain, below the same keys)"
CRON = "a cron expression of five fields, such as 0 3 * * *; a range never falls, and Sunday is 0"

CASES = (
    case(
        "a text that is a date for YAML",
        "format",
        "airflow: {config: {core: {a: 2026-02-28 10:00:00}, dag_processor: {b: 2026-01-31}}}",
        'alisio:airflow.config.core.a: "2026-02-28 10:00:00 +0000 UTC": a date, for YAML; put it in quotes',
        'alisio:airflow.config.dag_processor.b: "2026-01-31": a date, for YAML; put it in quotes',
    ),
    case(
        "Airflow key misspelt",
        "unknown",
        "airflow: {apiserver: {}}",
        "alisio:airflow.apiserver: unknown setting; did you mean apiServer?",
    ),
    case(
        "image key misspelt",
        "unknown",
        "airflow: {image: {tags: x}}",
        "alisio:airflow.image.tags: unknown setting; did you mean tag?",
    ),
    case(
        "image with a space",
        "pattern",
        "airflow: {image: {repository: my airflow}}",
        'alisio:airflow.image.repository: "my airflow": the name of an image without its tag',
    ),
    case(
        "tag is a number",
        "type",
        "airflow: {image: {tag: 3.3}}",
        "alisio:airflow.image.tag: 3.3: a text (put it in quotes)",
    ),
    case(
        "tag is a digest",
        "pattern",
        "airflow: {image: {tag: 'sha256:0a'}}",
        'alisio:airflow.image.tag: "sha256:0a": the tag of an image',
    ),
    case(
        "digest that is none",
        "pattern",
        "airflow: {image: {digest: 'sha256:0a'}}",
        'alisio:airflow.image.digest: "sha256:0a": sha256: and 64 digits of a hash, as a registry shows it',
    ),
    case(
        "component key misspelt in it",
        "unknown",
        "airflow: {scheduler: {replica: 2}}",
        "alisio:airflow.scheduler.replica: unknown setting; did you mean replicas?",
    ),
    case(
        "component key nobody knows",
        "unknown",
        "airflow: {triggerer: {zebra: 2}}",
        "alisio:airflow.triggerer.zebra: unknown setting; known are cpu, memory, replicas",
    ),
    case(
        "no api-server",
        "range",
        "airflow: {apiServer: {replicas: 0}}",
        "alisio:airflow.apiServer.replicas: 0: at least 1",
    ),
    case(
        "too many schedulers",
        "range",
        "airflow: {scheduler: {replicas: 21}}",
        "alisio:airflow.scheduler.replicas: 21: at most 20",
    ),
    case("component as a number", "type", "airflow: {triggerer: 2}", "alisio:airflow.triggerer: 2: a map of settings"),
    case(
        "CPU without quotes",
        "type",
        "airflow: {apiServer: {cpu: 1}}",
        "alisio:airflow.apiServer.cpu: 1: a text (put it in quotes)",
    ),
    case("half a CPU", "pattern", "airflow: {apiServer: {cpu: '0.5'}}", f'alisio:airflow.apiServer.cpu: "0.5": {CPU}'),
    case(
        "memory in megabytes",
        "pattern",
        "airflow: {scheduler: {memory: 2048M}}",
        f'alisio:airflow.scheduler.memory: "2048M": {MEMORY}',
    ),
    case(
        "DAGs by git",
        "choice",
        "airflow: {dags: {bundle: git}}",
        'alisio:airflow.dags.bundle: "git": one of release, s3',
    ),
    case(
        "DAGs published by anybody",
        "choice",
        "airflow: {dags: {publisher: anybody}}",
        'alisio:airflow.dags.publisher: "anybody": one of pulumi, command',
    ),
    case(
        "DAGs published by a repository's address",
        "pattern",
        "airflow: {dags: {publisher: command, githubRepository: 'https://github.com/a/b'}}",
        'alisio:airflow.dags.githubRepository: "https://github.com/a/b": '
        "a repository on GitHub with its ids, such as my-company@123456/my-dags@456789, or an old one without",
    ),
    case(
        "DAGs published by a repository and by Pulumi",
        "rule",
        "airflow: {dags: {githubRepository: a/b}}",
        'alisio:airflow.dags.githubRepository: "a/b": needs publisher: command',
    ),
    case(
        "DAGs published from an environment with a space",
        "pattern",
        "airflow: {dags: {publisher: command, githubRepository: a/b, githubEnvironment: my prod}}",
        'alisio:airflow.dags.githubEnvironment: "my prod": an environment on GitHub',
    ),
    case(
        "two dag-processors",
        "rule",
        "airflow: {dags: {bundle: s3}, dagProcessor: {replicas: 2}}",
        "alisio:airflow.dagProcessor.replicas: 2: must be 1: with the S3 bundle a second one misses new files",
    ),
    case(
        "Flower with replicas",
        "unknown",
        "airflow: {flower: {replicas: 2}}",
        "alisio:airflow.flower.replicas: unknown setting; known are cpu, enabled, memory",
    ),
    case(
        "Flower's memory of nothing",
        "pattern",
        "airflow: {flower: {memory: 0Mi}}",
        f'alisio:airflow.flower.memory: "0Mi": {MEMORY}',
    ),
    case(
        "clean-up key misspelt",
        "unknown",
        "airflow: {databaseCleanup: {retentionDay: 9}}",
        "alisio:airflow.databaseCleanup.retentionDay: unknown setting; did you mean retentionDays?",
    ),
    case(
        "clean-up by a word",
        "format",
        "airflow: {databaseCleanup: {schedule: daily}}",
        f'alisio:airflow.databaseCleanup.schedule: "daily": {CRON}',
    ),
    case(
        "clean-up at minute 61",
        "format",
        "airflow: {databaseCleanup: {schedule: 61 3 * * *}}",
        f'alisio:airflow.databaseCleanup.schedule: "61 3 * * *": {CRON}',
    ),
    case(
        "clean-up with seconds",
        "format",
        "airflow: {databaseCleanup: {schedule: 0 0 3 * * *}}",
        f'alisio:airflow.databaseCleanup.schedule: "0 0 3 * * *": {CRON}',
    ),
    case(
        "clean-up on a backward range",
        "format",
        "airflow: {databaseCleanup: {schedule: 0 3 * * 5-1}}",
        f'alisio:airflow.databaseCleanup.schedule: "0 3 * * 5-1": {CRON}',
    ),
    case(
        "runs kept too short",
        "range",
        "airflow: {databaseCleanup: {retentionDays: 6}}",
        "alisio:airflow.databaseCleanup.retentionDays: 6: at least 7",
    ),
    case("no parallelism", "range", "airflow: {parallelism: 0}", "alisio:airflow.parallelism: 0: at least 1"),
    case(
        "too many tasks of a DAG",
        "range",
        "airflow: {maxActiveTasksPerDag: 10001}",
        "alisio:airflow.maxActiveTasksPerDag: 10001: at most 10000",
    ),
    case(
        "DAGs looked for all the time",
        "range",
        "airflow: {dagRefreshSeconds: 4}",
        "alisio:airflow.dagRefreshSeconds: 4: at least 5",
    ),
    case(
        "tasks of eight days",
        "range",
        "airflow: {longestTaskHours: 169}",
        "alisio:airflow.longestTaskHours: 169: at most 168",
    ),
    case(
        "admin without a name",
        "pattern",
        "airflow: {adminUsername: ''}",
        'alisio:airflow.adminUsername: "": 1 to 64 letters, digits, dots, hyphens, underscores',
    ),
    case("no Fernet key", "range", "airflow: {fernetKeys: []}", "alisio:airflow.fernetKeys: []: at least 1 of them"),
    case(
        "Fernet key twice",
        "format",
        "airflow: {fernetKeys: [new, new]}",
        'alisio:airflow.fernetKeys: ["new", "new"]: listed more than once: new',
    ),
    case(
        "Fernet key of a date",
        "pattern",
        "airflow: {fernetKeys: ['2026']}",
        f'alisio:airflow.fernetKeys[0]: "2026": {NAME}',
    ),
    case(
        "configuration value is a number",
        "type",
        "airflow: {config: {scheduler: {max_tis_per_query: 16}}}",
        "alisio:airflow.config.scheduler.max_tis_per_query: 16: a text (put it in quotes)",
    ),
    case(
        "configuration without a section",
        "type",
        "airflow: {config: {parallelism: '16'}}",
        'alisio:airflow.config.parallelism: "16": a map of keys and values',
    ),
    case(
        "another executor",
        "rule",
        "airflow: {config: {core: {executor: LocalExecutor}}}",
        "alisio:airflow.config.core.executor: is set by the platform; remove it",
    ),
    case(
        "a secret in the open",
        "rule",
        "airflow: {config: {core: {fernet_key: c2VjcmV0}}}",
        "alisio:airflow.config.core.fernet_key: is set by the platform; remove it",
    ),
    case(
        "a secret in other letters",
        "rule",
        "airflow: {config: {Celery: {BROKER_URL: 'redis://:secret@host'}}}",
        "alisio:airflow.config.Celery.BROKER_URL: is set by the platform; remove it",
    ),
    case(
        "a password in the open",
        "rule",
        "airflow: {config: {smtp: {smtp_password: hunter2, smtp_password_cmd: cat /run/password}}}",
        f"alisio:airflow.config.smtp.smtp_password: {SECRET} 'alisio:secretConfig.smtp.smtp_password'` {ENCRYPTS}",
    ),
    case(
        "a password that is a number",
        "type",
        "airflow: {config: {smtp: {smtp_password: 123456}}}",
        "alisio:airflow.config.smtp.smtp_password: a text (put it in quotes)",
    ),
    case(
        "an option that Airflow calls sensitive",
        "rule",
        "airflow: {config: {sentry: {sentry_dsn: 'https://key@sentry'}}}",
        f"alisio:airflow.config.sentry.sentry_dsn: {SECRET} 'alisio:secretConfig.sentry.sentry_dsn'` {ENCRYPTS}",
    ),
    case(
        "an option in capitals, which the file and a variable read differently",
        "rule",
        "airflow: {config: {Core: {a: b}, core: {'a b': c}}}",
        f"alisio:airflow.config.Core.a: {NAMES}",
        f"alisio:airflow.config.core.a b: {NAMES}",
    ),
    case(
        "an option of several lines, or with blanks at its ends",
        "rule",
        r'airflow: {config: {core: {a: "b\nc", d: " e", f: "g\u2028h", i: "j\0"}}}',
        *(
            f"alisio:airflow.config.core.{key}: takes one line of text without blanks at its ends; in YAML, >- makes "
            "one of several"
            for key in "adfi"
        ),
    ),
    case(
        "secret options",
        "rule",
        "secretConfig: {Smtp: {a: b}, core: {fernet_key: abc}}",
        f"alisio:secretConfig.Smtp.a: {NAMES}",
        "alisio:secretConfig.core.fernet_key: is set by the platform; remove it",
    ),
    case(
        "a secret that is a number",
        "type",
        "secretConfig: {smtp: {smtp_password: 123456}}",
        "alisio:secretConfig.smtp.smtp_password: a text (put it in quotes)",
    ),
    case(
        "chart values as a list", "type", "airflow: {values: []}", "alisio:airflow.values: []: a map of keys and values"
    ),
)
