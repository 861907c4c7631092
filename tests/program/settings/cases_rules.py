"""Settings that are right by themselves and wrong together."""

from tests.program.settings.case import case

SECOND_ENTRY = "EKS refuses a second access entry"
DEPLOYER = "arn:aws:iam::111122223333:role/deployer"
ADMIN = "arn:aws:iam::111122223333:role/admin"
PRODUCTION = "while alisio:production is true"
ONE = "{replicas: 1}"
ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
MIRROR = (
    "cannot be pulled without NAT; mirror it to ECR in eu-west-1 and name that: "
    "<account>.dkr.ecr.eu-west-1.amazonaws.com/…"
)
IN_PRODUCTION = "production: true\nnetwork: {nat: perZone}\n"

CASES = (
    case(
        "services inside the VPC",
        "rule",
        "network: {cidr: 172.20.0.0/16}",
        'alisio:cluster.serviceCidr: "172.20.0.0/16": overlaps the VPC\'s 172.20.0.0/16; '
        "choose another private network",
    ),
    case(
        "services around the existing VPC",
        "rule",
        "cluster: {serviceCidr: 10.0.0.0/12, privateAccessCidrs: [10.9.0.0/28]}\n"
        "network: {existing: {vpcId: vpc-12345678, cidr: 10.9.0.0/16, dataCidrs: [10.9.9.0/24], "
        "privateSubnetIds: [subnet-0000000a, subnet-0000000b], dataSubnetIds: [subnet-0000000c, subnet-0000000d]}}",
        'alisio:cluster.serviceCidr: "10.0.0.0/12": overlaps the VPC\'s 10.9.0.0/16; choose another private network',
    ),
    case(
        "a new VPC that nobody enters",
        "rule",
        "cluster: {publicAccessCidrs: []}",
        "alisio:cluster.publicAccessCidrs: []: nobody could reach the Kubernetes API; the VPC is new, so no runner of "
        "`pulumi up` is inside: use network.existing with a runner in cluster.privateAccessCidrs or "
        "cluster.privateAccessSecurityGroupIds, or name here the network that you come from",
    ),
    case(
        "a runner that the cluster does not admit",
        "rule",
        "cluster: {}\n"
        "network: {existing: {vpcId: vpc-12345678, cidr: 10.9.0.0/16, dataCidrs: [10.9.9.0/24], "
        "privateSubnetIds: [subnet-0000000a, subnet-0000000b], dataSubnetIds: [subnet-0000000c, subnet-0000000d]}}",
        "alisio:cluster.publicAccessCidrs: []: nobody could reach the Kubernetes API; name the runner of `pulumi up` "
        "in cluster.privateAccessCidrs or cluster.privateAccessSecurityGroupIds, or name here the network that you "
        "come from",
    ),
    case(
        "spot workers without spot nodes",
        "rule",
        "airflow: {workerGroups: [{name: a}, {name: b, capacity: spot}]}",
        'alisio:airflow.workerGroups[1].capacity: "spot": no pool of cluster.nodePools offers it; they offer onDemand',
    ),
    case(
        "Docker Hub without NAT",
        "rule",
        "network: {nat: none, interfaceEndpoints: [ec2, ecr.api, ecr.dkr, eks, eks-auth, elasticloadbalancing, logs, "
        "monitoring, secretsmanager, sts]}",
        f'alisio:airflow.image.repository: "apache/airflow": {MIRROR}',
        f'alisio:airflow.kedaRegistry: "ghcr.io": {MIRROR}',
    ),
    case(
        "mirror in another region, without NAT",
        "rule",
        "network: {nat: none, interfaceEndpoints: [ec2, ecr.api, ecr.dkr, eks, eks-auth, elasticloadbalancing, logs, "
        "monitoring, secretsmanager, sts]}\n"
        f"airflow: {{image: {{repository: {ECR}/airflow}}, kedaRegistry: {ECR.replace('west-1', 'west-2')}}}",
        f'alisio:airflow.kedaRegistry: "{ECR.replace("west-1", "west-2")}": {MIRROR}',
    ),
    case(
        "watched prefixes without a way to their queues",
        "rule",
        "network: {nat: none, interfaceEndpoints: [ec2, ecr.api, ecr.dkr, eks, eks-auth, elasticloadbalancing, logs, "
        "monitoring, secretsmanager, sts]}\n"
        f"airflow: {{image: {{repository: {ECR}/airflow}}, kedaRegistry: {ECR}}}\n"
        "buckets: {watches: [{prefix: landing/, asset: landed}]}",
        'alisio:network.interfaceEndpoints: ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", '
        '"logs", "monitoring", "secretsmanager", "sts"]: '
        "sqs is needed too: without NAT the triggerer cannot reach the queues of buckets.watches",
    ),
    case(
        "production unprotected",
        "rule",
        f"{IN_PRODUCTION}protect: false",
        f"alisio:protect: false: must be true {PRODUCTION}",
    ),
    case(
        "production with one database",
        "rule",
        f"{IN_PRODUCTION}dataStore: {{multiAz: false}}",
        f"alisio:dataStore.multiAz: false: must be true {PRODUCTION}",
    ),
    case(
        "production with few backups",
        "rule",
        f"{IN_PRODUCTION}dataStore: {{backupDays: 6}}",
        f"alisio:dataStore.backupDays: 6: at least 7 {PRODUCTION}",
    ),
    case(
        "production without a final snapshot",
        "rule",
        f"{IN_PRODUCTION}dataStore: {{skipFinalSnapshot: true}}",
        f"alisio:dataStore.skipFinalSnapshot: true: must be false {PRODUCTION}",
    ),
    case(
        "production whose data goes with it",
        "rule",
        f"{IN_PRODUCTION}buckets: {{forceDestroy: true}}",
        f"alisio:buckets.forceDestroy: true: must be false {PRODUCTION}",
    ),
    case(
        "production with one broker",
        "rule",
        f"{IN_PRODUCTION}cache: {{replicas: 0}}",
        f"alisio:cache.replicas: 0: at least 1 {PRODUCTION}",
    ),
    case(
        "production with one NAT gateway",
        "rule",
        "production: true",
        f'alisio:network.nat: "single": perZone or none {PRODUCTION}: a single NAT gateway fails with its zone',
    ),
    case(
        "production with one of each",
        "rule",
        f"{IN_PRODUCTION}airflow: {{apiServer: {ONE}, scheduler: {ONE}, triggerer: {ONE}}}",
        f"alisio:airflow.apiServer.replicas: 1: at least 2 {PRODUCTION}",
        f"alisio:airflow.scheduler.replicas: 1: at least 2 {PRODUCTION}",
        f"alisio:airflow.triggerer.replicas: 1: at least 2 {PRODUCTION}",
    ),
    case(
        "deployer of another account",
        "rule",
        "deployer: arn:aws:iam::999999999999:role/deployer",
        'alisio:deployer: "arn:aws:iam::999999999999:role/deployer": is not of this stack\'s account 111122223333',
    ),
    case(
        "deployer administers too",
        "rule",
        f"administrators: [{ADMIN}, {DEPLOYER}]",
        f'alisio:administrators[1]: "{DEPLOYER}": is the deployer, an administrator already: {SECOND_ENTRY}',
    ),
    case(
        "administrator looks on too",
        "rule",
        f"administrators: [{ADMIN}]\nviewers: [{ADMIN}]",
        f'alisio:viewers[0]: "{ADMIN}": is an administrator already: {SECOND_ENTRY}',
    ),
    case(
        "deployer looks on too",
        "rule",
        f"viewers: [{DEPLOYER}]",
        f'alisio:viewers[0]: "{DEPLOYER}": is an administrator already: {SECOND_ENTRY}',
    ),
)

NAME_RULE = "a-z, 0-9 and single hyphens between them: it is part of names in AWS"
STACK_NAMES = {
    "Prod": (f'name of the stack: "Prod": {NAME_RULE}',),
    "eu_west": (f'name of the stack: "eu_west": {NAME_RULE}',),
    "v1.2": (f'name of the stack: "v1.2": {NAME_RULE}',),
    "dev--2": (f'name of the stack: "dev--2": {NAME_RULE}',),
    "dev-": (f'name of the stack: "dev-": {NAME_RULE}',),
    "integration-tests": (),
    "integration-tests2": (
        'name of the stack: "integration-tests2": too long: a load balancer would be '
        "alisio-integration-tests2-1234567, and AWS allows 32 characters; shorten it by 1",
    ),
}
