"""A project folder to work in: this checkout's program, with stack files that Pulumi and tests may change."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, final

import yaml

from settings.stack_file import read_yaml
from tests.engine.programs import CHECKOUT

# What the program reads or imports; everything else of the checkout has no business in a deployment.
IGNORED: Final = frozenset({"tests", "bench", "docs", "scripts", "local"})


@final
class Project:
    """The program in a folder of its own; `dags` are copies, all other folders are links."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        for source in CHECKOUT.iterdir():
            if source.name.startswith(".") or source.name in IGNORED:
                continue
            target = folder / source.name
            if source.name == "dags":
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.is_dir():
                target.symlink_to(source, target_is_directory=True)
            else:
                shutil.copyfile(source, target)

    def stack_file(self, stack: str) -> Path:
        return self.folder / f"Pulumi.{stack}.yaml"

    def configure(self, stack: str, overrides: Mapping[str, Any]) -> None:
        """Set keys of the stack's file; nested ones with a dot below the first: `alisio:dataStore.instanceClass`."""
        file = self.stack_file(stack)
        content: dict[str, Any] = read_yaml(file)
        for path, value in overrides.items():
            *steps, last = path.split(".")
            place: dict[str, Any] = content["config"]
            for step in steps:
                place = place.setdefault(step, {})
            if value is None:
                place.pop(last, None)
            else:
                place[last] = value
        file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")

    def own(self, folder: str) -> Path:
        """Give the project a copy of a folder of the checkout, in place of the link or of nothing."""
        path = self.folder / folder
        if path.is_symlink():
            path.unlink()
        if not path.exists():
            shutil.copytree(CHECKOUT / folder, path, ignore=shutil.ignore_patterns("__pycache__"))
        return path

    def replace(self, file: str, old: str, new: str) -> None:
        """Change the text of one of the program's files, here only."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise LookupError(f"{file} has no {old!r}")
        path.unlink()
        path.write_text(text.replace(old, new), encoding="utf-8")
