"""Which properties cannot change: a new value makes the provider replace the resource. All others are updated in place.

Of AWS: `replacements_aws`, `replacements_edge` and `replacements_notices`. Of Kubernetes: `forceNewProperties` in
https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/diff.go; `apiVersion` and `kind` are
none. Of random: every property, as https://github.com/terraform-providers/terraform-provider-random knows no update.

A path covers what is below it. List indices are left out. What the provider makes up where the program says nothing
(`Optional` and `Computed`) stays as it is when the program falls silent; here that counts as a change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from plan.providers.aws import NAME_PROPERTY
from tests.engine.forcing import Change, Forcing, When, at
from tests.engine.raw import Raw
from tests.engine.replacements_aws import STACKS
from tests.engine.replacements_edge import EDGE
from tests.engine.replacements_notices import NOTICES

AWS: Final[Mapping[str, tuple[Forcing, ...]]] = {**STACKS, **EDGE, **NOTICES}
# Of every type that has one: `forceNewIfRegionChanges` in
# https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/provider/sdkv2/region.go and its counterpart in
# internal/provider/framework. To name the provider's own region is no change there; a double cannot tell which it is.
REGION: Final = "region"
IDENTITY: Final = ("metadata.name", "metadata.namespace")
KUBERNETES: Final[Mapping[str, tuple[str, ...]]] = {
    # What they hold is updated in place, because the program's provider has `enableConfigMapMutable` and
    # `enableSecretMutable`. The provider does not know that the API server refuses another `type`.
    "kubernetes:core/v1:ConfigMap": IDENTITY,
    "kubernetes:core/v1:Secret": IDENTITY,
    # provider/pkg/provider/helm_release.go
    "kubernetes:helm.sh/v3:Release": ("name", "namespace"),
}
# `DeleteBeforeReplace` in https://github.com/pulumi/pulumi-aws/blob/master/provider/resource_overrides.go, of our
# types: a role and a policy have one attachment, so to delete the old one last would delete the new one with it.
DELETED_FIRST: Final = ("aws:iam/rolePolicyAttachment:RolePolicyAttachment",)


def is_known(type_: str) -> bool:
    """Whether the table has an answer for this type."""
    return type_ in AWS or type_.startswith(("kubernetes:", "random:"))


def forces(type_: str, path: str, old: Raw, new: Raw) -> bool:
    """Whether what changed at this path, between these inputs, replaces the resource."""
    if type_.startswith("random:"):
        return True
    fixed = KUBERNETES.get(type_, IDENTITY) if type_.startswith("kubernetes:") else (REGION, *AWS[type_])
    changed = re.sub(r"\[\d+\]", "", path)
    return any(_meet(path_of(each), changed) and _holds(each, old, new) for each in fixed)


def path_of(forcing: Forcing) -> str:
    """Empty for every property."""
    return forcing.path if isinstance(forcing, When) else forcing


def goes_first(type_: str, old: Raw, new: Raw) -> bool:
    """Whether the old one of a replacement is deleted before the new one is made.

    Two with one name cannot exist, so that is so where the program names them, and not the provider:
    https://github.com/pulumi/pulumi-terraform-bridge/blob/master/pkg/tfbridge/provider.go
    (nameRequiresDeleteBeforeReplace). Of Kubernetes' objects the namespace must be the same (provider.go); releases,
    which have no metadata, are never deleted first (helm_release.go).
    """
    if type_.startswith("kubernetes:"):
        return at(old, "metadata.name") is not None and all(at(old, each) == at(new, each) for each in IDENTITY)
    before, after = (each.get(NAME_PROPERTY.get(type_, "name")) for each in (old, new))
    return type_ in DELETED_FIRST or (before is not None and before == after)


def _meet(path: str, changed: str) -> bool:
    """Whether one of the paths is within the other."""
    return path in ("", changed) or changed.startswith(f"{path}.") or path.startswith(f"{changed}.")


def _holds(forcing: Forcing, old: Raw, new: Raw) -> bool:
    before, after = (at(each, path_of(forcing)) for each in (old, new))
    if isinstance(forcing, When):
        return before != after and forcing.holds(Change(before=before, after=after, old=old, new=new))
    return before != after
