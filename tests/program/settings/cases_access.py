"""Wrong settings of who gets in."""

from tests.program.settings.case import case

OPEN = "ingress: {domain: airflow.example.com, publicZoneId: Z0123456789}"
SSO = "issuer: https://id.example.com, clientId: airflow, contact: us"
ROLES = "roles: {admins: Admin}"
ON = f"{SSO}, secretName: sso, {ROLES}"
POOL = "contact: us, cognito: {domainPrefix: my-company}"
NO_EFFECT = "has no effect without access.issuer or access.cognito; add one of them"
FOLLOWS = "follows from access.cognito; remove it"
BY_PLATFORM = "is set by the platform with single sign-on; remove it"
HTTPS = "a URL that begins with https://, such as https://example.okta.com"
ALONE = "a URL with a host and a path alone, without user, query and fragment, such as https://example.okta.com"
WELL_KNOWN = "/.well-known/openid-configuration"
TENANT = "of Entra ID, name your tenant by its id: https://login.microsoftonline.com/<tenant id>/v2.0"
MACHINE = "name: ci, issuer: https://token.actions.githubusercontent.com, role: Op"


def with_sso(access: str, *, more: str = "") -> str:
    """A stack with a load balancer and these settings of access."""
    return f"{OPEN}\naccess: {{{access}}}\n{more}"


def issuer(address: str) -> str:
    """A stack that is right but for the issuer."""
    return with_sso(f"issuer: '{address}', clientId: airflow, contact: us, secretName: sso, {ROLES}")


CASES = (
    case(
        "role nobody has",
        "choice",
        with_sso(f"{SSO}, secretName: sso, roles: {{admins: Admin, others: Administrator}}"),
        'alisio:access.roles.others: "Administrator": one of Admin, Op, User, Viewer',
    ),
    case(
        "access key misspelt",
        "unknown",
        with_sso(f"{ON}, sesionHours: 2"),
        "alisio:access.sesionHours: unknown setting; did you mean sessionHours?",
    ),
    case(
        "client's secret beside its id",
        "unknown",
        with_sso(f"{ON}, clientSecret: hush"),
        "alisio:access.clientSecret: no secret stands here, where everybody could read it; `pulumi config set --secret "
        "alisio:accessSecret` encrypts it, or secretName names it",
    ),
    case(
        "issuer without TLS",
        "format",
        issuer("http://id.example.com"),
        f'alisio:access.issuer: "http://id.example.com": {HTTPS}',
    ),
    case("issuer as a name", "format", issuer("id.example.com"), f'alisio:access.issuer: "id.example.com": {HTTPS}'),
    case(
        "issuer with a port of letters",
        "format",
        issuer("https://id.example.com:x"),
        f'alisio:access.issuer: "https://id.example.com:x": {HTTPS}',
    ),
    case(
        "issuer with a query",
        "format",
        issuer("https://id.example.com/?p=policy"),
        f'alisio:access.issuer: "https://id.example.com/?p=policy": {ALONE}',
    ),
    case(
        "issuer with a password",
        "format",
        issuer("https://a:b@id.example.com"),
        f'alisio:access.issuer: "https://a:b@id.example.com": {ALONE}',
    ),
    case(
        "issuer as its own description",
        "format",
        issuer(f"https://id.example.com{WELL_KNOWN}"),
        f'alisio:access.issuer: "https://id.example.com{WELL_KNOWN}": write it without {WELL_KNOWN}, which is put '
        "behind it",
    ),
    case(
        "issuer with two slashes",
        "format",
        issuer("https://id.example.com//"),
        f'alisio:access.issuer: "https://id.example.com//": ends in two slashes: {WELL_KNOWN} is looked for behind it, '
        "and would not be found",
    ),
    case(
        "issuer of every tenant",
        "format",
        issuer("https://login.microsoftonline.com/common/v2.0"),
        f'alisio:access.issuer: "https://login.microsoftonline.com/common/v2.0": {TENANT}',
    ),
    case(
        "issuer without the rest",
        "rule",
        f"{OPEN}\naccess: {{issuer: 'https://id.example.com'}}",
        "alisio:access.contact: is required with single sign-on: whom do people ask for access? They see it",
        "alisio:access.clientId: is required with access.issuer: what the provider calls this Airflow",
        "alisio:access.roles: is required with access.issuer: which group has which role, such as airflow: Admin",
    ),
    case(
        "single sign-on without an address",
        "rule",
        f"access: {{{ON}}}",
        "alisio:ingress.domain: is required with single sign-on: the provider sends people back to "
        "https://<domain>/auth/oauth-authorized/sso",
    ),
    case(
        "client without a secret",
        "rule",
        with_sso(f"{SSO}, {ROLES}"),
        "alisio:accessSecret: is required with access.issuer: `pulumi config set --secret alisio:accessSecret` "
        "encrypts it; or name a secret of AWS Secrets Manager in access.secretName",
    ),
    case(
        "client with two secrets",
        "rule",
        with_sso(ON, more="accessSecret: hush"),
        'alisio:access.secretName: "sso": either this or alisio:accessSecret; remove one',
    ),
    case(
        "secret of a client that the program makes",
        "rule",
        with_sso(POOL, more="accessSecret: hush"),
        "alisio:accessSecret: has no effect without access.issuer; remove it",
    ),
    case(
        "secret by its ARN",
        "pattern",
        with_sso(f"{SSO}, {ROLES}, secretName: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:sso'"),
        'alisio:access.secretName: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:sso": the name of a secret in '
        "AWS Secrets Manager, such as alisio/sso: letters, digits and / _ + = . @ -",
    ),
    case(
        "secret that DAGs read",
        "rule",
        with_sso(f"{SSO}, {ROLES}, secretName: alisio/dev/variables/sso"),
        'alisio:access.secretName: "alisio/dev/variables/sso": code of DAGs reads all of alisio/dev/variables/; choose '
        "another name",
    ),
    case(
        "settings of single sign-on that is not there",
        "rule",
        "access: {breakGlass: true, contact: us, sessionHours: 4}",
        f"alisio:access.breakGlass: {NO_EFFECT}",
        f"alisio:access.contact: {NO_EFFECT}",
        f"alisio:access.sessionHours: {NO_EFFECT}",
    ),
    case(
        "two places to sign in",
        "rule",
        with_sso(f"{ON}, cognito: {{domainPrefix: my-company}}, groupsClaim: groups"),
        'alisio:access.issuer: "https://id.example.com": either issuer or cognito: people sign in at one place',
        f'alisio:access.clientId: "airflow": {FOLLOWS}',
        f'alisio:access.secretName: "sso": {FOLLOWS}',
        f'alisio:access.groupsClaim: "groups": {FOLLOWS}',
    ),
    case(
        "scopes without people",
        "rule",
        with_sso(f"{ON}, scopes: [email, groups]"),
        'alisio:access.scopes: ["email", "groups"]: must contain openid, or the provider says nothing about people',
    ),
    case(
        "two scopes in one text",
        "pattern",
        with_sso(f"{ON}, scopes: [openid email]"),
        'alisio:access.scopes[0]: "openid email": a scope: a word without blanks',
    ),
    case(
        "roles by what people choose themselves",
        "rule",
        with_sso(f"{ON}, groupsClaim: preferred_username"),
        'alisio:access.groupsClaim: "preferred_username": people can change it themselves at some providers; name a '
        "claim of groups, app roles, or sub",
    ),
    case(
        "another claim of Cognito",
        "rule",
        with_sso(
            "issuer: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI, clientId: a, contact: us, "
            f"secretName: sso, {ROLES}"
        ),
        'alisio:access.groupsClaim: "groups": Cognito puts groups into "cognito:groups", and nowhere else',
    ),
    case(
        "claim and contact with blanks",
        "pattern",
        with_sso(f"{SSO}, {ROLES}, secretName: sso, groupsClaim: ' groups'").replace("contact: us", "contact: ' '"),
        'alisio:access.groupsClaim: " groups": 1 to 256 characters, without blanks at its ends',
        'alisio:access.contact: " ": 1 to 256 characters, without blanks at its ends',
    ),
    case(
        "no administrator",
        "rule",
        with_sso(f"{SSO}, secretName: sso, roles: {{everyone: Viewer}}"),
        "alisio:access.roles: nobody could administer Airflow; give one group Admin, or set access.breakGlass: true",
    ),
    case(
        "group with a blank",
        "rule",
        with_sso(f"{SSO}, secretName: sso, roles: {{'admins ': Admin}}"),
        'alisio:access.roles: "admins ": a group has 1 to 512 characters, without blanks at its ends',
    ),
)
