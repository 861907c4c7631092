"""What stands between a protected stack and `pulumi destroy`."""

from __future__ import annotations

from typing import final

import pulumi
import pulumi_random as random
from pulumi import ResourceOptions

from settings import Site


@final
class Guard(pulumi.ComponentResource):
    """While the stack is protected, `pulumi destroy` deletes nothing at all: not one resource that this depends on.

    Protecting what holds state is not enough. Pulumi deletes in the order of dependencies, and stops at what is
    protected: by then everything that depends on that is gone, such as Airflow, nodes and network policies. So the
    last resource of the program is protected too. Updates and replacements of the others are free.
    """

    def __init__(self, name: str, site: Site, *, opts: ResourceOptions) -> None:
        """`opts.depends_on` are all other components."""
        super().__init__("alisio:index:Guard", name, None, opts)
        # The name is what Pulumi shows when it refuses: it says the way out.
        random.RandomUuid(
            f"{name}-set-protect-to-false-then-up-then-destroy",
            opts=ResourceOptions(parent=self, protect=site.protect),
        )
        self.register_outputs({"protect": site.protect})
