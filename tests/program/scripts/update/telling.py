"""Events as the engine writes them."""

from __future__ import annotations

from typing import Any, cast

from pulumi.automation.events import EngineEvent

DATABASE = "aws:rds/instance:Instance"
TOPIC = "aws:sns/topic:Topic"


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::alisio::{kind}::{name}"


def step(
    op: str,
    kind: str,
    name: str,
    *,
    event: str = "resourcePreEvent",
    diff: dict[str, str] | None = None,
    custom: bool = True,
    retained: bool = False,
) -> EngineEvent:
    """The beginning of a step, or its end: `resOutputsEvent`, `resOpFailedEvent`. `diff` is kinds by property path."""
    state = {"type": kind, "urn": urn(kind, name), "custom": custom, "retainOnDelete": retained}
    metadata: dict[str, Any] = {
        "op": op,
        "urn": urn(kind, name),
        "type": kind,
        "provider": "",
        "old": None if op.startswith("create") else state,
        "new": None if op.startswith("delete") else state,
        "detailedDiff": {path: {"diffKind": each, "inputDiff": True} for path, each in (diff or {}).items()},
    }
    return _event(**{event: {"metadata": metadata}})


def error(text: str, of: str = "") -> EngineEvent:
    """What a provider or the engine says."""
    said = {"message": text, "color": "never", "severity": "error", "urn": of}
    return _event(diagnosticEvent=said)


def summary(**changes: int) -> EngineEvent:
    """The last event."""
    said = {"maybeCorrupt": False, "durationSeconds": 1, "resourceChanges": changes, "PolicyPacks": {}}
    return _event(summaryEvent=said)


def _event(**kind: Any) -> EngineEvent:
    return cast("Any", EngineEvent).from_json({"sequence": 1, "timestamp": 1, **kind})
