"""Pulumi's CLI for one stack: what a recovery asks of it.

Not the Automation API: it can neither pass `--target` to a refresh without a preview, nor export a state whose secrets
stay encrypted, nor import one without writing it to a file first.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

from refused import FAILED, Refused

QUIET: Final = ("--non-interactive", "--color=never")
CHANGE: Final = ("--yes", "--skip-preview", "--suppress-progress", "--suppress-outputs")
NO_STACK: Final = "no stack named"

Deployment = dict[str, Any]
"""What `pulumi stack export` writes: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/core.go"""


class PulumiError(Refused):
    """A command of Pulumi failed; the text is what it said."""


@final
@dataclass(frozen=True, kw_only=True)
class Pulumi:
    """One stack of the project in a folder."""

    stack: str
    folder: Path
    environment: Mapping[str, str] | None = None
    """None: that of this process."""

    def backend(self) -> str:
        """Where the state is kept, such as `s3://bucket/path` or `https://api.pulumi.com/user`."""
        return str(json.loads(self._run("whoami", "--json"))["url"])

    def is_updating(self) -> bool:
        """What Pulumi Cloud knows of an update under way. Of backends without a server it says nothing."""
        stacks: list[dict[str, Any]] = json.loads(self._run("stack", "ls", "--json"))
        return any(each.get("updateInProgress") for each in stacks if each["name"].rpartition("/")[2] == self.stack)

    def export(self, *, show_secrets: bool = False) -> Deployment | None:
        """The state; None where the stack does not exist yet. With secrets it must stay in memory."""
        try:
            return json.loads(self._of_stack("stack", "export", *(["--show-secrets"] if show_secrets else [])))
        except PulumiError as error:
            if NO_STACK in str(error):
                return None
            raise

    def import_(self, deployment: Deployment) -> None:
        """Put another state in its place."""
        self._of_stack("stack", "import", state=json.dumps(deployment))

    def cancel(self) -> None:
        """Give up the lock."""
        self._of_stack("cancel", "--yes")

    def refresh(self, urns: Iterable[str]) -> None:
        """Ask the providers about these resources, and about nothing else."""
        self._of_stack("refresh", *CHANGE, *(word for urn in urns for word in ("--target", urn)))

    def destroy(self, urn: str) -> None:
        """Delete one resource."""
        self._of_stack("destroy", *CHANGE, "--target", urn)

    def _of_stack(self, *words: str, state: str = "") -> str:
        return self._run(*words, "--stack", self.stack, state=state)

    def _run(self, *words: str, state: str = "") -> str:
        done = subprocess.run(
            ["pulumi", *words, *QUIET],
            cwd=self.folder,
            env=None if self.environment is None else dict(self.environment),
            input=state,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip() or done.stdout.strip()[-2000:]
            raise PulumiError(f"`pulumi {' '.join(words[:2])}` failed: {said}", status=FAILED)
        return done.stdout
