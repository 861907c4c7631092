"""What the doubles answer: the same as `plan`, so that there is one truth about the providers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast, final

from plan.asked import Registration
from plan.mocks import EngineMocks
from plan.providers.aws import control_plane
from plan.wire import SIGNATURE, Reference
from tests.engine.raw import Raw, clear, encoded

CLUSTER: Final = "aws:eks/cluster:Cluster"
COMPONENT: Final = "eks:index:Cluster"


@final
@dataclass(frozen=True, kw_only=True)
class Answers:
    """Ids and computed properties, from what `plan` would answer."""

    mocks: EngineMocks
    kubeconfig: Mapping[str, Any] | None = None
    """Of a real API server, in place of one that nobody serves."""

    def create(self, *, type_: str, name: str, seed: str, inputs: Mapping[str, Any]) -> tuple[str, Raw]:
        """The id of a new resource and its outputs; secret inputs stay secret outputs."""
        args = Registration(urn=seed, typ=type_, name=name, inputs=clear(inputs))
        identifier, computed = self.mocks.new_resource(args)
        if type_ == CLUSTER and COMPONENT in seed:
            # One control plane, whether asked for as the component or as the resource in it.
            computed |= control_plane(_component_of(seed, name), self.mocks.account)
            identifier = str(computed["name"])
        return identifier, {**inputs, **_only_new(encoded(computed), inputs)}

    def preview(self, *, type_: str, name: str, urn: str, inputs: Mapping[str, Any]) -> Raw:
        """What is known of a resource that does not exist yet."""
        args = Registration(urn=urn, typ=type_, name=name, inputs=clear(inputs))
        return {**inputs, **_only_new(encoded(self.mocks.preview_resource(args)), inputs)}

    def component(self, *, name: str, urn: str, inputs: Mapping[str, Any], child: Reference) -> Raw:
        """The outputs of `eks:index:Cluster`, around the cluster that was registered in it."""
        args = Registration(urn=urn, typ=COMPONENT, name=name, inputs=clear(inputs), custom=False)
        _, computed = self.mocks.new_resource(args)
        computed["eksCluster"] = child
        computed["core"] = {**computed["core"], "cluster": child}
        if self.kubeconfig is not None:
            computed["kubeconfig"] = dict(self.kubeconfig)
            computed["kubeconfigJson"] = json.dumps(self.kubeconfig)
        return encoded(computed)


def _only_new(computed: Raw, inputs: Mapping[str, Any]) -> Raw:
    """An input that is given stays as it is, marks of secrecy included; an object gets what was added in it."""
    found: Raw = {}
    for key, value in computed.items():
        given = inputs.get(key)
        if given is None:
            found[key] = value
        elif isinstance(given, dict) and isinstance(value, dict) and SIGNATURE not in given:
            found[key] = {**cast("Raw", value), **cast("Raw", given)}
    return found


def _component_of(urn: str, name: str) -> str:
    """The URN of the component that registered a cluster as its child."""
    head, types, _ = urn.rsplit("::", 2)
    return f"{head}::{types.rpartition('$')[0]}::{name.removesuffix('-eksCluster')}"
