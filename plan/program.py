"""Run the real `__main__.py` with the real settings of a stack, as the CLI would."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pulumi import RunError

from plan.config import PlanError, load_config
from plan.deployment import Deployment
from plan.engine import deploy
from plan.mocks import EngineMocks
from settings.load import SaidAlready

__all__ = ["PlanError", "plan_stack"]

CHECKOUT: Final = Path(__file__).resolve().parent.parent


def plan_stack(
    stack: str,
    *,
    preview: bool = False,
    config_overrides: Mapping[str, Any] | None = None,
    project_dir: Path = CHECKOUT,
    mocks: EngineMocks | None = None,
) -> Deployment:
    """The resources that `pulumi up` (or `pulumi preview`) of this stack would register.

    Overrides take plain values by key (`{"cache": {"nodeType": "cache.t4g.micro"}}`); None removes the key.

    What is wrong with the input is Refused: an unknown stack, a file that cannot be read, settings that do not work.
    Whatever else the program raises is raised here.
    """
    config = load_config(project_dir, stack, config_overrides)
    mocks = mocks or EngineMocks.of_config(config.values)
    mocks.sentinels.update(config.sentinels.known)

    try:
        with _working_in(project_dir):
            return deploy(
                lambda: _run_main(project_dir),
                project=config.project,
                stack=config.stack,
                config=config.values,
                secret_keys=config.secret_keys,
                preview=preview,
                mocks=mocks,
                project_dir=project_dir,
            )
    except RunError as error:
        # The CLI shows a RunError without a traceback. Missing configuration is a RunError, too.
        raise PlanError(str(error)) from error
    except SaidAlready as end:
        raise PlanError(end.text) from None


def _run_main(project_dir: Path) -> None:
    """Run the folder's `__main__.py` as Pulumi's language host does, with the folder first in `sys.path`."""
    if not (project_dir / "__main__.py").is_file():
        raise PlanError(f"no __main__.py in {project_dir}")
    runpy.run_path(str(project_dir), run_name="__main__")


@contextmanager
def _working_in(directory: Path) -> Generator[None]:
    before, path = Path.cwd(), list(sys.path)
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:] = path
