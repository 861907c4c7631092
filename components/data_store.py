"""Airflow's metadata database."""

from __future__ import annotations

from typing import final

import pulumi
import pulumi_aws as aws
import pulumi_random as random
from pulumi import Input, Output, ResourceOptions

from chart.uris import DATABASE, POSTGRES_PORT, metadata_uri, result_backend_uri
from components.network import Network
from components.parts.encryption import encryption_key, log_group
from components.parts.iam import assumable_by, only_from
from components.parts.metrics import Metrics, shown, source
from components.parts.security_groups import Members, open_port
from health import subjects
from settings import DataStoreSettings, Site

USERNAME = "airflow"
LOG_EXPORTS = ("postgresql", "upgrade")


@final
class DataStore(pulumi.ComponentResource):
    """PostgreSQL for Airflow's metadata: private, encrypted, reachable over verified TLS only."""

    metrics: Metrics
    host: Output[str]
    security_group_id: Output[str]
    uri: Output[str]
    """SQLAlchemy URI with the password, always a secret. PGSSLMODE asks for TLS, not the URI."""
    result_backend_uri: Output[str]
    """The same database in the form that Celery takes, always a secret."""

    def __init__(
        self,
        name: str,
        settings: DataStoreSettings,
        network: Network,
        site: Site,
        *,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("alisio:aws:DataStore", name, None, opts)
        child = ResourceOptions(parent=self)
        protected = ResourceOptions(parent=self, protect=site.protect)
        keeps_snapshot = not settings.skip_final_snapshot
        key = encryption_key(
            name,
            "Airflow's metadata: storage, snapshots, insights, logs",
            site,
            outlives=keeps_snapshot,
            opts=child,
        )
        # Letters and digits only, so that neither ConfigParser nor a URI has to escape it.
        password = random.RandomPassword(f"{name}-password", length=40, special=False, opts=protected)
        subnets = aws.rds.SubnetGroup(f"{name}-subnets", subnet_ids=network.data_subnet_ids, opts=child)
        # Part of the names of instance and final snapshot. It changes with what replaces the instance: otherwise the
        # second snapshot would have the name of the first, and RDS would refuse to delete the instance.
        suffix = random.RandomId(
            f"{name}-suffix", byte_length=4, keepers={"key": key.arn, "subnets": subnets.name}, opts=protected
        )
        identifier = Output.concat(name, "-", suffix.hex)
        group = aws.ec2.SecurityGroup(
            f"{name}-access", description="Airflow metadata database", vpc_id=network.vpc_id, opts=child
        )
        insights = settings.performance_insights
        logs = [
            log_group(
                f"{name}-{export}",
                Output.concat("/aws/rds/instance/", identifier, "/", export),
                days=settings.log_days,
                key=key,
                opts=child,
            )
            for export in LOG_EXPORTS
        ]
        instance = aws.rds.Instance(
            f"{name}-instance",
            identifier=identifier,
            engine="postgres",
            engine_version=settings.engine_version,
            allow_major_version_upgrade=settings.allow_major_version_upgrade,
            auto_minor_version_upgrade=True,
            instance_class=settings.instance_class,
            storage_type="gp3",
            allocated_storage=settings.storage_gib,
            max_allocated_storage=settings.max_storage_gib,
            storage_encrypted=True,
            kms_key_id=key.arn,
            db_name=DATABASE,
            username=USERNAME,
            password=password.result,
            port=POSTGRES_PORT,
            multi_az=settings.multi_az,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[group.id],
            publicly_accessible=False,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            parameter_group_name=_parameters(name, settings, opts=child).name,
            backup_retention_period=settings.backup_days,
            backup_window=settings.backup_window,
            maintenance_window=settings.maintenance_window,
            copy_tags_to_snapshot=True,
            delete_automated_backups=settings.skip_final_snapshot,
            deletion_protection=site.protect,
            skip_final_snapshot=settings.skip_final_snapshot,
            final_snapshot_identifier=Output.concat(identifier, "-final"),
            enabled_cloudwatch_logs_exports=list(LOG_EXPORTS),
            apply_immediately=settings.apply_immediately,
            performance_insights_enabled=insights,
            performance_insights_kms_key_id=key.arn if insights else None,
            performance_insights_retention_period=settings.performance_insights_days if insights else None,
            monitoring_interval=settings.monitoring_seconds,
            monitoring_role_arn=_monitoring_role(name, site, opts=child) if settings.monitoring_seconds else None,
            opts=ResourceOptions.merge(protected, ResourceOptions(depends_on=logs)),
        )
        self.metrics = {subjects.DATABASE: source(subjects.DATABASE, instance.identifier)}
        self.host = instance.address
        self.security_group_id = group.id
        known = Output.all(password=password.result, host=self.host)
        self.uri = Output.secret(known.apply(lambda login: metadata_uri(username=USERNAME, **login)))
        self.result_backend_uri = Output.secret(
            known.apply(lambda login: result_backend_uri(username=USERNAME, **login))
        )
        self._name = name
        self.register_outputs(
            {
                "metrics": shown(self.metrics),
                "host": self.host,
                "uri": self.uri,
                "resultBackendUri": self.result_backend_uri,
            }
        )

    def allow_from(self, peer: str, security_group_id: Input[str]) -> None:
        """Open the database port to one more security group."""
        open_port(
            f"{self._name}-from-{peer}",
            f"PostgreSQL from {peer}",
            port=POSTGRES_PORT,
            security_group_id=self.security_group_id,
            source=Members(security_group_id),
            opts=ResourceOptions(parent=self),
        )


def _parameters(name: str, settings: DataStoreSettings, *, opts: ResourceOptions) -> aws.rds.ParameterGroup:
    """Make a group that is named after its family. A new major version needs its group while the old one is in use."""
    family = f"postgres{settings.engine_version}"
    at_boot = {"rds.force_ssl": "1", **settings.parameters}
    at_once = {"log_min_duration_statement": str(settings.slow_query_milliseconds)}
    return aws.rds.ParameterGroup(
        f"{name}-{family}",
        family=family,
        parameters=[
            *({"name": key, "value": value, "apply_method": "pending-reboot"} for key, value in at_boot.items()),
            *({"name": key, "value": value, "apply_method": "immediate"} for key, value in at_once.items()),
        ],
        opts=opts,
    )


def _monitoring_role(name: str, site: Site, *, opts: ResourceOptions) -> Output[str]:
    """Make the role of enhanced monitoring. Its ARN is known when its policy is attached, so nobody uses it before."""
    role = aws.iam.Role(
        f"{name}-monitoring",
        path=f"/{site.path}/",
        assume_role_policy=assumable_by("monitoring.rds.amazonaws.com", when=only_from(site.account_id)),
        opts=opts,
    )
    attached = aws.iam.RolePolicyAttachment(
        f"{name}-monitoring",
        role=role.name,
        policy_arn="arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
        opts=opts,
    )
    return Output.all(role.arn, attached.id).apply(lambda known: known[0])
