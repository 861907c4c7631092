"""Wrong settings of the way in from outside."""

from tests.program.settings.case import LOG_DAYS, case

OPEN = "domain: airflow.example.com, publicZoneId: Z0123456789"
FACING = f"{OPEN}, scheme: internetFacing"
NO_EFFECT = "has no effect without ingress.domain; add that, or remove this"
KEYS = (
    "accessLogDays, allowedCidrs, certificateArn, deletionProtection, domain, privateZoneId, publicZoneId, scheme, waf"
)
NAME = "a full name in small letters, without https:// and without a path, such as airflow.example.com"
ARN = (
    "the ARN of a certificate in ACM, such as "
    "arn:aws:acm:eu-west-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"
)
ELSEWHERE = "arn:aws:acm:us-east-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"
ZONE = "the id of a hosted zone of Route 53, such as Z0123456789ABCDEFGHIJ"
LONG = f"{'a' * 57}.example.com"
EXISTING = (
    "vpcId: vpc-12345678, cidr: 10.0.0.0/16, dataCidrs: [10.0.9.0/24], "
    "privateSubnetIds: [subnet-0000000a, subnet-0000000b], dataSubnetIds: [subnet-0000000c, subnet-0000000d]"
)
PUBLIC = "publicSubnetIds: [subnet-0000000e, subnet-0000000f]"
BY_PLATFORM = "is set by the platform while ingress.domain is set; remove it"
THIRTY_ONE = ", ".join(f"10.{each}.0.0/16" for each in range(31))

CASES = (
    case(
        "ingress key nobody knows",
        "unknown",
        "ingress: {zebra: 1}",
        f"alisio:ingress.zebra: unknown setting; known are {KEYS}",
    ),
    case(
        "firewall key misspelt",
        "unknown",
        f"ingress: {{{OPEN}, waf: {{enable: true}}}}",
        "alisio:ingress.waf.enable: unknown setting; did you mean enabled?",
    ),
    case(
        "domain as a URL",
        "pattern",
        "ingress: {domain: 'https://airflow.example.com/', publicZoneId: Z0123456789}",
        f'alisio:ingress.domain: "https://airflow.example.com/": {NAME}',
    ),
    case(
        "domain in capitals",
        "pattern",
        "ingress: {domain: Airflow.example.com, publicZoneId: Z0123456789}",
        f'alisio:ingress.domain: "Airflow.example.com": {NAME}',
    ),
    case(
        "domain of one word",
        "pattern",
        "ingress: {domain: airflow, publicZoneId: Z0123456789}",
        f'alisio:ingress.domain: "airflow": {NAME}',
    ),
    case(
        "domain without zone and certificate",
        "rule",
        "ingress: {domain: airflow.example.com}",
        'alisio:ingress.domain: "airflow.example.com": has no certificate: add publicZoneId, and the program makes '
        "certificate and name; or certificateArn, and you make the name yourself",
    ),
    case(
        "domain too long for ACM",
        "rule",
        f"ingress: {{domain: {LONG}, publicZoneId: Z0123456789}}",
        f'alisio:ingress.domain: "{LONG}": at most 64 characters, or certificateArn: ACM issues no longer name',
    ),
    case(
        "settings of a load balancer that is not there",
        "rule",
        "ingress: {allowedCidrs: [10.0.0.0/8], waf: {enabled: false}}",
        f"alisio:ingress.allowedCidrs: {NO_EFFECT}",
        f"alisio:ingress.waf: {NO_EFFECT}",
    ),
    case(
        "private zone without a public one",
        "rule",
        "ingress: {domain: airflow.example.com, privateZoneId: Z0123456789}",
        'alisio:ingress.privateZoneId: "Z0123456789": cannot validate a certificate, as ACM asks public DNS only; add '
        "publicZoneId, the public zone of the same domain, or certificateArn",
    ),
    case(
        "private zone for the internet",
        "rule",
        f"ingress: {{{FACING}, privateZoneId: Z9876543210, allowedCidrs: [198.18.0.0/15]}}",
        'alisio:ingress.privateZoneId: "Z9876543210": is for an internal load balancer; remove it, or set scheme: '
        "internal",
    ),
    case(
        "zone by its name",
        "pattern",
        "ingress: {domain: airflow.example.com, publicZoneId: example.com}",
        f'alisio:ingress.publicZoneId: "example.com": {ZONE}',
    ),
    case(
        "zone with the path of Route 53",
        "pattern",
        f"ingress: {{{OPEN}, privateZoneId: /hostedzone/Z0123456789}}",
        f'alisio:ingress.privateZoneId: "/hostedzone/Z0123456789": {ZONE}',
    ),
    case(
        "scheme as Kubernetes spells it",
        "choice",
        f"ingress: {{{OPEN}, scheme: internet-facing}}",
        'alisio:ingress.scheme: "internet-facing": one of internal, internetFacing',
    ),
    case(
        "internet without networks",
        "rule",
        f"ingress: {{{FACING}}}",
        "alisio:ingress.allowedCidrs: []: who may connect from the internet? Name the networks of your people, or "
        '"0.0.0.0/0" for everybody',
    ),
    case(
        "everybody without a firewall",
        "rule",
        f"ingress: {{{FACING}, allowedCidrs: [10.0.0.0/8, 0.0.0.0/0], waf: {{enabled: false}}}}",
        'alisio:ingress.allowedCidrs[1]: "0.0.0.0/0": lets almost anybody try passwords; set waf.enabled: true, or '
        "name networks of /8 or smaller",
    ),
    case(
        "one address",
        "format",
        f"ingress: {{{FACING}, allowedCidrs: [198.18.0.7]}}",
        'alisio:ingress.allowedCidrs[0]: "198.18.0.7": not an IPv4 network in CIDR notation; one address alone is '
        "198.18.0.7/32",
    ),
    case(
        "more networks than a security group has room for",
        "range",
        f"ingress: {{{OPEN}, allowedCidrs: [{THIRTY_ONE}]}}",
        "alisio:ingress.allowedCidrs: ["
        + ", ".join(f'"{each}"' for each in THIRTY_ONE.split(", "))
        + "]: at most 30 of them",
    ),
    case(
        "certificate by its id",
        "pattern",
        "ingress: {domain: airflow.example.com, certificateArn: 01234567-89ab-cdef-0123-456789abcdef}",
        f'alisio:ingress.certificateArn: "01234567-89ab-cdef-0123-456789abcdef": {ARN}',
    ),
    case(
        "certificate of CloudFront's region",
        "rule",
        f"ingress: {{domain: airflow.example.com, certificateArn: '{ELSEWHERE}'}}",
        f'alisio:ingress.certificateArn: "{ELSEWHERE}": a load balancer takes certificates of its own region and '
        "account: eu-west-1, 111122223333",
    ),
    case(
        "access logs for ever",
        "range",
        f"ingress: {{{OPEN}, accessLogDays: 0}}",
        "alisio:ingress.accessLogDays: 0: at least 1",
    ),
    case(
        "firewall logs for a month of 31 days",
        "choice",
        f"ingress: {{{OPEN}, waf: {{logDays: 31}}}}",
        f"alisio:ingress.waf.logDays: 31: {LOG_DAYS}",
    ),
    case(
        "fewer requests than WAF counts",
        "range",
        f"ingress: {{{OPEN}, waf: {{loginsPerMinute: 5, requestsPerFiveMinutes: 50}}}}",
        "alisio:ingress.waf.requestsPerFiveMinutes: 50: at least 100",
        "alisio:ingress.waf.loginsPerMinute: 5: at least 10",
    ),
    case(
        "internet without public subnets",
        "rule",
        f"ingress: {{{FACING}, allowedCidrs: [198.18.0.0/15]}}\nnetwork: {{existing: {{{EXISTING}}}}}",
        "alisio:network.existing.publicSubnetIds: []: a load balancer needs two of them, in different zones; or set "
        "ingress.scheme: internal and name none",
    ),
    case(
        "one public subnet",
        "rule",
        f"ingress: {{{OPEN}}}\nnetwork: {{existing: {{{EXISTING}, publicSubnetIds: [subnet-0000000e], "
        "publicCidrs: [10.0.8.0/24]}}",
        'alisio:network.existing.publicSubnetIds: ["subnet-0000000e"]: a load balancer needs two of them, in different '
        "zones; or name none",
    ),
    case(
        "public subnets without their ranges",
        "rule",
        f"ingress: {{{OPEN}}}\nnetwork: {{existing: {{{EXISTING}, {PUBLIC}}}}}",
        "alisio:network.existing.publicCidrs: []: is needed with ingress.domain: the api-server lets in the addresses "
        "of the load balancer's subnets only",
    ),
    case(
        "another address of the UI",
        "rule",
        f"ingress: {{{OPEN}}}\nairflow: {{config: {{api: {{base_url: 'https://a.example.com'}}}}}}",
        f"alisio:airflow.config.api.base_url: {BY_PLATFORM}",
    ),
    case(
        "another trust in proxies, kept secret",
        "rule",
        f"ingress: {{{OPEN}}}\nsecretConfig: {{fab: {{enable_proxy_fix: 'True', cookie_secure: 'False'}}}}",
        f"alisio:secretConfig.fab.enable_proxy_fix: {BY_PLATFORM}",
        f"alisio:secretConfig.fab.cookie_secure: {BY_PLATFORM}",
    ),
    case(
        "connections that Airflow closes first",
        "rule",
        f"ingress: {{{OPEN}}}\nairflow: {{config: {{api: {{worker_timeout: '60'}}}}}}",
        'alisio:airflow.config.api.worker_timeout: "60": must be more than 60 while ingress.domain is set: for so long '
        "the load balancer keeps a connection, and one that Airflow closes first costs a request",
    ),
    case(
        "production on the internet without a firewall",
        "rule",
        "production: true\nnetwork: {nat: perZone}\n"
        f"ingress: {{{FACING}, allowedCidrs: [198.18.0.0/15], waf: {{enabled: false}}}}",
        "alisio:ingress.waf.enabled: false: must be true while alisio:production is true and the load balancer is "
        "internetFacing",
    ),
)
