"""One thing in AWS that carries the stack's name, and whether it may go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Thing:
    """It exists now, and no resource of the stack's state is this."""

    kind: str
    """As people call it, such as `load balancer`."""
    id: str
    """What AWS deletes it by."""
    made: datetime | None = None
    stays: str = ""
    """Why it is not deleted. Empty: it goes."""

    def age(self, now: datetime) -> str:
        """In days, as nobody cares for hours here. Empty where AWS does not say when it was made."""
        return f"{(now - self.made).days} d" if self.made else ""

    def for_machines(self) -> dict[str, str | None]:
        """What `--json` says of it."""
        return {
            "kind": self.kind,
            "id": self.id,
            "made": self.made.isoformat() if self.made else None,
            "stays": self.stays or None,
        }
