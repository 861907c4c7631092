# ruff: noqa: N802  the methods are named as in the protocol
"""What a recovery meets: providers that name things in time and know ids of imports, and a look into their cloud."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, final

from pulumi.runtime.proto import language_pb2_grpc, provider_pb2

from plan.providers.aws import NAME_PROPERTY, hexadecimal
from scripts.recover.cloud import Unclear
from scripts.recover.findings import Connect
from scripts.recover.helm import Record
from scripts.recover.ids import import_id
from scripts.recover.pulumi import Pulumi
from scripts.recover.recovery import recover
from tests.engine.cloud import Thing
from tests.engine.double import Double, World
from tests.engine.engine import Running
from tests.engine.faults import Fault
from tests.engine.journal import Journal
from tests.engine.language_host import LanguageHost
from tests.engine.raw import clear, differences, to_raw, to_struct
from tests.engine.serving import Served
from tests.engine.stage import Stage

# The types whose name the program leaves to the provider. It chooses in Check, so the name is known before anything is
# made: https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming
AUTONAMED: Final = frozenset(
    {
        "aws:budgets/budget:Budget",
        "aws:cloudwatch/eventRule:EventRule",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:elasticache/parameterGroup:ParameterGroup",
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:elasticache/subnetGroup:SubnetGroup",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:lb/targetGroup:TargetGroup",
        "aws:rds/parameterGroup:ParameterGroup",
        "aws:rds/subnetGroup:SubnetGroup",
        "aws:s3/bucket:Bucket",
        "aws:sns/topic:Topic",
        "aws:sqs/queue:Queue",
        "aws:wafv2/webAcl:WebAcl",
    }
)


SETTLED_SECONDS: Final = 0.5
"""Longer than the engine and its program take from one resource to the next."""


class NamingDouble(Double):
    """A double whose names are known before the resource exists, and that finds resources by ids of imports."""

    def Check(self, request: provider_pb2.CheckRequest, context: Any) -> provider_pb2.CheckResponse:  # noqa: ARG002
        inputs, old = to_raw(request.news), to_raw(request.olds)
        name = NAME_PROPERTY.get(request.type, "name")
        if request.type in AUTONAMED and not inputs.get(name):
            prefix = inputs.get(f"{name}Prefix")
            # As `plan` names it; a second one, whose name is still taken, gets another.
            taken = self.world.cloud.of_type(request.type)
            number = sum(each.urn == request.urn for each in taken)
            seed = request.urn if number == 0 else f"{request.urn} {number + 1}"
            own = f"{prefix}{hexadecimal(seed, 26)}" if prefix else f"{request.name}-{hexadecimal(seed, 7)}"
            inputs[name] = old.get(name) or own
        return provider_pb2.CheckResponse(inputs=to_struct(inputs))

    def Read(self, request: provider_pb2.ReadRequest, context: Any) -> provider_pb2.ReadResponse:
        if self.world.cloud.find(request.type, request.id, request.urn) is None:
            thing = _imported(self.world, request.type, request.id)
            if thing is not None:
                request.id = thing.id
        return super().Read(request, context)


def _imported(world: World, type_: str, identifier: str) -> Thing | None:
    """The thing that the provider's documentation means by this id."""
    there = world.cloud.of_type(type_)
    pod_identity = identifier.rpartition(",")[2]
    fitting = (each for each in there if import_id(type_, clear(each.inputs)) == identifier or each.id == pod_identity)
    return next(fitting, None)


@final
@dataclass(frozen=True)
class DoublesCloud:
    """Finds what AWS is asked for: by tag, by group and name, never by the URN, which no cloud knows."""

    world: World

    def find(self, type_: str, inputs: Mapping[str, Any], known: Collection[str]) -> str | None:
        wanted = clear(inputs)
        same = [
            each.id
            for each in self.world.cloud.of_type(type_)
            if each.id not in known and not list(differences(clear(each.inputs), wanted))
        ]
        if len(same) > 1:
            raise Unclear(f"there are {len(same)}")
        return same[0] if same else None

    def wait(self, type_: str, identifier: str) -> None:
        """Whatever is made here is ready at once."""


@dataclass(frozen=True, kw_only=True)
class Kill:
    """Where the engine is killed: at this call, before or after the cloud has done it."""

    method: str
    type: str
    name: str
    when: str

    @property
    def fault(self) -> Fault:
        return Fault(method=self.method, type=self.type, name=self.name, hangs=self.when)


def interrupt(stage: Stage, start: Callable[[], Running], kills: Collection[Kill]) -> set[Kill] | None:
    """Kill -9 of the engine when it is held up at these calls. None: the operation succeeded without it.

    It is killed once nothing goes on beside them. All of those that were reached are returned: the more are under way,
    the more there is to mend, and the fewer times it takes to be killed at every one.
    """
    world = stage.world
    world.journal.clear()
    for kill in kills:
        world.faults.add(kill.fault)
    running = start()
    while not (killed := world.faults.reached.wait(0.05)) and running.process.poll() is None:
        pass
    if killed:
        settle(world.journal)
    outcome = running.kill() if killed else running.wait()
    # Whatever was not to hang comes to its end in the cloud, though nobody waits for it.
    reached = {kill for kill in kills if any(map(kill.fault.fits, world.journal.unanswered()))}
    world.faults.lift()
    if not killed:
        assert outcome.code == 0, outcome.output
        return None
    return reached


def settle(journal: Journal) -> None:
    """Wait until no call begins any more."""
    before = -1
    while (now := len(journal.calls)) != before:
        before = now
        time.sleep(SETTLED_SECONDS)


@final
class NoRecords:
    """The cluster that the doubles stand for: no Helm was there, so nothing was left half-done by it."""

    def __init__(self, kubeconfig: dict[str, Any]) -> None:
        pass

    def unfinished(self) -> list[Record]:
        return []

    def forget(self, record: Record) -> None:
        raise LookupError(record.secret)


def mend(stage: Stage, stack: str, *, connect: Connect = NoRecords) -> None:
    """`recover STACK --yes`, on the stage."""
    host = Served(LanguageHost(), language_pb2_grpc.add_LanguageRuntimeServicer_to_server)
    try:
        environment = {**stage.engine.environment, "PULUMI_DEBUG_LANGUAGES": f"python:{host.port}"}
        pulumi = Pulumi(stack=stack, folder=stage.project.folder, environment=environment)
        recover(pulumi, DoublesCloud(stage.world), ask=False, connect=connect)
    finally:
        host.stop()
