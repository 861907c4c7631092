"""Alarms, who is told of them, and the dashboard of a stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, final

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from components.cache import Cache
from components.parts.alarms import composite_alarm, metric_alarm, muted
from components.parts.aws_events import aws_events
from components.parts.budget import budget
from components.parts.metrics import Metrics, shown, source
from components.parts.notices import Topics, tell, topics
from health.alarms import alarms
from health.composite import USERS_NOTICE, composites
from health.dashboard import dashboard
from health.metric import MetricSource
from health.subjects import CLUSTER, DATABASE, TOPIC, kind_of
from settings import Site, StackSettings


class Measured(Protocol):
    """A component that says where its metrics are."""

    @property
    def metrics(self) -> Metrics:
        """By subject."""
        ...


@final
class Monitoring(pulumi.ComponentResource):
    """Alarms for whatever is measured, people who are told, one dashboard; or nothing, if the settings say so.

    One alarm wakes people up. All others name the part at fault. Nothing waits for any of them.
    """

    metrics: Metrics
    """Of the topics."""
    dashboard_url: str
    """The dashboard in AWS's console; empty if there is none."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        cache: Cache,
        measured: Sequence[Measured],
        site: Site,
        *,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("alisio:aws:Monitoring", name, None, opts)
        self.metrics = {}
        self.dashboard_url = ""
        monitoring = settings.monitoring
        if monitoring.raises_alarms or monitoring.monthly_budget_usd:
            told = topics(name, site, opts=ResourceOptions(parent=self))
            self.metrics = {f"{TOPIC}-{kind}": source(TOPIC, topic.name) for kind, topic in told.by_kind.items()}
            self._tell(name, settings, cache, told, site)
            if monitoring.raises_alarms:
                sources = {subject: each for one in (*measured, self) for subject, each in one.metrics.items()}
                self._watch(name, settings, sources, told, site)
                self._show(name, settings, sources, site)
        self.register_outputs({"metrics": shown(self.metrics), "dashboardUrl": self.dashboard_url})

    def _tell(self, name: str, settings: StackSettings, cache: Cache, told: Topics, site: Site) -> None:
        child = ResourceOptions(parent=self)
        # Of the broker, ElastiCache tells a topic of its own.
        tickets = {"tickets": told.tickets.arn, "broker": cache.events_topic_arn}
        tell(name, settings.monitoring, site, pages={"pages": told.pages.arn}, tickets=tickets, opts=child)
        limit = settings.monitoring.monthly_budget_usd
        if limit:
            budget(name, limit, topic=told.tickets.arn, after=told.ready, opts=child)

    def _watch(self, name: str, settings: StackSettings, sources: Metrics, told: Topics, site: Site) -> None:
        """Make the alarms, and those over alarms. The names of all are silent in the pauses of the settings."""
        child = ResourceOptions(parent=self, depends_on=list(told.ready))
        watching = alarms(settings, sources)
        made: dict[str, pulumi.Resource] = {}
        for alarm in watching:
            # Who reads the one topic hears that the other reaches nobody.
            everybody = [told.pages.arn, told.tickets.arn]
            made[alarm.name] = metric_alarm(
                f"{name}-{alarm.name}",
                alarm,
                sources[alarm.subject],
                prefix=site.prefix,
                topics=everybody if kind_of(alarm.subject) == TOPIC else everybody[1:],
                warm_up_minutes=settings.monitoring.warm_up_minutes,
                opts=child,
            )
        for composite in composites(watching):
            made[composite.name] = composite_alarm(
                f"{name}-{composite.name}",
                composite,
                prefix=site.prefix,
                topics=[told.pages.arn if composite.name == USERS_NOTICE else told.tickets.arn],
                opts=ResourceOptions.merge(
                    child, ResourceOptions(depends_on=[made[each] for each in composite.alarms])
                ),
            )
        for pause in settings.monitoring.pauses:
            muted(
                name,
                pause,
                list(made),
                prefix=site.prefix,
                opts=ResourceOptions.merge(child, ResourceOptions(depends_on=list(made.values()))),
            )
        aws_events(
            f"{name}-events-of",
            database=sources[DATABASE].dimensions["DBInstanceIdentifier"],
            cluster=sources[CLUSTER].dimensions["ClusterName"],
            topic=told.tickets.arn,
            after=told.ready,
            opts=ResourceOptions(parent=self),
        )

    def _show(self, name: str, settings: StackSettings, sources: Metrics, site: Site) -> None:
        known = Output.all(**{subject: each.dimensions for subject, each in sources.items()})

        def body(dimensions: Mapping[str, Mapping[str, str]]) -> Mapping[str, object]:
            found = {
                subject: MetricSource(namespace=sources[subject].namespace, dimensions=values)
                for subject, values in dimensions.items()
            }
            return dashboard(settings, found, site)

        aws.cloudwatch.Dashboard(
            name,
            dashboard_name=site.prefix,
            dashboard_body=Output.json_dumps(known.apply(body)),
            opts=ResourceOptions(parent=self),
        )
        self.dashboard_url = (
            f"https://{site.region}.console.aws.amazon.com/cloudwatch/home?region={site.region}"
            f"#dashboards/dashboard/{site.prefix}"
        )
