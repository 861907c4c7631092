"""Wrong settings of the metadata database."""

from tests.program.settings.case import LOG_DAYS, case

CLASS = "an RDS instance class, such as db.m8g.large"
INSIGHTS = "7, 731, or a multiple of 31 up to 713"
HALF_HOUR = "a daily window in UTC of at least 30 minutes, such as 02:00-03:00"
HALF_HOUR_WEEKLY = "a weekly window in UTC of 30 minutes to a day, such as sun:04:00-sun:05:00"

CASES = (
    case(
        "data store key misspelt",
        "unknown",
        "dataStore: {instanceclass: db.t4g.medium}",
        "alisio:dataStore.instanceclass: unknown setting; did you mean instanceClass?",
    ),
    case(
        "PostgreSQL without quotes",
        "choice",
        "dataStore: {engineVersion: 17}",
        'alisio:dataStore.engineVersion: 17: one of "17", "18" (put it in quotes)',
    ),
    case(
        "PostgreSQL too old",
        "choice",
        "dataStore: {engineVersion: '16'}",
        'alisio:dataStore.engineVersion: "16": one of "17", "18"',
    ),
    case(
        "PostgreSQL's minor version",
        "choice",
        "dataStore: {engineVersion: '17.4'}",
        'alisio:dataStore.engineVersion: "17.4": one of "17", "18"',
    ),
    case(
        "upgrade by a word",
        "type",
        "dataStore: {allowMajorVersionUpgrade: once}",
        'alisio:dataStore.allowMajorVersionUpgrade: "once": true or false',
    ),
    case(
        "instance without db",
        "pattern",
        "dataStore: {instanceClass: m8g.large}",
        f'alisio:dataStore.instanceClass: "m8g.large": {CLASS}',
    ),
    case("storage too small", "range", "dataStore: {storageGib: 19}", "alisio:dataStore.storageGib: 19: at least 20"),
    case(
        "storage too large to grow",
        "range",
        "dataStore: {storageGib: 60000}",
        "alisio:dataStore.storageGib: 60000: at most 59578",
    ),
    case(
        "storage with a unit",
        "type",
        "dataStore: {storageGib: 50Gi}",
        'alisio:dataStore.storageGib: "50Gi": a whole number',
    ),
    case(
        "storage as a text",
        "type",
        "dataStore: {storageGib: '50'}",
        'alisio:dataStore.storageGib: "50": a whole number (without quotes)',
    ),
    case(
        "storage and a half",
        "type",
        "dataStore: {storageGib: 20.5}",
        "alisio:dataStore.storageGib: 20.5: a whole number",
    ),
    case(
        "storage as true", "type", "dataStore: {storageGib: true}", "alisio:dataStore.storageGib: true: a whole number"
    ),
    case(
        "storage is empty",
        "type",
        "dataStore: {storageGib: }",
        "alisio:dataStore.storageGib: is empty, and takes a whole number",
    ),
    case(
        "storage without end",
        "type",
        "dataStore: {maxStorageGib: 1.5e30}",
        "alisio:dataStore.maxStorageGib: 1.5e+30: a whole number",
    ),
    case(
        "storage cannot grow",
        "rule",
        "dataStore: {storageGib: 100, maxStorageGib: 109}",
        "alisio:dataStore.maxStorageGib: 109: at least 10 % above storageGib (100), as RDS demands",
    ),
    case(
        "standby as a list",
        "type",
        "dataStore: {multiAz: [a, b]}",
        'alisio:dataStore.multiAz: ["a", "b"]: true or false',
    ),
    case("no backups", "range", "dataStore: {backupDays: 0}", "alisio:dataStore.backupDays: 0: at least 1"),
    case("backups too long", "range", "dataStore: {backupDays: 36}", "alisio:dataStore.backupDays: 36: at most 35"),
    case(
        "backup without an end",
        "format",
        "dataStore: {backupWindow: '02:00'}",
        f'alisio:dataStore.backupWindow: "02:00": {HALF_HOUR}',
    ),
    case(
        "backup too short",
        "format",
        "dataStore: {backupWindow: 23:50-00:19}",
        f'alisio:dataStore.backupWindow: "23:50-00:19": {HALF_HOUR}',
    ),
    case(
        "backup at 24 o'clock",
        "format",
        "dataStore: {backupWindow: 23:00-24:00}",
        f'alisio:dataStore.backupWindow: "23:00-24:00": {HALF_HOUR}',
    ),
    case(
        "maintenance without a day",
        "format",
        "dataStore: {maintenanceWindow: 04:00-05:00}",
        f'alisio:dataStore.maintenanceWindow: "04:00-05:00": {HALF_HOUR_WEEKLY}',
    ),
    case(
        "maintenance with a capital",
        "format",
        "dataStore: {maintenanceWindow: 'Sun:04:00-Sun:05:00'}",
        f'alisio:dataStore.maintenanceWindow: "Sun:04:00-Sun:05:00": {HALF_HOUR_WEEKLY}',
    ),
    case(
        "maintenance of two days",
        "format",
        "dataStore: {maintenanceWindow: 'sat:04:00-mon:04:00'}",
        f'alisio:dataStore.maintenanceWindow: "sat:04:00-mon:04:00": {HALF_HOUR_WEEKLY}',
    ),
    case(
        "backup during maintenance",
        "rule",
        "dataStore: {backupWindow: 04:30-05:30}",
        'alisio:dataStore.backupWindow: "04:30-05:30": overlaps maintenanceWindow sun:04:00-sun:05:00',
    ),
    case(
        "insights on a small instance",
        "rule",
        "dataStore: {instanceClass: db.t4g.micro}",
        "alisio:dataStore.performanceInsights: true: db.t4g.micro has no Performance Insights; set it to false",
    ),
    case(
        "insights for 30 days",
        "format",
        "dataStore: {performanceInsightsDays: 30}",
        f"alisio:dataStore.performanceInsightsDays: 30: {INSIGHTS}",
    ),
    case(
        "insights for 24 months",
        "format",
        "dataStore: {performanceInsightsDays: 744}",
        f"alisio:dataStore.performanceInsightsDays: 744: {INSIGHTS}",
    ),
    case(
        "days of no insights",
        "rule",
        "dataStore: {performanceInsights: false, performanceInsightsDays: 31}",
        "alisio:dataStore.performanceInsightsDays: 31: has no effect while performanceInsights is false",
    ),
    case(
        "monitoring every 20 seconds",
        "choice",
        "dataStore: {monitoringSeconds: 20}",
        "alisio:dataStore.monitoringSeconds: 20: one of 0, 1, 5, 10, 15, 30, 60",
    ),
    case("PostgreSQL's logs for ever", "choice", "dataStore: {logDays: 0}", f"alisio:dataStore.logDays: 0: {LOG_DAYS}"),
    case(
        "every query is slow",
        "range",
        "dataStore: {slowQueryMilliseconds: 0}",
        "alisio:dataStore.slowQueryMilliseconds: 0: at least 100",
    ),
    case(
        "parameter as a number",
        "type",
        "dataStore: {parameters: {work_mem: 65536}}",
        "alisio:dataStore.parameters.work_mem: 65536: a text (put it in quotes)",
    ),
    case(
        "parameters as a list",
        "type",
        "dataStore: {parameters: [work_mem]}",
        'alisio:dataStore.parameters: ["work_mem"]: a map of keys and values',
    ),
    case(
        "TLS switched off",
        "rule",
        "dataStore: {parameters: {rds.force_ssl: '0'}}",
        'alisio:dataStore.parameters.rds.force_ssl: "0": is set by the platform: connections are TLS only',
    ),
    case(
        "changes at once, perhaps",
        "type",
        "dataStore: {applyImmediately: 'yes'}",
        'alisio:dataStore.applyImmediately: "yes": true or false',
    ),
)
