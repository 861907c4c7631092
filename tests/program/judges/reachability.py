"""Who may talk to whom under a set of Kubernetes NetworkPolicies.

https://kubernetes.io/docs/concepts/services-networking/network-policies/: a pod that no policy selects for a direction
is open in that direction; otherwise the union of the selecting policies' rules applies. A connection needs the
egress of its source and the ingress of its destination. Not modelled: kubelet probes, which always pass, and loopback.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .manifests import Manifest
from .network_rules import Address, Direction, Endpoint, Pod, peer_matches, port_matches, selects
from .plain import items, mapping

__all__ = ["Address", "Direction", "Endpoint", "Overlap", "Pod", "Policies", "Target"]

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_ANYWHERE: tuple[_Network, ...] = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))


@dataclass(frozen=True)
class Target:
    """What a column of the matrix stands for."""

    endpoint: Endpoint
    port: int
    protocol: str = "TCP"


@dataclass(frozen=True)
class Overlap:
    """An `except` range that on AWS also cuts what another rule of the same pod allows."""

    pod: str
    direction: Direction
    excepted: str
    excepting_policy: str
    allowed: str
    allowing_policy: str

    def __str__(self) -> str:
        return (
            f"{self.pod}: {self.direction}: {self.excepting_policy} excepts {self.excepted}, "
            f"which {self.allowing_policy} allows by {self.allowed}"
        )


@dataclass(frozen=True)
class _Block:
    policy: str
    networks: tuple[_Network, ...]
    excepts: tuple[_Network, ...]
    identity: tuple[int, int, int]
    """Which policy, rule and peer it comes from: a block's own exceptions are meant."""


class Policies:
    """The NetworkPolicies of a cluster."""

    def __init__(self, manifests: Iterable[Manifest], *, namespace: str = "default") -> None:
        self._policies = [manifest for manifest in manifests if manifest.get("kind") == "NetworkPolicy"]
        self._namespace = namespace

    def allowed(self, source: Endpoint, destination: Endpoint, port: int, protocol: str = "TCP") -> bool:
        """Whether both ends let this connection through."""
        out = self._passes("Egress", pod=source, peer=destination, target=destination, port=port, protocol=protocol)
        return out and self._passes(
            "Ingress", pod=destination, peer=source, target=destination, port=port, protocol=protocol
        )

    def isolated(self, pod: Pod, direction: Direction) -> bool:
        """Whether some policy selects the pod, so that what no rule allows is denied."""
        return any(True for _ in self._selecting(pod, direction))

    def matrix(
        self,
        sources: Mapping[str, Endpoint],
        destinations: Mapping[str, Target],
    ) -> str:
        """A table to compare with one in a test: `x` where the row may open a connection to the column."""
        rows = [["", *destinations]]
        for name, source in sources.items():
            cells = [
                "x" if self.allowed(source, target.endpoint, target.port, target.protocol) else "."
                for target in destinations.values()
            ]
            rows.append([name, *cells])
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
        return "\n".join(line.rstrip() for line in lines)

    def except_overlaps(self, pods: Mapping[str, Pod]) -> list[Overlap]:
        """Where AWS's network policy agent would drop what Kubernetes allows.

        The agent writes all rules of a pod into one longest-prefix table and each `except` range as a deny entry, so
        an exception of one rule also cuts a wider range that another rule allows, whatever its ports:
        https://github.com/aws/amazon-network-policy-controller-k8s/issues/146. A rule for the excepted range itself or
        a narrower one has an entry of its own and works; so do pod selectors, which become single addresses.
        """
        found: dict[Overlap, None] = {}
        for name, pod in pods.items():
            for direction in ("Ingress", "Egress"):
                blocks = list(self._blocks(pod, direction))
                for block in blocks:
                    for excepted in block.excepts:
                        for other in blocks:
                            wider = _allows_around(other, excepted)
                            if other.identity == block.identity or wider is None:
                                continue
                            overlap = Overlap(
                                pod=name,
                                direction=direction,
                                excepted=str(excepted),
                                excepting_policy=block.policy,
                                allowed=str(wider),
                                allowing_policy=other.policy,
                            )
                            found[overlap] = None
        return sorted(found, key=str)

    def _selecting(self, pod: Pod, direction: Direction) -> Iterator[Manifest]:
        for policy in self._policies:
            namespace = mapping(policy, "metadata").get("namespace") or self._namespace
            spec = mapping(policy, "spec")
            # The API server's default: Ingress always, Egress when there are egress rules.
            types = spec.get("policyTypes") or (["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])
            if direction not in types or namespace != pod.namespace:
                continue
            if selects(mapping(spec, "podSelector"), pod.labels):
                yield policy

    def _passes(
        self, direction: Direction, *, pod: Endpoint, peer: Endpoint, target: Endpoint, port: int, protocol: str
    ) -> bool:
        if isinstance(pod, Address):
            return True
        policies = list(self._selecting(pod, direction))
        if not policies:
            return True
        return any(
            port_matches(rule, target=target, port=port, protocol=protocol)
            and peer_matches(rule, direction=direction, namespace=pod.namespace, peer=peer)
            for policy in policies
            for rule in items(policy["spec"], direction.lower())
        )

    def _blocks(self, pod: Pod, direction: Direction) -> Iterator[_Block]:
        side = "from" if direction == "Ingress" else "to"
        for number, policy in enumerate(self._selecting(pod, direction)):
            name = str(policy["metadata"]["name"])
            for position, rule in enumerate(items(policy["spec"], direction.lower())):
                peers: list[dict[str, Any]] = items(rule, side)
                if not peers:
                    yield _Block(policy=name, networks=_ANYWHERE, excepts=(), identity=(number, position, -1))
                for index, peer in enumerate(peers):
                    if block := peer.get("ipBlock"):
                        yield _Block(
                            policy=name,
                            networks=(ipaddress.ip_network(block["cidr"], strict=False),),
                            excepts=tuple(ipaddress.ip_network(item, strict=False) for item in items(block, "except")),
                            identity=(number, position, index),
                        )


def _allows_around(block: _Block, excepted: _Network) -> _Network | None:
    """The network of the block that is wider than the excepted range and still allows some of it."""
    for network in block.networks:
        inside = network != excepted and _within(excepted, network)
        if inside and not any(_within(excepted, hole) for hole in block.excepts):
            return network
    return None


def _within(inner: _Network, outer: _Network) -> bool:
    if isinstance(inner, ipaddress.IPv4Network):
        return isinstance(outer, ipaddress.IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, ipaddress.IPv6Network) and inner.subnet_of(outer)
