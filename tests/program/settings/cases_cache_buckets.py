"""Wrong settings of broker and buckets."""

from tests.program.settings.case import LOG_DAYS, case

NODE = "an ElastiCache node type, such as cache.m7g.large"
ASSET = "the name of an asset: 1 to 40 of a-z, 0-9, underscore"
PREFIX = (
    "a prefix of S3 keys that ends in a slash and does not start with one, such as landing/sales/; of letters up to ÿ, "
    "digits, _ . = + - and single blanks"
)
BUCKET = "the name of an S3 bucket: 3 to 63 of a-z, 0-9, dot, hyphen"
HOUR = "a daily window in UTC of at least 60 minutes, such as 02:00-03:00"
HOUR_WEEKLY = "a weekly window in UTC of 60 minutes to a day, such as sun:04:00-sun:05:00"

CACHE = (
    case(
        "a watched prefix with letters that IAM does not take",
        "pattern",
        "buckets: {watches: [{prefix: 'zamówień ł/', asset: orders}]}",
        f'alisio:buckets.watches[0].prefix: "zamówień ł/": {PREFIX}',
    ),
    case(
        "a watched prefix with two blanks in a row",
        "pattern",
        "buckets: {watches: [{prefix: 'a  b/', asset: orders}]}",
        f'alisio:buckets.watches[0].prefix: "a  b/": {PREFIX}',
    ),
    case(
        "cache key misspelt",
        "unknown",
        "cache: {nodeTyp: cache.t4g.micro}",
        "alisio:cache.nodeTyp: unknown setting; did you mean nodeType?",
    ),
    case(
        "broker nobody knows",
        "choice",
        "cache: {engine: memcached}",
        'alisio:cache.engine: "memcached": one of redis, valkey',
    ),
    case(
        "node without cache", "pattern", "cache: {nodeType: m7g.large}", f'alisio:cache.nodeType: "m7g.large": {NODE}'
    ),
    case("replicas below none", "range", "cache: {replicas: -1}", "alisio:cache.replicas: -1: at least 0"),
    case("six replicas", "range", "cache: {replicas: 6}", "alisio:cache.replicas: 6: at most 5"),
    case(
        "zones without a replica",
        "rule",
        "cache: {multiAz: true, replicas: 0}",
        "alisio:cache.replicas: 0: Multi-AZ needs two nodes: at least 1 replica beside the primary",
    ),
    case(
        "replicas without zones",
        "rule",
        "cache: {multiAz: false}",
        "alisio:cache.multiAz: false: replicas are in different zones; set replicas to 0, or leave multiAz out",
    ),
    case(
        "zones as a text",
        "type",
        "cache: {multiAz: 'true'}",
        'alisio:cache.multiAz: "true": true or false (without quotes)',
    ),
    case(
        "broker's maintenance too short",
        "format",
        "cache: {maintenanceWindow: 'sun:05:30-sun:06:00'}",
        f'alisio:cache.maintenanceWindow: "sun:05:30-sun:06:00": {HOUR_WEEKLY}',
    ),
    case(
        "snapshot too short",
        "format",
        "cache: {snapshotWindow: 03:00-03:30}",
        f'alisio:cache.snapshotWindow: "03:00-03:30": {HOUR}',
    ),
    case(
        "snapshot during maintenance",
        "rule",
        "cache: {snapshotWindow: 06:00-07:00}",
        'alisio:cache.snapshotWindow: "06:00-07:00": overlaps maintenanceWindow sun:05:30-sun:06:30',
    ),
    case("no token", "range", "cache: {tokens: []}", "alisio:cache.tokens: []: at least 1 of them"),
    case("snapshots too long", "range", "cache: {snapshotDays: 36}", "alisio:cache.snapshotDays: 36: at most 35"),
    case("broker's logs for two days", "choice", "cache: {logDays: 2}", f"alisio:cache.logDays: 2: {LOG_DAYS}"),
    case(
        "broker's changes by a number",
        "type",
        "cache: {applyImmediately: 0}",
        "alisio:cache.applyImmediately: 0: true or false",
    ),
)

BUCKETS = (
    case(
        "bucket key misspelt",
        "unknown",
        "buckets: {logsDays: 3}",
        "alisio:buckets.logsDays: unknown setting; did you mean logDays?",
    ),
    case(
        "DAG versions for no day",
        "range",
        "buckets: {dagVersionDays: 0}",
        "alisio:buckets.dagVersionDays: 0: at least 1",
    ),
    case("logs below no day", "range", "buckets: {logDays: -7}", "alisio:buckets.logDays: -7: at least 1"),
    case(
        "data versions for ever",
        "range",
        "buckets: {dataVersionDays: 36501}",
        "alisio:buckets.dataVersionDays: 36501: at most 36500",
    ),
    case("archive at birth", "range", "buckets: {dataArchiveDays: 0}", "alisio:buckets.dataArchiveDays: 0: at least 1"),
    case(
        "archive by a word",
        "type",
        "buckets: {dataArchiveDays: never}",
        'alisio:buckets.dataArchiveDays: "never": a whole number',
    ),
    case(
        "uploads never aborted",
        "range",
        "buckets: {abortUploadDays: 0}",
        "alisio:buckets.abortUploadDays: 0: at least 1",
    ),
    case(
        "access logs to an ARN",
        "pattern",
        "buckets: {accessLogBucket: 'arn:aws:s3:::logs'}",
        f'alisio:buckets.accessLogBucket: "arn:aws:s3:::logs": {BUCKET}',
    ),
    case(
        "access logs to two dots",
        "rule",
        "buckets: {accessLogBucket: my..logs}",
        'alisio:buckets.accessLogBucket: "my..logs": two dots in a row are not allowed',
    ),
    case(
        "watch without an asset",
        "missing",
        "buckets: {watches: [{prefix: landing/}]}",
        "alisio:buckets.watches[0].asset: is required: Name of the asset. DAGs use the same name.",
    ),
    case(
        "watch key misspelt",
        "unknown",
        "buckets: {watches: [{prefix: landing/, asset: a, assets: b}]}",
        "alisio:buckets.watches[0].assets: unknown setting; did you mean asset?",
    ),
    case(
        "watch of an asset in capitals",
        "pattern",
        "buckets: {watches: [{prefix: landing/, asset: Sales}]}",
        f'alisio:buckets.watches[0].asset: "Sales": {ASSET}',
    ),
    case(
        "watch without a slash",
        "pattern",
        "buckets: {watches: [{prefix: landing, asset: sales}]}",
        f'alisio:buckets.watches[0].prefix: "landing": {PREFIX}',
    ),
    case(
        "watch of the same asset",
        "rule",
        "buckets: {watches: [{prefix: a/, asset: x}, {prefix: b/, asset: x}]}",
        'alisio:buckets.watches[1].asset: "x": another watch feeds this asset',
    ),
    case(
        "watch inside a watch",
        "rule",
        "buckets: {watches: [{prefix: a/b/, asset: x}, {prefix: a/, asset: y}]}",
        'alisio:buckets.watches[1].prefix: "a/": overlaps the watched prefix a/b/',
    ),
)

CASES = (*CACHE, *BUCKETS)
