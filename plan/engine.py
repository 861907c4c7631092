"""Run a Pulumi program against an engine of our own, in this process, as often as wanted.

The SDK keeps its state in context variables. Each run gets its own context, so that nothing leaks from one run into the
next, not even when it fails. The entry points are those of Pulumi's own language host, all public in
`pulumi.runtime`; `set_mocks` is not used because it leaves state behind (https://github.com/pulumi/pulumi/issues/8280).
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import os
from collections.abc import Awaitable, Callable, Collection, Generator, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar, cast

from pulumi.runtime import Settings, configure, run_in_stack, set_all_config

from plan.asked import ResourceMocks
from plan.deployment import Deployment, Resource
from plan.mocks import EngineMocks
from plan.monitor import Log, Monitor
from refused import Refused

Program = Callable[[], Awaitable[None] | None]
P = ParamSpec("P")
T = TypeVar("T")

ORGANIZATION: Final = "organization"


class DeadlockError(Refused):
    """The program waits for a value that never comes."""


def deploy(
    program: Callable[[], object],
    *,
    project: str,
    stack: str,
    config: Mapping[str, str] | None = None,
    secret_keys: Collection[str] = (),
    preview: bool = False,
    mocks: ResourceMocks | None = None,
    project_dir: Path | None = None,
    timeout_seconds: float = 60,
) -> Deployment:
    """Run the program as `pulumi up` (or `pulumi preview`) would, and return what it registered.

    `config` is as the engine gives it: full keys, every value a string. Whatever the program raises is raised here.
    """
    config = dict(config or {})
    mocks = mocks or EngineMocks.of_config(config)
    monitor = Monitor(mocks, project=project, stack=stack, preview=preview)
    log = Log()
    run = _Run(program)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(_Inline(max_workers=1))
        # The tasks that depend on a failed one fail, too. Only the first failure is of interest.
        loop.set_exception_handler(lambda _loop, _context: None)
        configure(
            Settings(
                project=project,
                stack=stack,
                monitor=monitor,
                engine=log,
                dry_run=preview,
                organization=ORGANIZATION,
                root_directory=str(project_dir or Path.cwd()),
            )
        )
        set_all_config(config, list(secret_keys))
        try:
            async with asyncio.timeout(timeout_seconds):
                await run_in_stack(run)
        except TimeoutError as error:
            raise DeadlockError(f"the program did not end within {timeout_seconds:g} seconds") from error

    with _environment(PULUMI_ERROR_OUTPUT_STRING="true"), _no_garbage_collection():
        try:
            contextvars.Context().run(asyncio.run, main())
        except Exception:
            if run.error is None:
                raise
            # The error of the program itself says more than the errors that follow from it.
            raise run.error from None

    resources = in_program_order(monitor.resources.values())
    return Deployment(
        project=project,
        stack=stack,
        preview=preview,
        resources=resources,
        outputs=resources[0].outputs,
        messages=tuple(log.messages),
        sentinels=frozenset(getattr(mocks, "sentinels", ())),
        project_dir=project_dir,
    )


def in_program_order(resources: Collection[Resource]) -> tuple[Resource, ...]:
    """Parents before children, and siblings in the order of the lines that create them.

    Registrations arrive in an order that differs between runs, as each one waits for its dependencies.
    """
    children: dict[str, list[Resource]] = {}
    for resource in sorted(resources, key=lambda each: (each.trace, each.type, each.name)):
        children.setdefault(resource.parent, []).append(resource)

    def family(parent: str) -> Iterator[Resource]:
        for child in children.get(parent, ()):
            yield child
            yield from family(child.urn)

    return tuple(family(""))


class _Run:
    """The program, and the error that it raised."""

    def __init__(self, program: Callable[[], object]) -> None:
        self.program = cast("Program", program)
        self.error: Exception | None = None

    async def __call__(self) -> None:
        try:
            result = self.program()
            if isinstance(result, Awaitable):
                await result
        except Exception as error:
            self.error = error
            raise


class _Inline(ThreadPoolExecutor):
    """Runs each job at once in the calling thread. The monitor never blocks, and each run has the same order."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def _environment(**variables: str) -> Generator[None]:
    before: dict[str, Any] = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _no_garbage_collection() -> Generator[None]:
    """Garbage collection takes half of the time of a run: it searches all that the SDKs load, and finds little."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
