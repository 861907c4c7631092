"""Settings of monitoring: what is measured, who is told, when nobody is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.base import LogDays, Mistake, Name, Settings, matching, unique
from settings.cron import Cron

_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
Email = Annotated[str, matching(r"[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+", "an e-mail address")]
Endpoint = Annotated[str, matching(r"https://[^\s/@]+(/\S*)?", "a URL that begins with https://, without a password")]

OF_ALARMS = {"emails", "https_endpoints", "slack", "teams", "pauses", "warm_up_minutes"}
"""Settings that say something about alarms only. A budget tells people, too."""


class Slack(Settings):
    """A channel of Slack, whose workspace was once authorised in the console of Amazon Q Developer."""

    team_id: Annotated[str, matching("T[A-Z0-9]{8,11}", "the id of a workspace, such as T0123ABCD")]
    """The workspace."""
    channel_id: Annotated[str, matching("[CG][A-Z0-9]{8,11}", "the id of a channel, such as C0123ABCD")]
    """The channel."""


class Teams(Settings):
    """A channel of Microsoft Teams, whose team was once authorised in the console of Amazon Q Developer."""

    team_id: Annotated[str, matching(_UUID, "the id of a team: a UUID")]
    """The team."""
    tenant_id: Annotated[str, matching(_UUID, "the id of a tenant: a UUID")]
    """The tenant of Entra ID."""
    channel_id: Annotated[
        str, matching(r"19(:|%3[Aa])\S+(@|%40)thread\.(tacv2|skype)", "the id of a channel: 19:…@thread.tacv2")
    ]
    """The channel."""


class Pause(Settings):
    """A planned time in which alarms go on, and nobody is told: a night without the platform, or maintenance."""

    name: Name
    """Name of the pause."""
    cron: Annotated[Cron, matching(r"\S+( \S+){4}", "a cron expression of five fields, such as 0 20 * * 1-5")]
    """When it begins."""
    hours: Annotated[int, Field(ge=1, le=360)]
    """How long it lasts. CloudWatch allows 15 days."""
    timezone: Annotated[str, matching(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)*", "a time zone, such as Europe/Lisbon")] = "UTC"
    """The time zone of `cron`."""


class MonitoringSettings(Settings):
    """What is measured, who is told, when nobody is."""

    enabled: bool = True
    """Measure, and raise alarms. Without it Airflow sends no metrics, and nobody is told of anything."""
    metrics: Literal["full", "small"] = "full"
    """`small` has what alarms read, and no more. Each series costs 0.30 USD a month."""
    container_insights: bool = True
    """CPU, memory and restarts of every pod and node. It is the largest item of monitoring: in the order of 100 USD a
    month."""
    alarms: bool = True
    """Raise alarms, and draw the dashboard."""
    canary_minutes: Literal[5, 15, 30, 60] = 5
    """How often a run proves that the platform works. Its alarm needs three failures."""
    emails: Annotated[tuple[Email, ...], AfterValidator(unique)] = ()
    """Who is told by e-mail. Each has to confirm once."""
    https_endpoints: Annotated[tuple[Endpoint, ...], AfterValidator(unique)] = ()
    """Which services are told when users notice, such as that of a pager; of nothing else. Each has to confirm once."""
    slack: Slack | None = None
    """A channel of Slack that is told."""
    teams: Teams | None = None
    """A channel of Microsoft Teams that is told. The provider knows a configuration by its team alone: stacks of one
    account that tell one team take it from each other."""
    monthly_budget_usd: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    """People are told when the month's cost of the account passes 80 % of it, and when it is foreseen to pass it."""
    pauses: tuple[Pause, ...] = ()
    """Planned times in which nobody is told."""
    warm_up_minutes: Annotated[int, Field(ge=1, le=2880)] = 60
    """How long the alarms of a new stack wait for its first data."""
    log_days: LogDays = 30
    """How long the logs of pods and nodes are kept in CloudWatch."""

    @property
    def raises_alarms(self) -> bool:
        """Whether there are alarms."""
        return self.enabled and self.alarms

    @property
    def tells_anybody(self) -> bool:
        """Whether there is anybody to tell."""
        return bool(self.emails or self.https_endpoints or self.slack or self.teams)

    def mistakes(self) -> Iterator[Mistake]:
        if not self.enabled:
            yield from self._without_effect(self.model_fields_set - {"enabled"}, "enabled")
            return
        if not self.alarms:
            budget = {"emails", "https_endpoints", "slack", "teams"} if self.monthly_budget_usd else set[str]()
            yield from self._without_effect(self.model_fields_set & OF_ALARMS - budget, "alarms")
        names = [pause.name for pause in self.pauses]
        for index, name in enumerate(names):
            if name in names[:index]:
                yield Mistake(f"pauses[{index}].name", "another pause has this name", name)
        if self.monthly_budget_usd and not self.tells_anybody:
            yield Mistake(
                "monthlyBudgetUsd",
                "nobody would be told; add emails, httpsEndpoints, slack or teams",
                self.monthly_budget_usd,
            )

    def _without_effect(self, names: Iterable[str], switch: str) -> Iterator[Mistake]:
        for name in sorted(names):
            alias = type(self).model_fields[name].alias or name
            yield Mistake(alias, f"has no effect while monitoring.{switch} is false; remove it")
