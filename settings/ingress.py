"""Settings of the way in from outside: the load balancer, its name and certificate, and who may come."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.base import Cidr, LogDays, Mistake, Settings, matching, unique

ANYBODY = "0.0.0.0/0"
CERTIFICATE_DOMAIN = 64
"""The longest name of a certificate that ACM issues: https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html"""
IDLE_SECONDS = 60
"""How long the load balancer keeps a connection that nobody uses. Airflow must keep it longer ([api] worker_timeout,
120 by default): a connection that both may close is closed by the load balancer, or a request would meet a closed one
and be answered with 502."""
LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
# 128 characters is the limit of a listener's rule:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
Domain = Annotated[
    str,
    matching(
        rf"(?=.{{1,128}}$)({LABEL}\.)+[a-z]{{2,63}}",
        "a full name in small letters, without https:// and without a path, such as airflow.example.com",
    ),
]
ZoneId = Annotated[
    str, matching("Z[A-Z0-9]{1,31}", "the id of a hosted zone of Route 53, such as Z0123456789ABCDEFGHIJ")
]
CertificateArn = Annotated[
    str,
    matching(
        r"arn:aws:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]{36}",
        "the ARN of a certificate in ACM, such as "
        "arn:aws:acm:eu-west-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef",
    ),
]


class Waf(Settings):
    """AWS WAF in front of the load balancer."""

    enabled: bool = True
    """Let AWS WAF refuse bad addresses, known attacks, and too many requests from one address."""
    requests_per_five_minutes: Annotated[int, Field(ge=100, le=2_000_000)] = 20_000
    """Requests from one address in five minutes. A tab of the UI makes some 500, and an office is one address."""
    logins_per_minute: Annotated[int, Field(ge=10, le=10_000)] = 20
    """Passwords and tokens that one address may try in a minute. Airflow itself counts no tokens."""
    log_days: LogDays = 90
    """How long the log of refused requests is kept."""


class IngressSettings(Settings):
    """The load balancer through which people and machines reach Airflow. Without a domain there is none."""

    domain: Domain | None = None
    """The name under which Airflow is reached. Without it there is no load balancer: the way in is a port-forward."""
    scheme: Literal["internal", "internetFacing"] = "internal"
    """`internal` has private addresses only: for people on a VPN or in a peered network. `internetFacing` has public
    ones. A change makes a new load balancer."""
    allowed_cidrs: Annotated[tuple[Cidr, ...], Field(max_length=30), AfterValidator(unique)] = ()
    """Networks that may connect. Empty means the VPC, where the load balancer is internal; otherwise it is required."""
    public_zone_id: ZoneId | None = None
    """The public hosted zone of the domain. ACM validates the certificate there. The name lies there too, unless there
    is a private zone."""
    private_zone_id: ZoneId | None = None
    """A private hosted zone of the domain, for the name of an internal load balancer."""
    certificate_arn: CertificateArn | None = None
    """A certificate that exists, in place of one that the program makes. It must be of this account and region."""
    waf: Waf = Waf()
    """What AWS WAF refuses before it reaches Airflow."""
    access_log_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """How long the load balancer's access logs are kept."""
    deletion_protection: bool = True
    """While `alisio:protect` is true, the load balancer stays, in Pulumi and in AWS, and with it its address. Set this
    to false and run `up` before you take the domain away or change the scheme."""

    @property
    def is_open(self) -> bool:
        """Whether there is a load balancer."""
        return self.domain is not None

    @property
    def is_public(self) -> bool:
        """Whether the load balancer has public addresses."""
        return self.is_open and self.scheme == "internetFacing"

    @property
    def record_zone_id(self) -> str | None:
        """The zone of the load balancer's name."""
        return self.private_zone_id or self.public_zone_id

    def mistakes(self) -> Iterator[Mistake]:
        if self.domain is None:
            for name in sorted(self.model_fields_set):
                if getattr(self, name) is not None:
                    alias = type(self).model_fields[name].alias or name
                    yield Mistake(alias, "has no effect without ingress.domain; add that, or remove this")
            return
        yield from self._certificate_mistakes(self.domain)
        yield from self._reach_mistakes()

    def _certificate_mistakes(self, domain: str) -> Iterator[Mistake]:
        if self.certificate_arn:
            return
        if self.private_zone_id and not self.public_zone_id:
            yield Mistake(
                "privateZoneId",
                "cannot validate a certificate, as ACM asks public DNS only; add publicZoneId, the public zone of the "
                "same domain, or certificateArn",
                self.private_zone_id,
            )
        elif not self.public_zone_id:
            yield Mistake(
                "domain",
                "has no certificate: add publicZoneId, and the program makes certificate and name; or certificateArn, "
                "and you make the name yourself",
                domain,
            )
        if len(domain) > CERTIFICATE_DOMAIN:
            yield Mistake(
                "domain",
                f"at most {CERTIFICATE_DOMAIN} characters, or certificateArn: ACM issues no longer name",
                domain,
            )

    def _reach_mistakes(self) -> Iterator[Mistake]:
        if self.scheme == "internetFacing" and not self.allowed_cidrs:
            yield Mistake(
                "allowedCidrs",
                f'who may connect from the internet? Name the networks of your people, or "{ANYBODY}" for everybody',
                self.allowed_cidrs,
            )
        if self.scheme == "internetFacing" and self.private_zone_id:
            yield Mistake(
                "privateZoneId",
                "is for an internal load balancer; remove it, or set scheme: internal",
                self.private_zone_id,
            )
        wide = [index for index, cidr in enumerate(self.allowed_cidrs) if IPv4Network(cidr).prefixlen < 8]
        if self.scheme == "internetFacing" and wide and not self.waf.enabled:
            yield Mistake(
                f"allowedCidrs[{wide[0]}]",
                "lets almost anybody try passwords; set waf.enabled: true, or name networks of /8 or smaller",
                self.allowed_cidrs[wide[0]],
            )
