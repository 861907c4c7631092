"""By what a thing is known to be a stack's own: its tags, those of its cluster, or its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from plan.program import CHECKOUT
from refused import Refused
from settings.stack_file import configuration, read_stack, stack_file

Filter = Mapping[str, Sequence[str]]
"""Keys of tags, each with the values that are wanted. A thing carries all keys."""
SERVICES_LOGS: Final = ("/aws/eks/{}/", "/aws/containerinsights/{}/")
"""Groups that services make again when their last logs come late. They carry no tag."""


@dataclass(frozen=True, kw_only=True)
class Marks:
    """How to find what belongs to a stack."""

    prefix: str
    """The cluster's name, and what the names of all resources begin with."""
    region: str
    own: Filter
    """The tags that the program gives to all that it makes."""

    @property
    def of_cluster(self) -> Sequence[Filter]:
        """The tags that EKS gives to what it makes: nodes, volumes, network interfaces, load balancers.

        https://docs.aws.amazon.com/eks/latest/userguide/auto-learn-iam.html
        """
        return (
            {"eks:eks-cluster-name": [self.prefix]},
            {"aws:eks:cluster-name": [self.prefix]},
            # `shared` says that it is somebody else's: of an existing network, for instance.
            {f"kubernetes.io/cluster/{self.prefix}": ["owned"]},
        )

    @property
    def log_groups(self) -> Sequence[str]:
        """What the names of the cluster's log groups begin with."""
        return [start.format(self.prefix) for start in SERVICES_LOGS]


def marks(stack: str) -> Marks:
    """Of a stack, by its file. Refuses tags that another stack may have as well."""
    file = stack_file(CHECKOUT, stack)
    site = read_stack(file).site
    found = cast("dict[str, dict[str, Any]]", configuration(file).get("aws:defaultTags") or {})
    tags = {key: str(value) for key, value in found.get("tags", {}).items()}
    missing = [repr(value) for value in (site.project, site.stack) if value not in tags.values()]
    if missing:
        raise Refused(
            f"{file.name}: aws:defaultTags has no tag with the value {' and none with '.join(missing)}, so what this "
            "stack has left cannot be told from what belongs to another",
            f"{{ tags: {{ project: {site.project}, stack: {site.stack} }} }}, and an `up` before the destroy",
        )
    return Marks(prefix=site.prefix, region=site.region, own={key: [value] for key, value in tags.items()})
