"""Wrong settings of a user pool, of machines, and of what single sign-on needs elsewhere."""

from tests.program.settings.case import case
from tests.program.settings.cases_access import BY_PLATFORM, MACHINE, ON, POOL, with_sso

CASES = (
    case(
        "group that Cognito refuses",
        "rule",
        with_sso(f"{POOL}, roles: {{data engineers: Admin}}"),
        'alisio:access.roles: "data engineers": a group of Cognito has 1 to 128 characters and no blanks',
    ),
    case(
        "prefix with a word of AWS's",
        "rule",
        with_sso("contact: us, cognito: {domainPrefix: airflow-on-aws}"),
        'alisio:access.cognito.domainPrefix: "airflow-on-aws": Cognito refuses the word aws in it',
    ),
    case(
        "prefix as a domain",
        "pattern",
        with_sso("contact: us, cognito: {domainPrefix: login.example.com}"),
        'alisio:access.cognito.domainPrefix: "login.example.com": 1 to 63 of a-z, 0-9 and hyphen, with a letter or '
        "digit at both ends",
    ),
    case(
        "pool without a page to sign in",
        "missing",
        with_sso("contact: us, cognito: {}"),
        "alisio:access.cognito.domainPrefix: is required: The sign-in page is "
        "`https://<prefix>.auth.<region>.amazoncognito.com`. Nobody else in the region may have it.",
    ),
    case(
        "second factor as AWS spells it",
        "choice",
        with_sso("contact: us, cognito: {domainPrefix: a, mfa: 'ON'}"),
        'alisio:access.cognito.mfa: "ON": one of required, optional, off',
    ),
    case(
        "password policy out of range",
        "range",
        with_sso(
            "contact: us, cognito: {domainPrefix: a, password: {minimumLength: 6, history: 25, invitationDays: 0}}"
        ),
        "alisio:access.cognito.password.minimumLength: 6: at least 8",
        "alisio:access.cognito.password.history: 25: at most 24",
        "alisio:access.cognito.password.invitationDays: 0: at least 1",
    ),
    case(
        "session of a week",
        "range",
        with_sso(f"{ON}, sessionHours: 168"),
        "alisio:access.sessionHours: 168: at most 24",
    ),
    case(
        "machine by a pattern",
        "rule",
        with_sso(f"{ON}, machines: [{{{MACHINE}, subject: 'repo:o/r:*'}}]"),
        'alisio:access.machines[0].subject: "repo:o/r:*": is compared letter by letter: name one subject, without *',
    ),
    case(
        "every pull request a machine",
        "rule",
        with_sso(f"{ON}, machines: [{{{MACHINE}, subject: 'repo:o/r:pull_request'}}]"),
        "alisio:access.machines[0].subject: is that of every pull request, before anybody has reviewed it; name an "
        "environment or ref",
    ),
    case(
        "one machine under two names",
        "rule",
        with_sso(
            f"{ON}, machines: [{{{MACHINE}, subject: a}}, {{{MACHINE}, subject: b}}, "
            f"{{{MACHINE.replace('ci', 'cd')}, subject: a, audience: x}}]"
        ),
        'alisio:access.machines[1].name: "ci": another machine has this name',
        'alisio:access.machines[2].subject: "a": another machine is the same: one issuer, one subject',
    ),
    case(
        "machine that is nobody",
        "pattern",
        with_sso(f"{ON}, machines: [{{{MACHINE}, subject: '', audience: ' x'}}]"),
        'alisio:access.machines[0].subject: "": 1 to 256 characters, without blanks at its ends',
        'alisio:access.machines[0].audience: " x": 1 to 256 characters, without blanks at its ends',
    ),
    case(
        "machine with a role of Kubernetes",
        "choice",
        with_sso(f"{ON}, machines: [{{{MACHINE.replace('Op', 'admin')}, subject: a}}]"),
        'alisio:access.machines[0].role: "admin": one of Admin, Op, User, Viewer',
    ),
    case(
        "options that single sign-on sets",
        "rule",
        with_sso(
            ON,
            more="airflow: {config: {core: {auth_manager: x}, fab: {session_backend: securecookie}}}\n"
            "secretConfig: {core: {plugins_folder: /tmp}, api: {base_url: 'https://x'}}",
        ),
        "alisio:secretConfig.api.base_url: is set by the platform while ingress.domain is set; remove it",
        f"alisio:airflow.config.core.auth_manager: {BY_PLATFORM}",
        f"alisio:airflow.config.fab.session_backend: {BY_PLATFORM}",
        f"alisio:secretConfig.core.plugins_folder: {BY_PLATFORM}",
    ),
    case(
        "overrides that take single sign-on away",
        "rule",
        with_sso(ON, more="airflow: {values: {apiServer: {env: [], replicas: 3, extraVolumes: []}}}"),
        "alisio:airflow.values.apiServer.env: would replace what single sign-on puts there, and Airflow would take "
        "passwords again; remove it",
        "alisio:airflow.values.apiServer.extraVolumes: would replace what single sign-on puts there, and Airflow would "
        "take passwords again; remove it",
    ),
    case(
        "provider beyond the VPC",
        "rule",
        with_sso(
            ON,
            more="network: {nat: none, interfaceEndpoints: "
            "[ec2, ecr.api, ecr.dkr, eks, eks-auth, elasticloadbalancing, logs, monitoring, secretsmanager, sts]}\n"
            "airflow: {image: {repository: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/airflow}, "
            "kedaRegistry: 111122223333.dkr.ecr.eu-west-1.amazonaws.com}",
        ),
        'alisio:network.nat: "none": single or perZone with single sign-on: the api-server asks the provider, and '
        "nothing leads out of the VPC",
    ),
    case(
        "production with passwords alone",
        "rule",
        with_sso(
            "contact: us, cognito: {domainPrefix: a, mfa: optional}", more="production: true\nnetwork: {nat: perZone}"
        ),
        'alisio:access.cognito.mfa: "optional": must be required while alisio:production is true',
    ),
)
