"""Wrong settings of the stack itself: who, where, and the keys at the top."""

from tests.program.settings.case import case

ARN = (
    "the ARN of an IAM role or user, such as arn:aws:iam::111122223333:role/admin "
    "(of a role, not of a session: no sts, no assumed-role)"
)
DEPLOYER = "arn:aws:iam::111122223333:role/deployer"
ADMIN = "arn:aws:iam::111122223333:role/admin"
COMPONENTS = (
    "access, accessSecret, administrators, airflow, buckets, cache, cluster, dataStore, deployer, ingress, "
    "monitoring, network, production, protect, secretConfig, viewers"
)

CASES = (
    case("component misspelt", "unknown", "cahce: {}", "alisio:cahce: unknown setting; did you mean cache?"),
    case(
        "component in snake case",
        "unknown",
        "data_store: {}",
        "alisio:data_store: unknown setting; did you mean dataStore?",
    ),
    case("component nobody knows", "unknown", "zebra: {}", f"alisio:zebra: unknown setting; known are {COMPONENTS}"),
    case("path as key", "unknown", "network.nat: none", "alisio:network.nat: unknown setting; did you mean network?"),
    case(
        "no deployer",
        "missing",
        "deployer: REMOVED",
        "alisio:deployer: is required: The IAM role that runs the first `pulumi up`. EKS makes the creator of a "
        "cluster its administrator for good. A role that takes over later goes into `administrators`.",
    ),
    case("deployer is empty", "type", "deployer:", "alisio:deployer: is empty, and takes a text"),
    case("deployer is a list", "type", f"deployer: [{DEPLOYER}]", f'alisio:deployer: ["{DEPLOYER}"]: a text'),
    case("deployer is a name", "pattern", "deployer: jane", f'alisio:deployer: "jane": {ARN}'),
    case(
        "deployer is a session",
        "pattern",
        "deployer: arn:aws:sts::111122223333:assumed-role/admin/jane",
        f'alisio:deployer: "arn:aws:sts::111122223333:assumed-role/admin/jane": {ARN}',
    ),
    case(
        "deployer is the root user",
        "pattern",
        "deployer: arn:aws:iam::111122223333:root",
        f'alisio:deployer: "arn:aws:iam::111122223333:root": {ARN}',
    ),
    case(
        "administrators without brackets",
        "type",
        f"administrators: {ADMIN}",
        f'alisio:administrators: "{ADMIN}": a list (put it in brackets)',
    ),
    case(
        "administrator of another partition",
        "pattern",
        f"administrators: [{ADMIN}, 'arn:aws-cn:iam::111122223333:role/a']",
        f'alisio:administrators[1]: "arn:aws-cn:iam::111122223333:role/a": {ARN}',
    ),
    case(
        "administrator twice",
        "format",
        f"administrators: [{ADMIN}, {ADMIN}]",
        f'alisio:administrators: ["{ADMIN}", "{ADMIN}"]: listed more than once: {ADMIN}',
    ),
    case("viewers empty", "type", "viewers:", "alisio:viewers: is empty, and takes a list"),
    case(
        "viewer is a number",
        "type",
        "viewers: [111122223333]",
        "alisio:viewers[0]: 111122223333: a text (put it in quotes)",
    ),
    case(
        "production as a text",
        "type",
        "production: 'true'",
        'alisio:production: "true": true or false (without quotes)',
    ),
    case("production as a number", "type", "production: 1", "alisio:production: 1: true or false"),
    case("protect as a word", "type", "protect: always", 'alisio:protect: "always": true or false'),
    case("component is empty", "type", "network:", "alisio:network: is empty, and takes a map of settings"),
    case("component is a list", "type", "network: []", "alisio:network: []: a map of settings"),
    case("component is a text", "type", "cache: redis", 'alisio:cache: "redis": a map of settings'),
    case("no region", "missing", "aws:region: REMOVED", "aws:region: is required: The region of the whole stack."),
    case(
        "region is a zone",
        "pattern",
        "aws:region: eu-west-1a",
        'aws:region: "eu-west-1a": a region of AWS\'s commercial partition, such as eu-west-1',
    ),
    case(
        "region of another partition",
        "pattern",
        "aws:region: us-gov-west-1",
        'aws:region: "us-gov-west-1": a region of AWS\'s commercial partition, such as eu-west-1',
    ),
    case(
        "no account",
        "missing",
        "aws:allowedAccountIds: REMOVED",
        "aws:allowedAccountIds: is required: The account of this stack. The AWS provider refuses any other.",
    ),
    case(
        "account without quotes",
        "type",
        "aws:allowedAccountIds: [111122223333]",
        "aws:allowedAccountIds[0]: 111122223333: a text (put it in quotes)",
    ),
    case(
        "account without brackets",
        "type",
        "aws:allowedAccountIds: '111122223333'",
        'aws:allowedAccountIds: "111122223333": a list (put it in brackets)',
    ),
    case(
        "account too short",
        "pattern",
        "aws:allowedAccountIds: ['1111']",
        'aws:allowedAccountIds[0]: "1111": an AWS account id: 12 digits, in quotes',
    ),
    case(
        "no account in the list", "range", "aws:allowedAccountIds: []", "aws:allowedAccountIds: []: at least 1 of them"
    ),
    case(
        "two accounts",
        "range",
        "aws:allowedAccountIds: ['111122223333', '444455556666']",
        'aws:allowedAccountIds: ["111122223333", "444455556666"]: at most 1 of them',
    ),
)
