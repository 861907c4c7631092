"""Wrong settings of monitoring."""

from tests.program.settings.case import LOG_DAYS, case

KEYS = (
    "alarms, canaryMinutes, containerInsights, emails, enabled, httpsEndpoints, logDays, metrics, monthlyBudgetUsd, "
    "pauses, slack, teams, warmUpMinutes"
)
CRON = "a cron expression of five fields, such as 0 3 * * *; a range never falls, and Sunday is 0"
FIVE = "a cron expression of five fields, such as 0 20 * * 1-5"
NIGHT = "name: night, cron: 0 20 * * *"
UUID = "01234567-89ab-cdef-0123-456789abcdef"
OFF = "has no effect while monitoring.enabled is false; remove it"
NO_ALARMS = "has no effect while monitoring.alarms is false; remove it"
BY_PLATFORM = "is set by the platform, for alisio:monitoring; remove it, or set monitoring.enabled: false"
PRODUCTION = "must be true while alisio:production is true"
OFFLINE = '["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "logs", "secretsmanager", "sts"]'
ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"

CASES = (
    case(
        "monitoring key nobody knows",
        "unknown",
        "monitoring: {zebra: 1}",
        f"alisio:monitoring.zebra: unknown setting; known are {KEYS}",
    ),
    case(
        "monitoring key misspelt",
        "unknown",
        "monitoring: {email: []}",
        "alisio:monitoring.email: unknown setting; did you mean emails?",
    ),
    case(
        "metrics nobody knows",
        "choice",
        "monitoring: {metrics: tiny}",
        'alisio:monitoring.metrics: "tiny": one of full, small',
    ),
    case(
        "a canary of every minute",
        "choice",
        "monitoring: {canaryMinutes: 1}",
        "alisio:monitoring.canaryMinutes: 1: one of 5, 15, 30, 60",
    ),
    case(
        "monitoring's logs for eight days",
        "choice",
        "monitoring: {logDays: 8}",
        f"alisio:monitoring.logDays: 8: {LOG_DAYS}",
    ),
    case(
        "a day of warming up, twice",
        "range",
        "monitoring: {warmUpMinutes: 2881}",
        "alisio:monitoring.warmUpMinutes: 2881: at most 2880",
    ),
    case(
        "an e-mail address without a domain",
        "pattern",
        "monitoring: {emails: [platform]}",
        'alisio:monitoring.emails[0]: "platform": an e-mail address',
    ),
    case(
        "an e-mail address twice",
        "format",
        "monitoring: {emails: [a@example.com, a@example.com]}",
        'alisio:monitoring.emails: ["a@example.com", "a@example.com"]: listed more than once: a@example.com',
    ),
    case(
        "a pager over plain HTTP",
        "pattern",
        "monitoring: {httpsEndpoints: ['http://pager.example.com/a']}",
        'alisio:monitoring.httpsEndpoints[0]: "http://pager.example.com/a": a URL that begins with https://, without a '
        "password",
    ),
    case(
        "a channel of Slack by its name",
        "pattern",
        "monitoring: {slack: {teamId: T0123ABCD, channelId: '#alarms'}}",
        'alisio:monitoring.slack.channelId: "#alarms": the id of a channel, such as C0123ABCD',
    ),
    case(
        "a workspace of Slack by its name",
        "pattern",
        "monitoring: {slack: {teamId: company, channelId: C0123ABCD}}",
        'alisio:monitoring.slack.teamId: "company": the id of a workspace, such as T0123ABCD',
    ),
    case(
        "a channel of Teams without its tenant",
        "missing",
        f"monitoring: {{teams: {{teamId: {UUID}, channelId: '19:abc@thread.tacv2'}}}}",
        "alisio:monitoring.teams.tenantId: is required: The tenant of Entra ID.",
    ),
    case(
        "a channel of Teams by names",
        "pattern",
        f"monitoring: {{teams: {{teamId: company, tenantId: {UUID}, channelId: alarms}}}}",
        'alisio:monitoring.teams.teamId: "company": the id of a team: a UUID',
        'alisio:monitoring.teams.channelId: "alarms": the id of a channel: 19:…@thread.tacv2',
    ),
    case(
        "a tenant of Teams by its name",
        "pattern",
        f"monitoring: {{teams: {{teamId: {UUID}, tenantId: company, channelId: '19:abc@thread.tacv2'}}}}",
        'alisio:monitoring.teams.tenantId: "company": the id of a tenant: a UUID',
    ),
    case(
        "a budget that nobody hears of",
        "rule",
        "monitoring: {monthlyBudgetUsd: 500}",
        "alisio:monitoring.monthlyBudgetUsd: 500: nobody would be told; add emails, httpsEndpoints, slack or teams",
    ),
    case(
        "a pause of sixteen days",
        "range",
        f"monitoring: {{pauses: [{{{NIGHT}, hours: 361}}]}}",
        "alisio:monitoring.pauses[0].hours: 361: at most 360",
    ),
    case(
        "a pause in a zone of one's own",
        "pattern",
        f"monitoring: {{pauses: [{{{NIGHT}, hours: 8, timezone: 'UTC+1'}}]}}",
        'alisio:monitoring.pauses[0].timezone: "UTC+1": a time zone, such as Europe/Lisbon',
    ),
    case(
        "a pause at no hour of the day",
        "format",
        "monitoring: {pauses: [{name: night, cron: 0 25 * * *, hours: 8}]}",
        f'alisio:monitoring.pauses[0].cron: "0 25 * * *": {CRON}',
    ),
    case(
        "a pause by a word",
        "pattern",
        "monitoring: {pauses: [{name: night, cron: '@daily', hours: 8}]}",
        f'alisio:monitoring.pauses[0].cron: "@daily": {FIVE}',
    ),
    case(
        "two pauses of one name",
        "rule",
        f"monitoring: {{pauses: [{{{NIGHT}, hours: 8}}, {{{NIGHT}, hours: 9}}]}}",
        'alisio:monitoring.pauses[1].name: "night": another pause has this name',
    ),
    case(
        "monitoring that is off, and says more",
        "rule",
        "monitoring: {enabled: false, metrics: small, emails: [a@example.com]}",
        f"alisio:monitoring.emails: {OFF}",
        f"alisio:monitoring.metrics: {OFF}",
    ),
    case(
        "no alarms, and somebody to tell of them",
        "rule",
        f"monitoring: {{alarms: false, emails: [a@example.com], pauses: [{{{NIGHT}, hours: 8}}]}}",
        f"alisio:monitoring.emails: {NO_ALARMS}",
        f"alisio:monitoring.pauses: {NO_ALARMS}",
    ),
    case(
        "no alarms, but a budget, and a pause of nothing",
        "rule",
        "monitoring: {alarms: false, monthlyBudgetUsd: 9, emails: [a@example.com], warmUpMinutes: 5}",
        f"alisio:monitoring.warmUpMinutes: {NO_ALARMS}",
    ),
    case(
        "metrics that go elsewhere",
        "rule",
        "airflow: {config: {metrics: {legacy_names_on: 'True', statsd_host: a, timer_unit_consistency: 'True'}}}",
        f"alisio:airflow.config.metrics.legacy_names_on: {BY_PLATFORM}",
        f"alisio:airflow.config.metrics.statsd_host: {BY_PLATFORM}",
    ),
    case(
        "metrics that go elsewhere in secret",
        "rule",
        "secretConfig: {metrics: {statsd_prefix: ours}, scheduler: {scheduler_heartbeat_sec: '60'}}",
        f"alisio:secretConfig.metrics.statsd_prefix: {BY_PLATFORM}",
        f"alisio:secretConfig.scheduler.scheduler_heartbeat_sec: {BY_PLATFORM}",
    ),
    case(
        "production without monitoring",
        "rule",
        "production: true\nnetwork: {nat: perZone}\nmonitoring: {enabled: false}",
        f"alisio:monitoring.enabled: false: {PRODUCTION}",
    ),
    case(
        "production without alarms",
        "rule",
        "production: true\nnetwork: {nat: perZone}\nmonitoring: {alarms: false}",
        f"alisio:monitoring.alarms: false: {PRODUCTION}",
    ),
    case(
        "metrics without a way out",
        "rule",
        f"network: {{nat: none, interfaceEndpoints: {OFFLINE}}}\n"
        f"airflow: {{image: {{repository: {ECR}/airflow}}, kedaRegistry: {ECR}}}",
        f"alisio:network.interfaceEndpoints: {OFFLINE}: monitoring is needed too: without NAT the CloudWatch agent "
        "cannot send metrics",
    ),
)
