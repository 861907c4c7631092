"""Wrong settings of the network."""

from tests.program.settings.case import LOG_DAYS, case

NOT_CIDR = "not an IPv4 network in CIDR notation"
EXISTING = "vpcId: vpc-12345678, cidr: 10.0.0.0/16, dataCidrs: [10.0.9.0/24], "
PRIVATE = "privateSubnetIds: [subnet-0000000a, subnet-0000000b], "
DATA = "dataSubnetIds: [subnet-0000000c, subnet-0000000d]"
ENDPOINTS = "ec2, ecr.api, ecr.dkr, eks, eks-auth, elasticloadbalancing, logs, secretsmanager, sts"
SIZE = "a VPC of /16 to /20: AWS allows no larger one, and a smaller one has too few addresses for pods"
VPC_RANGES = "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10"
KEYS = "cidr, existing, flowLogDays, flowLogs, interfaceEndpoints, nat, zones"
ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
MIRRORED = f"airflow: {{image: {{repository: {ECR}/airflow}}, kedaRegistry: {ECR}}}"
NO_EFFECT = "has no effect on an existing network; remove it, or remove network.existing"

CASES = (
    case(
        "network key misspelt",
        "unknown",
        "network: {zone: [a, b]}",
        "alisio:network.zone: unknown setting; did you mean zones?",
    ),
    case(
        "network key nobody knows",
        "unknown",
        "network: {zebra: 1}",
        f"alisio:network.zebra: unknown setting; known are {KEYS}",
    ),
    case(
        "zone in capitals",
        "pattern",
        "network: {zones: [A, b]}",
        'alisio:network.zones[0]: "A": the letter of a zone: a to f',
    ),
    case(
        "one zone, and in capitals",
        "pattern",
        "network: {zones: [A]}",
        'alisio:network.zones[0]: "A": the letter of a zone: a to f',
        'alisio:network.zones: ["A"]: at least 2 of them',
    ),
    case(
        "zone with its region",
        "pattern",
        "network: {zones: [a, eu-west-1b]}",
        'alisio:network.zones[1]: "eu-west-1b": the letter of a zone: a to f',
    ),
    case("one zone", "range", "network: {zones: [a]}", 'alisio:network.zones: ["a"]: at least 2 of them'),
    case(
        "four zones",
        "range",
        "network: {zones: [a, b, c, d]}",
        'alisio:network.zones: ["a", "b", "c", "d"]: at most 3 of them',
    ),
    case(
        "zone twice",
        "format",
        "network: {zones: [a, b, a]}",
        'alisio:network.zones: ["a", "b", "a"]: listed more than once: a',
    ),
    case("zones as a number", "type", "network: {zones: 2}", "alisio:network.zones: 2: a list (put it in brackets)"),
    case(
        "VPC without a prefix",
        "format",
        "network: {cidr: 10.0.0.0}",
        f'alisio:network.cidr: "10.0.0.0": {NOT_CIDR}; one address alone is 10.0.0.0/32',
    ),
    case(
        "VPC with a netmask",
        "format",
        "network: {cidr: 10.0.0.0/255.255.0.0}",
        f'alisio:network.cidr: "10.0.0.0/255.255.0.0": {NOT_CIDR}; did you mean 10.0.0.0/16?',
    ),
    case(
        "VPC with host bits",
        "format",
        "network: {cidr: 10.0.1.0/16}",
        f'alisio:network.cidr: "10.0.1.0/16": {NOT_CIDR}; did you mean 10.0.0.0/16?',
    ),
    case(
        "VPC of IPv6",
        "format",
        "network: {cidr: 'fd00::/16'}",
        f'alisio:network.cidr: "fd00::/16": {NOT_CIDR}, such as 10.0.0.0/16',
    ),
    case(
        "VPC of public addresses",
        "format",
        "network: {cidr: 8.8.0.0/16}",
        f'alisio:network.cidr: "8.8.0.0/16": must lie in one of {VPC_RANGES}',
    ),
    case(
        "VPC too large",
        "rule",
        "network: {cidr: 10.0.0.0/8}",
        f'alisio:network.cidr: "10.0.0.0/8": {SIZE}',
    ),
    case(
        "VPC too small",
        "rule",
        "network: {cidr: 10.0.0.0/21}",
        f'alisio:network.cidr: "10.0.0.0/21": {SIZE}',
    ),
    case("VPC as a number", "type", "network: {cidr: 10.0}", "alisio:network.cidr: 10: a text (put it in quotes)"),
    case(
        "NAT in other letters",
        "choice",
        "network: {nat: perzone}",
        'alisio:network.nat: "perzone": one of none, single, perZone',
    ),
    case(
        "NAT switched off as in YAML 1.1",
        "choice",
        "network: {nat: no}",
        'alisio:network.nat: "no": one of none, single, perZone',
    ),
    case(
        "NAT is empty",
        "choice",
        "network: {nat: }",
        "alisio:network.nat: is empty, and takes one of none, single, perZone",
    ),
    case(
        "endpoint that is there already",
        "rule",
        "network: {interfaceEndpoints: [ecr.api, s3]}",
        'alisio:network.interfaceEndpoints[1]: "s3": has a gateway endpoint already, which is free; remove it',
    ),
    case(
        "no NAT and no endpoints",
        "rule",
        f"network: {{nat: none}}\n{MIRRORED}",
        f"alisio:network.interfaceEndpoints: []: without NAT these are needed too: {ENDPOINTS}",
    ),
    case(
        "no NAT and too few endpoints",
        "rule",
        "network: {nat: none, interfaceEndpoints: [ec2, ecr.api, ecr.dkr, eks, eks-auth, elasticloadbalancing, logs]}\n"
        f"{MIRRORED}",
        'alisio:network.interfaceEndpoints: ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", '
        '"logs"]: '
        "without NAT these are needed too: secretsmanager, sts",
    ),
    case(
        "endpoint in capitals",
        "pattern",
        "network: {interfaceEndpoints: [ECR]}",
        'alisio:network.interfaceEndpoints[0]: "ECR": the name of an AWS service\'s endpoint, such as ecr.api',
    ),
    case(
        "endpoint twice",
        "format",
        "network: {interfaceEndpoints: [sts, logs, sts, logs]}",
        'alisio:network.interfaceEndpoints: ["sts", "logs", "sts", "logs"]: listed more than once: logs, sts',
    ),
    case(
        "flow logs as a text",
        "type",
        "network: {flowLogs: 'false'}",
        'alisio:network.flowLogs: "false": true or false (without quotes)',
    ),
    case(
        "flow logs for a month of 31 days",
        "choice",
        "network: {flowLogDays: 31}",
        f"alisio:network.flowLogDays: 31: {LOG_DAYS}",
    ),
    case(
        "flow log days as a text",
        "choice",
        "network: {flowLogDays: '30'}",
        f'alisio:network.flowLogDays: "30": {LOG_DAYS} (without quotes)',
    ),
    case(
        "existing VPC key misspelt",
        "unknown",
        f"network: {{existing: {{{EXISTING}{PRIVATE}{DATA}, publicSubnets: []}}}}",
        "alisio:network.existing.publicSubnets: unknown setting; did you mean publicSubnetIds?",
    ),
    case(
        "existing VPC without anything",
        "missing",
        "network: {existing: {}}",
        "alisio:network.existing.vpcId: is required: The VPC.",
        "alisio:network.existing.cidr: is required: The VPC's address range.",
        "alisio:network.existing.privateSubnetIds: is required: Subnets for nodes and pods, in at least two zones.",
        "alisio:network.existing.dataSubnetIds: is required: Subnets for database and broker, in at least two zones.",
        "alisio:network.existing.dataCidrs: is required: Address ranges of the data subnets. Pods reach only the "
        "database and the broker there.",
    ),
    case(
        "existing VPC as its id",
        "type",
        "network: {existing: vpc-12345678}",
        'alisio:network.existing: "vpc-12345678": a map of settings',
    ),
    case(
        "existing VPC by its name",
        "pattern",
        f"network: {{existing: {{vpcId: main, cidr: 10.0.0.0/16, dataCidrs: [10.0.9.0/24], {PRIVATE}{DATA}}}}}",
        'alisio:network.existing.vpcId: "main": a VPC id, such as vpc-0123456789abcdef0',
    ),
    case(
        "existing range of public addresses with host bits",
        "format",
        f"network: {{existing: {{vpcId: vpc-12345678, cidr: 8.8.8.8/16, dataCidrs: [10.0.9.0/24], {PRIVATE}{DATA}}}}}",
        f'alisio:network.existing.cidr: "8.8.8.8/16": {NOT_CIDR}; did you mean 8.8.0.0/16?',
    ),
    case(
        "one private subnet",
        "range",
        f"network: {{existing: {{{EXISTING}privateSubnetIds: [subnet-0000000a], {DATA}}}}}",
        'alisio:network.existing.privateSubnetIds: ["subnet-0000000a"]: at least 2 of them',
    ),
    case(
        "data subnet twice",
        "format",
        f"network: {{existing: {{{EXISTING}{PRIVATE}dataSubnetIds: [subnet-0000000c, subnet-0000000c]}}}}",
        'alisio:network.existing.dataSubnetIds: ["subnet-0000000c", "subnet-0000000c"]: '
        "listed more than once: subnet-0000000c",
    ),
    case(
        "public subnet by its name",
        "pattern",
        f"network: {{existing: {{{EXISTING}{PRIVATE}{DATA}, publicSubnetIds: [web]}}}}",
        'alisio:network.existing.publicSubnetIds[0]: "web": a subnet id, such as subnet-0123456789abcdef0',
    ),
    case(
        "public range without a prefix",
        "format",
        f"network: {{existing: {{{EXISTING}{PRIVATE}{DATA}, publicCidrs: [10.0.1.0]}}}}",
        f'alisio:network.existing.publicCidrs[0]: "10.0.1.0": {NOT_CIDR}; one address alone is 10.0.1.0/32',
    ),
    case(
        "private range without a prefix",
        "format",
        f"network: {{existing: {{{EXISTING}{PRIVATE}{DATA}, privateCidrs: [100.64.0.0]}}}}",
        f'alisio:network.existing.privateCidrs[0]: "100.64.0.0": {NOT_CIDR}; one address alone is 100.64.0.0/32',
    ),
    case(
        "no data range",
        "range",
        f"network: {{existing: {{vpcId: vpc-12345678, cidr: 10.0.0.0/16, dataCidrs: [], {PRIVATE}{DATA}}}}}",
        "alisio:network.existing.dataCidrs: []: at least 1 of them",
    ),
    case(
        "settings of a new VPC beside an existing one",
        "rule",
        f"network: {{nat: perZone, flowLogs: true, existing: {{{EXISTING}{PRIVATE}{DATA}}}}}",
        f"alisio:network.flowLogs: {NO_EFFECT}",
        f"alisio:network.nat: {NO_EFFECT}",
    ),
)
