# ruff: noqa: N802  the methods are named as in the protocol
"""The engine's side of the protocol: registers resources as the real engine does, but without providers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NoReturn

from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, provider_pb2, resource_pb2

from plan.asked import CloudCallError, Failures, Invocation, ResourceMocks
from plan.deployment import Message, Resource
from plan.identity import make_urn
from plan.recording import to_registration, to_resource
from plan.wire import UNKNOWN, Properties, Reference, Secret, decode_properties, encode_properties, is_marked, plain
from refused import Refused

# OUTPUT_VALUES is left out, so that inputs of remote components arrive as values and not as outputs. Transforms, state
# migrations and INVOKE_DEPENDS_ON are left out because only a real engine can honour them.
FEATURES: Final = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
)
SEVERITIES: Final = {engine_pb2.INFO: "info", engine_pb2.WARNING: "warning", engine_pb2.ERROR: "error"}


class DuplicateUrnError(Refused):
    """Two resources of the program would have the same identity."""


class Log:
    """The engine's diagnostics. Keeps the messages of the program and drops debug messages of the SDK."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def Log(self, request: engine_pb2.LogRequest) -> empty_pb2.Empty:
        severity = SEVERITIES.get(request.severity)
        if severity is not None:
            self.messages.append(Message(severity=severity, text=request.message, urn=request.urn))
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, _: object) -> empty_pb2.Empty:
        return empty_pb2.Empty()


class Monitor:
    """The resource monitor that the SDK talks to: identities, inherited options, secrets, unknowns of a preview."""

    def __init__(self, mocks: ResourceMocks, *, project: str, stack: str, preview: bool) -> None:
        self.mocks = mocks
        self.project = project
        self.stack = stack
        self.preview = preview
        self.resources: dict[str, Resource] = {}
        self._referable: dict[str, Reference] = {}
        self._owners: dict[str, str] = {}

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:
        urn = make_urn(
            stack=self.stack, project=self.project, parent=request.parent, type_=request.type, name=request.name
        )
        if urn in self.resources:
            raise DuplicateUrnError(f"duplicate resource URN {urn!r}; try giving it a unique name")
        inputs = decode_properties(request.object)
        outputs: Properties = {}
        self.resources[urn] = to_resource(
            urn,
            request,
            parent=self.resources.get(request.parent),
            inputs=inputs,
            outputs=outputs,
            owners=self._owners,
        )
        if not (request.custom or request.remote):
            return resource_pb2.RegisterResourceResponse(urn=urn)

        if self.preview:
            identifier = ""
            outputs.update(self._preview(urn, request, inputs))
        else:
            identifier = self._create(urn, request, inputs, outputs)
        self._referable[urn] = Reference(urn=urn, id=identifier, state=outputs)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=identifier, object=encode_properties(outputs))

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> empty_pb2.Empty:
        self.resources[request.urn].outputs.update(decode_properties(request.outputs))
        return empty_pb2.Empty()

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeResponse:
        args = plain(decode_properties(request.args))
        if request.tok != "pulumi:pulumi:getResource":
            return self._ask(Invocation(token=request.tok, args=args, provider=request.provider))
        found = self._referable[args["urn"]]
        return _answer({"urn": found.urn, "id": found.id, "state": dict(found.state or {})})

    def _ask(self, args: Invocation) -> resource_pb2.ResourceInvokeResponse:
        answer = self.mocks.call(args)
        return _answer(*answer) if isinstance(answer, tuple) else _answer(answer)

    def Call(self, request: resource_pb2.ResourceCallRequest) -> NoReturn:
        raise CloudCallError(f"no call to the cloud in the program: it calls the resource method {request.tok}")

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> NoReturn:
        raise CloudCallError(
            f"no call to the cloud in the program: it reads the existing {request.type} {request.name!r}"
            f" (id {request.id!r}); take what it needs from the settings"
        )

    def RegisterResourceHook(self, _: object) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def RegisterErrorHook(self, _: object) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, _: object) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def RegisterPackage(self, request: resource_pb2.RegisterPackageRequest) -> resource_pb2.RegisterPackageResponse:
        return resource_pb2.RegisterPackageResponse(ref=request.name)

    def GetDeploymentInfo(self, _: object) -> resource_pb2.DeploymentInfo:
        return resource_pb2.DeploymentInfo(supportedFeatures=FEATURES)

    def _create(
        self, urn: str, request: resource_pb2.RegisterResourceRequest, inputs: Properties, outputs: Properties
    ) -> str:
        """The id and outputs from a provider: its inputs, and what it computes. A secret input is a secret output."""
        identifier, computed = self.mocks.new_resource(to_registration(urn, request, plain(inputs)))
        outputs.update(inputs if request.custom else {})
        for key, value in computed.items():
            secret = key in request.additionalSecretOutputs or is_marked(inputs.get(key), Secret)
            outputs[key] = _secret(value) if secret else value
            if isinstance(value, Reference) and value.state is not None:
                self._referable[value.urn] = value
                self._owners[value.urn] = urn
        return identifier or ""

    def _preview(self, urn: str, request: resource_pb2.RegisterResourceRequest, inputs: Properties) -> Properties:
        """The outputs that are known before anything exists: the inputs, and which unknown outputs are secret."""
        secret = dict.fromkeys(request.additionalSecretOutputs, Secret(UNKNOWN))
        known = dict(inputs) if request.custom else {}
        preview = getattr(self.mocks, "preview_resource", None)
        if preview is not None:
            known |= preview(to_registration(urn, request, inputs))
        return secret | {key: _secret(value) if key in secret else value for key, value in known.items()}


def _secret(value: Any) -> Secret:
    return value if isinstance(value, Secret) else Secret(plain(value))


def _answer(outputs: Mapping[str, Any], failures: Failures | None = None) -> resource_pb2.ResourceInvokeResponse:
    refused = [provider_pb2.CheckFailure(property=name, reason=why) for name, why in failures or []]
    # The field is called `return`, which cannot be a keyword argument in Python.
    fields: dict[str, Any] = {"return": encode_properties(outputs), "failures": refused}
    return resource_pb2.ResourceInvokeResponse(**fields)
