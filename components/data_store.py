"""Airflow's metadata database."""

from __future__ import annotations

from typing import final
from urllib.parse import quote

import pulumi
import pulumi_aws as aws
import pulumi_random as random
from pulumi import Input, Output, ResourceOptions

from components.encryption import encryption_key, log_group
from components.iam import assumable_by, only_from
from components.network import Network
from components.ports import open_port
from settings import DataStoreSettings, Site

PORT = 5432
DATABASE = "airflow"
USERNAME = "airflow"
LOG_EXPORTS = ("postgresql", "upgrade")


@final
class DataStore(pulumi.ComponentResource):
    """PostgreSQL for Airflow's metadata: private, encrypted, reachable over verified TLS only."""

    identifier: Output[str]
    host: Output[str]
    security_group_id: Output[str]
    uri: Output[str]
    """SQLAlchemy URI with the password; always a secret. TLS is asked for by PGSSLMODE, never in here: Airflow's
    asynchronous engine refuses `sslmode`."""
    result_backend_uri: Output[str]
    """The same database in the form that Celery wants; always a secret."""

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
        mine = ResourceOptions(parent=self)
        kept = ResourceOptions(parent=self, protect=site.protect)
        key = encryption_key(name, "Airflow's metadata: storage, snapshots, insights, logs", site, parent=self)
        # URL-safe by its alphabet: neither ConfigParser nor a URI has to escape it.
        password = random.RandomPassword(f"{name}-password", length=40, special=False, opts=kept)
        # Part of both names below: a new instance gets a new one, so its final snapshot meets no older one.
        birth = random.RandomId(f"{name}-birth", byte_length=4, opts=kept)
        self.identifier = Output.concat(name, "-", birth.hex)
        subnets = aws.rds.SubnetGroup(f"{name}-subnets", subnet_ids=network.data_subnet_ids, opts=mine)
        group = aws.ec2.SecurityGroup(
            f"{name}-access", description="Airflow metadata database", vpc_id=network.vpc_id, opts=mine
        )
        insights = settings.performance_insights
        logs = [
            log_group(
                f"{name}-{export}",
                Output.concat("/aws/rds/instance/", self.identifier, "/", export),
                days=settings.log_days,
                key=key,
                parent=self,
            )
            for export in LOG_EXPORTS
        ]
        instance = aws.rds.Instance(
            f"{name}-instance",
            identifier=self.identifier,
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
            port=PORT,
            multi_az=settings.multi_az,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[group.id],
            publicly_accessible=False,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            parameter_group_name=_parameters(name, settings, parent=self).name,
            backup_retention_period=settings.backup_days,
            backup_window=settings.backup_window,
            maintenance_window=settings.maintenance_window,
            copy_tags_to_snapshot=True,
            delete_automated_backups=not site.protect,
            deletion_protection=site.protect,
            skip_final_snapshot=not site.protect,
            final_snapshot_identifier=Output.concat(self.identifier, "-final"),
            enabled_cloudwatch_logs_exports=list(LOG_EXPORTS),
            apply_immediately=settings.apply_immediately,
            performance_insights_enabled=insights,
            performance_insights_kms_key_id=key.arn if insights else None,
            performance_insights_retention_period=settings.performance_insights_days
            if settings.performance_insights
            else None,
            monitoring_interval=settings.monitoring_seconds,
            monitoring_role_arn=_monitoring_role(name, site, parent=self) if settings.monitoring_seconds else None,
            opts=ResourceOptions(parent=self, protect=site.protect, depends_on=logs),
        )
        self.host = instance.address
        self.security_group_id = group.id
        location = Output.concat(
            USERNAME,
            ":",
            password.result.apply(lambda text: quote(text, safe="")),
            "@",
            self.host,
            f":{PORT}/{DATABASE}",
        )
        self.uri = Output.secret(Output.concat("postgresql://", location))
        self.result_backend_uri = Output.secret(Output.concat("db+postgresql://", location))
        self._name = name
        self.register_outputs(
            {
                "identifier": self.identifier,
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
            PORT,
            on=self.security_group_id,
            to=security_group_id,
            parent=self,
        )


def _parameters(name: str, settings: DataStoreSettings, *, parent: pulumi.Resource) -> aws.rds.ParameterGroup:
    """A group named by its family: a new major version gets a new group while the old one is still in use."""
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
        opts=ResourceOptions(parent=parent),
    )


def _monitoring_role(name: str, site: Site, *, parent: pulumi.Resource) -> Output[str]:
    """The role by which enhanced monitoring reports, usable only once its policy is attached."""
    role = aws.iam.Role(
        f"{name}-monitoring",
        path=f"/{site.path}/",
        assume_role_policy=assumable_by("monitoring.rds.amazonaws.com", when=only_from(site.account_id)),
        opts=ResourceOptions(parent=parent),
    )
    attached = aws.iam.RolePolicyAttachment(
        f"{name}-monitoring",
        role=role.name,
        policy_arn="arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
        opts=ResourceOptions(parent=parent),
    )
    return Output.all(role.arn, attached.id).apply(lambda known: known[0])
