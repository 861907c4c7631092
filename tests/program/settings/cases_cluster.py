"""Wrong settings of the cluster."""

from tests.program.settings.case import LOG_DAYS, case

OPEN = "opens the Kubernetes API to the internet; name networks of /8 or smaller, or leave the list empty"
NAME = "1 to 30 of a-z, 0-9 and hyphen, starting with a letter"

CASES = (
    case(
        "cluster key misspelt",
        "unknown",
        "cluster: {nodePool: []}",
        "alisio:cluster.nodePool: unknown setting; did you mean nodePools?",
    ),
    case(
        "Kubernetes without quotes",
        "type",
        "cluster: {kubernetesVersion: 1.35}",
        "alisio:cluster.kubernetesVersion: 1.35: a text (put it in quotes)",
    ),
    case(
        "Kubernetes with its patch",
        "pattern",
        "cluster: {kubernetesVersion: 1.35.2}",
        'alisio:cluster.kubernetesVersion: "1.35.2": a minor version of Kubernetes, such as 1.35',
    ),
    case(
        "upgrade policy nobody knows",
        "choice",
        "cluster: {upgradePolicy: long}",
        'alisio:cluster.upgradePolicy: "long": one of standard, extended',
    ),
    case(
        "Kubernetes open to the world",
        "format",
        "cluster: {publicAccessCidrs: [0.0.0.0/0]}",
        f'alisio:cluster.publicAccessCidrs[0]: "0.0.0.0/0": {OPEN}',
    ),
    case(
        "Kubernetes open to the world in halves",
        "format",
        "cluster: {publicAccessCidrs: [0.0.0.0/1, 128.0.0.0/1]}",
        f'alisio:cluster.publicAccessCidrs[0]: "0.0.0.0/1": {OPEN}',
        f'alisio:cluster.publicAccessCidrs[1]: "128.0.0.0/1": {OPEN}',
    ),
    case(
        "public access from one address",
        "format",
        "cluster: {publicAccessCidrs: [203.0.113.7]}",
        'alisio:cluster.publicAccessCidrs[0]: "203.0.113.7": not an IPv4 network in CIDR notation; '
        "one address alone is 203.0.113.7/32",
    ),
    case(
        "public access without brackets",
        "type",
        "cluster: {publicAccessCidrs: 203.0.113.0/24}",
        'alisio:cluster.publicAccessCidrs: "203.0.113.0/24": a list (put it in brackets)',
    ),
    case(
        "public access twice",
        "format",
        "cluster: {publicAccessCidrs: [203.0.113.0/24, 203.0.113.0/24]}",
        'alisio:cluster.publicAccessCidrs: ["203.0.113.0/24", "203.0.113.0/24"]: listed more than once: 203.0.113.0/24',
    ),
    case(
        "everybody with a route",
        "format",
        "cluster: {privateAccessCidrs: [0.0.0.0/0]}",
        'alisio:cluster.privateAccessCidrs[0]: "0.0.0.0/0": admits everybody who has a route into the VPC; name '
        "networks of /8 or smaller",
    ),
    case(
        "runner's security group by its name",
        "pattern",
        "cluster: {privateAccessSecurityGroupIds: [runners]}",
        'alisio:cluster.privateAccessSecurityGroupIds[0]: "runners": a security group\'s id, such as '
        "sg-0123456789abcdef0",
    ),
    case(
        "services of shared addresses",
        "format",
        "cluster: {serviceCidr: 100.64.0.0/16}",
        'alisio:cluster.serviceCidr: "100.64.0.0/16": must lie in one of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16',
    ),
    case(
        "too many services",
        "rule",
        "cluster: {serviceCidr: 10.0.0.0/8}\nnetwork: {cidr: 192.168.0.0/16}",
        'alisio:cluster.serviceCidr: "10.0.0.0/8": a network of /12 to /24',
    ),
    case(
        "too few services",
        "rule",
        "cluster: {serviceCidr: 172.20.0.0/25}",
        'alisio:cluster.serviceCidr: "172.20.0.0/25": a network of /12 to /24',
    ),
    case(
        "control plane's logs as a text",
        "choice",
        "cluster: {logDays: all}",
        f'alisio:cluster.logDays: "all": {LOG_DAYS}',
    ),
    case("nodes too small", "range", "cluster: {nodeStorageGib: 29}", "alisio:cluster.nodeStorageGib: 29: at least 30"),
    case(
        "nodes too old", "range", "cluster: {nodeExpiryHours: 505}", "alisio:cluster.nodeExpiryHours: 505: at most 504"
    ),
    case("no node pools", "range", "cluster: {nodePools: []}", "alisio:cluster.nodePools: []: at least 1 of them"),
    case(
        "node pool without a list",
        "type",
        "cluster: {nodePools: {name: core}}",
        'alisio:cluster.nodePools: {name: "core"}: a list',
    ),
    case(
        "node pool by its name alone",
        "type",
        "cluster: {nodePools: [core]}",
        'alisio:cluster.nodePools[0]: "core": a map of settings',
    ),
    case(
        "node pool without a name",
        "missing",
        "cluster: {nodePools: [{maxCpu: 8}]}",
        "alisio:cluster.nodePools[0].name: is required: Name of the pool.",
    ),
    case(
        "node pool key misspelt",
        "unknown",
        "cluster: {nodePools: [{name: core}, {name: more, capcity: spot}]}",
        "alisio:cluster.nodePools[1].capcity: unknown setting; did you mean capacity?",
    ),
    case(
        "node pool key nobody knows",
        "unknown",
        "cluster: {nodePools: [{name: core, zebra: 1}]}",
        "alisio:cluster.nodePools[0].zebra: unknown setting; known are architectures, capacity, instanceCategories, "
        "maxCpu, maxMemoryGib, name",
    ),
    case(
        "node pool in capitals",
        "pattern",
        "cluster: {nodePools: [{name: Core}]}",
        f'alisio:cluster.nodePools[0].name: "Core": {NAME}',
    ),
    case(
        "node pool twice",
        "rule",
        "cluster: {nodePools: [{name: core}, {name: core, capacity: spot}]}",
        'alisio:cluster.nodePools[1].name: "core": another node pool has this name',
    ),
    case(
        "only spot nodes",
        "rule",
        "cluster: {nodePools: [{name: a, capacity: spot}, {name: b, capacity: spot}]}\n"
        "airflow: {workerGroups: [{name: main, capacity: spot}]}",
        'alisio:cluster.nodePools: ["spot", "spot"]: at least one pool must be onDemand, for scheduler and api-server',
    ),
    case(
        "capacity in AWS's spelling",
        "choice",
        "cluster: {nodePools: [{name: core, capacity: on-demand}]}",
        'alisio:cluster.nodePools[0].capacity: "on-demand": one of onDemand, spot',
    ),
    case(
        "architecture of Intel's name",
        "choice",
        "cluster: {nodePools: [{name: core, architectures: [x86_64]}]}",
        'alisio:cluster.nodePools[0].architectures[0]: "x86_64": one of amd64, arm64',
    ),
    case(
        "no architecture",
        "range",
        "cluster: {nodePools: [{name: core, architectures: []}]}",
        "alisio:cluster.nodePools[0].architectures: []: at least 1 of them",
    ),
    case(
        "architecture twice",
        "format",
        "cluster: {nodePools: [{name: core, architectures: [arm64, arm64]}]}",
        'alisio:cluster.nodePools[0].architectures: ["arm64", "arm64"]: listed more than once: arm64',
    ),
    case(
        "instances of graphics",
        "choice",
        "cluster: {nodePools: [{name: core, instanceCategories: [m, g]}]}",
        'alisio:cluster.nodePools[0].instanceCategories[1]: "g": one of c, m, r',
    ),
    case(
        "instances that no node of Auto Mode has",
        "choice",
        "cluster: {nodePools: [{name: core, instanceCategories: [t]}]}",
        'alisio:cluster.nodePools[0].instanceCategories[0]: "t": one of c, m, r',
    ),
    case(
        "node pools of EKS's own",
        "rule",
        "cluster: {nodePools: [{name: general-purpose}, {name: system}]}",
        'alisio:cluster.nodePools[0].name: "general-purpose": is a node pool of EKS\'s own; choose another name',
        'alisio:cluster.nodePools[1].name: "system": is a node pool of EKS\'s own; choose another name',
    ),
    case(
        "pool smaller than its smallest node",
        "rule",
        "cluster: {nodePools: [{name: core}, {name: more, instanceCategories: [r, m], maxMemoryGib: 7}]}",
        "alisio:cluster.nodePools[1].maxMemoryGib: 7: at least 8: no node of instanceCategories r, m is smaller",
    ),
    case(
        "pool of one CPU",
        "range",
        "cluster: {nodePools: [{name: core, maxCpu: 1}]}",
        "alisio:cluster.nodePools[0].maxCpu: 1: at least 2",
    ),
    case(
        "pool's memory with a unit",
        "type",
        "cluster: {nodePools: [{name: core, maxMemoryGib: 64Gi}]}",
        'alisio:cluster.nodePools[0].maxMemoryGib: "64Gi": a whole number',
    ),
)
