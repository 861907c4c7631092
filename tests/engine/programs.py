"""What is built from Go modules, and where it lies. Needs Python only: `make engine` works before all else does."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, final

CHECKOUT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = Path(__file__).resolve().parent / "programs"
CACHE: Final = CHECKOUT / ".cache" / "engine"
STAMP: Final = "built-from"


@final
@dataclass(frozen=True, kw_only=True)
class Module:
    """A Go module that a folder of `programs/` requires; its `go.mod` is the one place of the version."""

    path: str
    source: str
    """The folder below `programs/`."""

    @cached_property
    def version(self) -> str:
        text = (SOURCES / self.source / "go.mod").read_text(encoding="utf-8")
        found = re.search(rf"^(?:require)?\s+{re.escape(self.path)} (v\S+)", text, re.MULTILINE)
        if found is None:
            raise LookupError(f"{self.source}/go.mod does not require {self.path}")
        return found[1]

    @property
    def folder(self) -> Path:
        """The module's files, as a link into Go's cache: they are read there, never copied into this repository."""
        return CACHE / "modules" / self.path.replace("/", "-") / self.version


@final
@dataclass(frozen=True, kw_only=True)
class Program:
    """One executable."""

    name: str
    module: Module
    package: str
    variables: tuple[str, ...] = ()
    """What the linker sets, with placeholders: {version}, {major}, {minor}."""

    @property
    def folder(self) -> Path:
        return CACHE / self.name / self.module.version

    @property
    def file(self) -> Path:
        return self.folder / "bin" / self.name

    @property
    def source(self) -> Path:
        return SOURCES / self.module.source

    def command(self, output: Path) -> list[str]:
        """Builds it, from within `source`."""
        major, minor = re.findall(r"\d+", self.module.version)[:2]
        values = [each.format(version=self.module.version, major=major, minor=minor) for each in self.variables]
        flags = " ".join(["-s", "-w", *(f"-X {each}" for each in values)])
        return ["go", "build", "-mod=readonly", "-buildvcs=false", "-ldflags", flags, "-o", str(output), self.package]

    @property
    def fingerprint(self) -> str:
        """Of all that decides what is built."""
        parts = [" ".join(self.command(Path(self.name))).encode()]
        parts += [file.read_bytes() for file in sorted(self.source.iterdir()) if file.suffix in {".mod", ".sum", ".go"}]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()

    def is_built(self) -> bool:
        stamp = self.folder / STAMP
        return self.file.is_file() and stamp.is_file() and stamp.read_text(encoding="utf-8") == self.fingerprint


PULUMI_PKG: Final = Module(path="github.com/pulumi/pulumi/pkg/v3", source="pulumi")
PULUMI_SDK: Final = Module(path="github.com/pulumi/pulumi/sdk/v3", source="pulumi")
"""Its `python/cmd/pulumi-language-python-exec` runs programs in Python."""
KUBERNETES_PROVIDER: Final = Module(
    path="github.com/pulumi/pulumi-kubernetes/provider/v4", source="kubernetes-provider"
)
KUBERNETES: Final = Module(path="k8s.io/kubernetes", source="kubernetes")
ETCD: Final = Module(path="go.etcd.io/etcd/server/v3", source="etcd")
KWOK: Final = Module(path="sigs.k8s.io/kwok", source="kwok")
KEDA: Final = Module(path="github.com/kedacore/keda/v2", source="keda")
KARPENTER: Final = Module(path="sigs.k8s.io/karpenter", source="karpenter")

# Helm reads the cluster's version, and refuses charts by it: without these variables it would be v0.0.0.
_KUBERNETES_VERSION: Final = tuple(
    f"k8s.io/component-base/version.{name}={{{value}}}"
    for name, value in (("gitVersion", "version"), ("gitMajor", "major"), ("gitMinor", "minor"))
)
PULUMI: Final = Program(
    name="pulumi",
    module=PULUMI_PKG,
    package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    variables=("github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={version}",),
)
# In the order in which they are wanted.
PROGRAMS: Final = (
    PULUMI,
    Program(name="etcd", module=ETCD, package=ETCD.path),
    *(
        Program(name=name, module=KUBERNETES, package=f"k8s.io/kubernetes/cmd/{name}", variables=_KUBERNETES_VERSION)
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    ),
    Program(name="kwok", module=KWOK, package="sigs.k8s.io/kwok/cmd/kwok"),
    Program(
        name="pulumi-resource-kubernetes",
        module=KUBERNETES_PROVIDER,
        package=".",
        variables=("main.version={version}",),
    ),
    Program(name="keda-operator", module=KEDA, package="github.com/kedacore/keda/v2/cmd/operator"),
    Program(name="keda-adapter", module=KEDA, package="github.com/kedacore/keda/v2/cmd/adapter"),
)
FOLDERS: Final = (PULUMI_SDK, KWOK, KEDA, KARPENTER)
"""The modules whose files are read."""


def program(name: str) -> Path:
    """The executable; `PULUMI` in the environment may name another Pulumi than the one that is built here."""
    if name == PULUMI.name and (given := os.environ.get("PULUMI")):
        return Path(given)
    return next(each.file for each in PROGRAMS if each.name == name)


def missing(*names: str, folders: Iterable[Module] = FOLDERS) -> list[str]:
    """What `make engine` has still to build or fetch; of these programs only, where some are named."""
    wanted = [each for each in PROGRAMS if each.name in (names or (each.name,)) and program(each.name) == each.file]
    programs = [each.name for each in wanted if not each.is_built()]
    return [*programs, *(each.path for each in folders if not each.folder.exists())]
