"""Why an update failed: the first error first, in its own words, and then what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pulumi.automation.events import EngineEvent

from plan.tree import short_type
from scripts.recover.check import HELM_IS_STUCK, way_out

# What AWS, Kubernetes and Helm say, and the way out; docs/operations.md tells more of each.
ADVICE: Final = (
    (
        r"(?<!Request)LimitExceeded|QuotaExceeded",
        "a quota of the account is used up: ask for more in the console of Service Quotas, then run this again",
    ),
    (r"ExpiredToken|token .*(expired|invalid)", "your credentials have ended: log in, then run this again"),
    (
        r"AccessDenied|UnauthorizedOperation|not authorized to perform",
        "your role may not do this: run it as the stack's deployer, or let the role",
    ),
    (
        r"InsufficientInstanceCapacity|InsufficientDBInstanceCapacity|InsufficientCacheClusterCapacity",
        "AWS has none of this size there now: wait, or choose another size or zone",
    ),
    (r"DependencyViolation|ResourceInUse", "something still holds it: run this again in some minutes, or `make sweep`"),
    (r"field is immutable", "two updates within a minute: wait a minute, then run this again"),
    (r"[Uu]nreachable|no such host|connection refused|i/o timeout", "the cluster or AWS cannot be reached from here"),
)
MARKUP: Final = re.compile(r"<\{%.*?%\}>")
"""The engine's own colours: https://github.com/pulumi/pulumi/tree/master/sdk/go/common/diag/colors"""


@dataclass
class Failure:
    """Collects what failed, in the order in which it did."""

    stack: str
    failed: dict[str, str] = field(default_factory=dict[str, str])
    """Type, by URN."""
    said: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Errors by URN; of the program and the engine under none."""

    def __call__(self, event: EngineEvent) -> None:
        if event.res_op_failed_event:
            metadata = event.res_op_failed_event.metadata
            self.failed.setdefault(metadata.urn, metadata.type)
        elif (spoken := event.diagnostic_event) and spoken.severity == "error":
            words = MARKUP.sub("", spoken.message).strip()
            self.said.setdefault(spoken.urn or "", []).append(words)

    def lines(self) -> Iterator[str]:
        """The first error, the others' names, and what helps. Empty where the engine told nothing."""
        first, *others = self.failed
        yield f"{short_type(self.failed[first])} {first.rpartition('::')[2]} failed:"
        yield from self._words(first)
        if others:
            yield f"{len(others)} more failed:"
            for urn in others:
                yield f"{short_type(self.failed[urn])} {urn.rpartition('::')[2]}: {' '.join(self._words(urn))}"

    def text(self) -> str:
        """Empty where no resource failed: then it was the program, or the engine itself."""
        return "\n".join(self.lines()) if self.failed else ""

    def advice(self, printed: str = "") -> str:
        """What to do, if it is a known fault. `printed` is what Pulumi said beside its events."""
        everything = "\n".join([printed, *(text for texts in self.said.values() for text in texts)])
        if any(words in everything for words in HELM_IS_STUCK):
            return way_out(self.stack)
        return next((help_ for pattern, help_ in ADVICE if re.search(pattern, everything)), "")

    def _words(self, urn: str) -> list[str]:
        return self.said.get(urn) or ["it did not say why"]
