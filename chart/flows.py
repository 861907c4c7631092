"""Who may connect to what around Airflow and KEDA. This is the one table of it in code: all else is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chart.access import FLOWER_PORT
from chart.addresses import ANYWHERE, METADATA_SERVICE, cluster_dns, without
from chart.metrics import SENDERS
from chart.parts import JOBS, Part
from chart.uris import POSTGRES_PORT, REDIS_PORT
from health.airflow_metrics import PORT as STATSD
from settings import AccessSettings, AirflowSettings
from settings.issuer import port

HTTPS = 443
API_SERVER = 8080
"""One port for UI, REST API and execution API."""
WORKER_LOGS = 8793
TRIGGERER_LOGS = 8794
POD_IDENTITY_AGENT = "169.254.170.23/32"
"""Where pods get their AWS credentials: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html"""


@dataclass(frozen=True)
class Cidrs:
    """Address ranges, as one side of a flow."""

    ranges: tuple[str, ...]


Peer = Part | Cidrs
Protocol = Literal["TCP", "UDP"]


@dataclass(frozen=True)
class Flow:
    """Connections that a source may open to a target. Each side that is a part of ours gets a rule for them."""

    source: Peer
    target: Peer
    ports: tuple[int, ...]
    protocol: Protocol = "TCP"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Address ranges around the pods."""

    vpc: str
    services: str
    public: tuple[str, ...]
    data: tuple[str, ...]
    load_balancer: tuple[str, ...] = ()
    """Where a load balancer has its addresses. Empty: there is none."""
    agents: tuple[str, ...] = ()
    """Where metrics are taken: the addresses of nodes, which an agent on each shares, and of Services. Empty: nobody
    takes any."""

    @property
    def stores(self) -> Cidrs:
        """Where database and broker are."""
        return Cidrs(self.data)

    @property
    def resolver(self) -> Cidrs:
        """DNS, by address: on Auto Mode it is not a pod that a selector could name (aws/containers-roadmap 2552)."""
        return Cidrs((cluster_dns(self.services),))

    @property
    def kubernetes_api(self) -> Cidrs:
        """Where the Kubernetes API answers. Its addresses are unknown until the cluster exists."""
        return Cidrs((self.vpc, self.services))

    @property
    def outside(self) -> Cidrs:
        """Anywhere but the VPC's other tiers and the instance metadata service."""
        return self.allowed(ANYWHERE)

    def allowed(self, cidr: str) -> Cidrs:
        """A range without the VPC's other tiers and the instance metadata service. "Anywhere" must not include them."""
        return Cidrs(without(cidr, (*self.public, *self.data, METADATA_SERVICE)))


def airflow_flows(settings: AirflowSettings, around: Surroundings, access: AccessSettings) -> list[Flow]:
    """The flows between Airflow's parts and to what they need."""
    metadata = (Part.SCHEDULER, Part.API_SERVER, Part.DAG_PROCESSOR, Part.TRIGGERER, *JOBS)
    # For Celery's results. A task itself reaches the metadata through the api-server only.
    results = (Part.WORKER,)
    broker = (Part.SCHEDULER, Part.WORKER, Part.FLOWER)
    aws = (Part.DAG_PROCESSOR, Part.WORKER, Part.TRIGGERER, Part.API_SERVER)
    return [
        *(Flow(part, around.stores, (POSTGRES_PORT,)) for part in (*metadata, *results)),
        *(Flow(part, around.stores, (REDIS_PORT,)) for part in broker),
        Flow(Part.WORKER, Part.API_SERVER, (API_SERVER,)),
        *([Flow(Cidrs(around.load_balancer), Part.API_SERVER, (API_SERVER,))] if around.load_balancer else []),
        *_sign_on_flows(settings, around, access),
        *(Flow(part, Cidrs(around.agents), (STATSD,), "UDP") for part in SENDERS if around.agents),
        # Logs of running tasks.
        Flow(Part.API_SERVER, Part.WORKER, (WORKER_LOGS,)),
        Flow(Part.API_SERVER, Part.TRIGGERER, (TRIGGERER_LOGS,)),
        *(Flow(part, Cidrs((POD_IDENTITY_AGENT,)), (80,)) for part in aws),
        *(Flow(part, around.outside, (HTTPS,)) for part in aws),
        *(
            Flow(part, around.allowed(egress.cidr), egress.ports)
            for egress in settings.egress
            for part in (Part.WORKER, Part.TRIGGERER)
        ),
    ]


def _sign_on_flows(settings: AirflowSettings, around: Surroundings, access: AccessSettings) -> list[Flow]:
    """The api-server asks those who vouch for people and machines, and serves Flower to those who may see it."""
    if not access.is_on:
        return []
    issuers = filter(None, (access.issuer, *(machine.issuer for machine in access.machines)))
    ports = tuple(sorted({port(issuer) for issuer in issuers} - {HTTPS}))
    return [
        *([Flow(Part.API_SERVER, around.outside, ports)] if ports else []),
        *([Flow(Part.API_SERVER, Part.FLOWER, (FLOWER_PORT,))] if settings.flower.enabled else []),
    ]


def keda_flows(around: Surroundings) -> list[Flow]:
    """KEDA asks the database, and the Kubernetes API asks KEDA."""
    from_kubernetes_api = Cidrs((around.vpc,))
    return [
        Flow(Part.KEDA_OPERATOR, around.stores, (POSTGRES_PORT,)),
        Flow(Part.KEDA_METRICS, Part.KEDA_OPERATOR, (9666,)),
        Flow(from_kubernetes_api, Part.KEDA_METRICS, (6443,)),
        Flow(from_kubernetes_api, Part.KEDA_WEBHOOKS, (9443,)),
    ]
