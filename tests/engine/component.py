# ruff: noqa: N802  the methods are named as in the protocol
"""The double of `pulumi_eks`, whose Cluster is a remote component: its plugin registers it, and the cluster in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

import grpc
from pulumi.runtime.proto import provider_pb2, resource_pb2, resource_pb2_grpc

from plan.wire import Reference
from tests.engine.answers import CLUSTER
from tests.engine.double import Double
from tests.engine.raw import Raw, to_raw, to_struct
from tests.engine.serving import OPTIONS

# The component's inputs, and where they go in the cluster:
# https://github.com/pulumi/pulumi-eks/blob/master/nodejs/eks/cluster/cluster.ts (createCore)
CLUSTER_INPUTS: Final = {
    "authenticationMode": "accessConfig.authenticationMode",
    "deletionProtection": "deletionProtection",
    "enabledClusterLogTypes": "enabledClusterLogTypes",
    "encryptionConfigKeyArn": "encryptionConfig.provider.keyArn",
    "endpointPrivateAccess": "vpcConfig.endpointPrivateAccess",
    "endpointPublicAccess": "vpcConfig.endpointPublicAccess",
    "kubernetesServiceIpAddressRange": "kubernetesNetworkConfig.serviceIpv4Cidr",
    "name": "name",
    "privateSubnetIds": "vpcConfig.subnetIds",
    "publicAccessCidrs": "vpcConfig.publicAccessCidrs",
    "upgradePolicy": "upgradePolicy",
    "version": "version",
}


@final
class ClusterDouble(Double):
    """As the real plugin, it speaks to the engine's monitor."""

    def Construct(
        self, request: provider_pb2.ConstructRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConstructResponse:
        with grpc.insecure_channel(request.monitorEndpoint, options=OPTIONS) as channel:
            monitor: Any = resource_pb2_grpc.ResourceMonitorStub(channel)
            try:
                return self._construct(request, monitor)
            except grpc.RpcError as error:
                # Whose text is the engine's own, such as `resource monitor shut down while ...`.
                context.abort(error.code(), error.details() or "")

    # The SDK's type stubs leave out the messages of aliases, and with them all that has one: hence `Any`.
    def _construct(self, request: Any, monitor: Any) -> provider_pb2.ConstructResponse:
        inputs = to_raw(request.inputs)
        component = monitor.RegisterResource(
            resource_pb2.RegisterResourceRequest(
                type=request.type,
                name=request.name,
                parent=request.parent,
                object=request.inputs,
                dependencies=request.dependencies,
                propertyDependencies=_dependencies(request, {key: key for key in inputs}),
                protect=request.protect if request.HasField("protect") else None,
                aliases=request.aliases,
                providers=request.providers,
                acceptSecrets=True,
                acceptResources=True,
            )
        )
        cluster = monitor.RegisterResource(
            resource_pb2.RegisterResourceRequest(
                type=CLUSTER,
                name=f"{request.name}-eksCluster",
                parent=component.urn,
                custom=True,
                object=to_struct(_cluster_inputs(inputs)),
                dependencies=sorted({urn for each in request.inputDependencies.values() for urn in each.urns}),
                propertyDependencies=_dependencies(request, CLUSTER_INPUTS),
                provider=request.providers.get("aws", ""),
                acceptSecrets=True,
                acceptResources=True,
                supportsPartialValues=True,
            )
        )
        # In a preview of what does not exist yet the engine knows no id, and nobody anything.
        child = Reference(urn=cluster.urn, id=cluster.id)
        state: Raw = {}
        if cluster.id:
            answers = self.world.answers
            state = answers.component(name=request.name, urn=component.urn, inputs=inputs, child=child)
        outputs = to_struct(state)
        monitor.RegisterResourceOutputs(resource_pb2.RegisterResourceOutputsRequest(urn=component.urn, outputs=outputs))
        needs = provider_pb2.ConstructResponse.PropertyDependencies(urns=[cluster.urn])
        return provider_pb2.ConstructResponse(
            urn=component.urn, state=outputs, stateDependencies=dict.fromkeys(state, needs)
        )


def _cluster_inputs(inputs: Mapping[str, Any]) -> Raw:
    found: Raw = {}
    for source, target in CLUSTER_INPUTS.items():
        if source not in inputs:
            continue
        *path, last = target.split(".")
        place = found
        for step in path:
            place = place.setdefault(step, {})
        place[last] = inputs[source]
    return found


def _dependencies(
    request: provider_pb2.ConstructRequest, names: Mapping[str, str]
) -> dict[str, resource_pb2.RegisterResourceRequest.PropertyDependencies]:
    """By property; several inputs may go into one."""
    found: dict[str, set[str]] = {}
    for source, target in names.items():
        if source in request.inputDependencies:
            found.setdefault(target.partition(".")[0], set()).update(request.inputDependencies[source].urns)
    kind = resource_pb2.RegisterResourceRequest.PropertyDependencies
    return {name: kind(urns=sorted(urns)) for name, urns in found.items()}
