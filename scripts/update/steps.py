"""The steps of an update, from the events of Pulumi's Automation API.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/events.go
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pulumi.automation.events import EngineEvent, StepEventMetadata

REPLACE: Final = "replace"
DELETE: Final = "delete"
UPDATE: Final = "update"
CREATE: Final = "create"
LEFTOVER: Final = "delete-replaced"
"""The second half of a replacement; without the first, what an interrupted update left to be deleted."""
SHOWN: Final = (REPLACE, DELETE, UPDATE, CREATE)
"""The operations that change something, the most severe first. A replacement's halves are steps of their own, too."""
STATEFUL: Final = frozenset(
    {
        "aws:eks/cluster:Cluster",
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:rds/instance:Instance",
        "aws:s3/bucket:Bucket",
        "random:index/randomBytes:RandomBytes",
    }
)
"""What is in these is gone with them; random bytes are Fernet keys. AWS gives back a KMS key for days."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What happens to one resource."""

    op: str
    urn: str
    type: str
    causes: tuple[str, ...] = ()
    """The properties that force a replacement; of an update, those that change. Never their values."""
    stays: bool = False
    """Pulumi gives it up, and it stays in the cloud."""

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]

    @property
    def holds_state(self) -> bool:
        return self.type in STATEFUL and not self.stays

    @property
    def destroys(self) -> bool:
        return self.op in (REPLACE, DELETE)


def step_of(event: EngineEvent) -> Step | None:
    """What begins with an event. None: nothing that changes a resource of the cloud."""
    if not (begun := event.resource_pre_event):
        return None
    metadata = begun.metadata
    op = metadata.op.value
    if op not in (*SHOWN, LEFTOVER) or not _is_custom(metadata):
        return None
    return Step(
        op=op,
        urn=metadata.urn,
        type=metadata.type,
        causes=_causes(metadata),
        stays=bool(op in (DELETE, LEFTOVER) and metadata.old and metadata.old.retain_on_delete),
    )


def _is_custom(metadata: StepEventMetadata) -> bool:
    """Components are in the program only, and a provider is no thing of the cloud's."""
    side = metadata.new or metadata.old
    return bool(side and side.custom) and not metadata.type.startswith("pulumi:providers:")


def _causes(metadata: StepEventMetadata) -> tuple[str, ...]:
    detailed: dict[str, Any] = dict(metadata.detailed_diff or {})
    if metadata.op.value == REPLACE:
        forcing = [path for path, each in detailed.items() if each.diff_kind.value.endswith("-replace")]
        return tuple(sorted(forcing or metadata.keys or detailed))
    return tuple(sorted(detailed or metadata.diffs or ())) if metadata.op.value == UPDATE else ()
