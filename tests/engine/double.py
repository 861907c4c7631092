# ruff: noqa: N802  the methods are named as in the protocol
"""A double: a gRPC server that the engine takes for a provider's plugin, by `PULUMI_DEBUG_PROVIDERS=aws:PORT`."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass, field
from typing import Any, Final, final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from tests.engine.answers import Answers
from tests.engine.cloud import Cloud, CloudError, Thing
from tests.engine.faults import Faults
from tests.engine.journal import Call, Journal
from tests.engine.raw import differences, to_raw, to_struct
from tests.engine.refusals import deletes_with
from tests.engine.refused_changes import refuse_change
from tests.engine.refused_inputs import refuse_inputs
from tests.engine.replacements import forces, goes_first

UPDATE: Final = provider_pb2.PropertyDiff.Kind.UPDATE
REPLACE: Final = provider_pb2.PropertyDiff.Kind.UPDATE_REPLACE


@final
@dataclass(kw_only=True)
class World:
    """What all doubles of a stage share."""

    answers: Answers
    cloud: Cloud = field(default_factory=Cloud)
    journal: Journal = field(default_factory=Journal)
    faults: Faults = field(init=False)

    def __post_init__(self) -> None:
        self.faults = Faults(self.cloud)


class Double(provider_pb2_grpc.ResourceProviderServicer):
    """Answers for every type of its packages, and keeps the world's books."""

    def __init__(self, world: World, package: str) -> None:
        self.world = world
        self._version = importlib.metadata.version(f"pulumi_{package}")

    def Handshake(self, request: Any, context: Any) -> provider_pb2.ProviderHandshakeResponse:  # noqa: ARG002
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True)

    def Attach(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ARG002
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: ARG002
        # The engine warns of a plugin that is older than its SDK.
        return plugin_pb2.PluginInfo(version=self._version)

    def CheckConfig(self, request: provider_pb2.CheckRequest, context: Any) -> provider_pb2.CheckResponse:  # noqa: ARG002
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: ARG002
        # As of the real ones: another kubeconfig or region is an update, unless it is another cluster.
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DiffChanges.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:  # noqa: ARG002
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True)

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ARG002
        return empty_pb2.Empty()

    def Check(self, request: provider_pb2.CheckRequest, context: Any) -> provider_pb2.CheckResponse:  # noqa: ARG002
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        with self._answering("Diff", request, context) as call:
            old, new = to_raw(request.old_inputs), to_raw(request.news)
            paths = list(differences(old, new))
            replaces = [path for path in paths if forces(request.type, path, old, new)]
            call.answer = ", ".join(paths)
            changes = provider_pb2.DiffResponse.DiffChanges
            return provider_pb2.DiffResponse(
                changes=changes.DIFF_SOME if paths else changes.DIFF_NONE,
                diffs=paths,
                replaces=replaces,
                deleteBeforeReplace=bool(replaces) and goes_first(request.type, old, new),
                hasDetailedDiff=True,
                detailedDiff={
                    path: provider_pb2.PropertyDiff(kind=REPLACE if path in replaces else UPDATE, inputDiff=True)
                    for path in paths
                },
            )

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        inputs = to_raw(request.properties)
        with self._answering("Create", request, context, preview=request.preview) as call:
            answers, cloud = self.world.answers, self.world.cloud
            if request.preview:
                outputs = answers.preview(type_=request.type, name=request.name, urn=request.urn, inputs=inputs)
                return provider_pb2.CreateResponse(properties=to_struct(outputs))
            striking = self.world.faults.before(call)
            refuse_inputs(request.type, inputs, cloud.things)
            seed = cloud.next_seed(request.urn)
            identifier, outputs = answers.create(type_=request.type, name=request.name, seed=seed, inputs=inputs)
            cloud.add(
                Thing(
                    type=request.type, id=identifier, name=request.name, urn=request.urn, seed=seed,
                    inputs=inputs, outputs=outputs,
                )
            )  # fmt: skip
            self.world.faults.after(call, striking)
            call.id = call.answer = identifier
            return provider_pb2.CreateResponse(id=identifier, properties=to_struct(outputs))

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        with self._answering("Read", request, context) as call:
            self.world.faults.before(call)
            thing = self.world.cloud.find(request.type, request.id, request.urn)
            if thing is None:
                call.answer = "gone"
                return provider_pb2.ReadResponse()
            return provider_pb2.ReadResponse(
                id=thing.id, properties=to_struct(thing.outputs), inputs=to_struct(thing.inputs)
            )

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        inputs = to_raw(request.news)
        with self._answering("Update", request, context, preview=request.preview) as call:
            striking = [] if request.preview else self.world.faults.before(call)
            thing = self.world.cloud.find(request.type, request.id, request.urn)
            if thing is None:
                raise CloudError(f"NotFound: {request.type} {request.id} does not exist")
            _, outputs = self.world.answers.create(
                type_=request.type, name=request.name, seed=thing.seed, inputs=inputs
            )
            if not request.preview:
                refuse_change(thing, inputs)
                refuse_inputs(request.type, inputs, self.world.cloud.things)
                thing.inputs, thing.outputs, thing.urn = inputs, outputs, request.urn
                self.world.faults.after(call, striking)
            return provider_pb2.UpdateResponse(properties=to_struct(outputs))

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        with self._answering("Delete", request, context) as call:
            striking = self.world.faults.before(call)
            cloud = self.world.cloud
            thing = cloud.find(request.type, request.id, request.urn)
            # What is gone already is deleted, as for the real ones.
            call.answer = "deleted" if thing else "was gone"
            for each in [*deletes_with(thing, cloud.things), thing] if thing else []:
                cloud.remove(each)
            self.world.faults.after(call, striking)
            return empty_pb2.Empty()

    def _answering(
        self, method: str, request: Any, context: grpc.ServicerContext, *, preview: bool = False
    ) -> Answering:
        call = Call(
            method=method, type=request.type, name=request.name, urn=request.urn, id=getattr(request, "id", ""),
            preview=preview,
        )  # fmt: skip
        return Answering(self.world.journal, call, context)


@final
class Answering:
    """A call under way: it is recorded, and what the cloud refuses is the answer's error."""

    def __init__(self, journal: Journal, call: Call, context: grpc.ServicerContext) -> None:
        self._call, self._context = call, context
        self._record = journal.record(call)

    def __enter__(self) -> Call:
        return self._record.__enter__()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._record.__exit__(kind, error, trace) if kind is None else self._failed(kind, error, trace)

    def _failed(self, kind: Any, error: Any, trace: Any) -> None:
        try:
            self._record.__exit__(kind, error, trace)
        except CloudError as refused:
            self._context.abort(grpc.StatusCode.UNKNOWN, str(refused))
