"""What is asked before an update, and what `--yes` does not cover."""

from __future__ import annotations

from refused import Refused
from scripts.asking import confirm, somebody_is_there
from scripts.update.overview import Overview


def may_go_on(stack: str, seen: Overview, *, ask: bool, production: bool, with_loss: bool) -> None:
    """Ask, or refuse. Whoever loses something in production types the stack's name.

    `--yes` alone never loses what holds state: a pipeline that was meant to add a bucket would replace the database.
    """
    if not ask:
        if seen.losses and not with_loss:
            names = ", ".join(step.name for step in seen.losses)
            raise Refused(
                f"--yes does not cover the loss of what holds state: {names}. Nothing was changed",
                f"look at `python -m scripts preview {stack}`; to lose it on purpose, add --with-loss",
            )
        return
    somebody_is_there(ask=True)
    if seen.losses or (production and seen.destroys):
        names = ", ".join(step.name for step in seen.losses) or "what is listed as replaced or deleted"
        confirm(f"{stack} loses {names}. Type the stack's name to go on:", answer=stack)
    else:
        confirm(f"Apply these changes to {stack}?", answer="yes")
