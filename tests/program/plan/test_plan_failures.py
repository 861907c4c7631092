from __future__ import annotations

import asyncio
import gc
import os
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random
import pytest
from small_programs import Passthrough, Vault, run

from plan.asked import CloudCallError, Registration
from plan.engine import DeadlockError
from plan.mocks import EngineMocks


class SettingsError(Exception):
    """As the program's own: the text is the whole message."""


def _in_the_open() -> None:
    Vault("v")
    raise SettingsError("two mistakes:\n  a\n  b")


def _in_an_apply() -> None:
    def refuse(_: str) -> str:
        raise SettingsError("two mistakes:\n  a\n  b")

    Vault("v").password.apply(refuse)


def _in_an_input() -> None:
    def refuse(_: str) -> str:
        raise SettingsError("two mistakes:\n  a\n  b")

    Passthrough("p", {"a": Vault("v").password.apply(refuse)})


async def _in_a_coroutine() -> None:
    await asyncio.sleep(0)
    raise SettingsError("two mistakes:\n  a\n  b")


@pytest.mark.parametrize("program", [_in_the_open, _in_an_apply, _in_an_input, _in_a_coroutine])
def test_an_error_of_the_program_is_raised_as_it_is(program: Callable[[], object]) -> None:
    """Wherever the program fails, its caller gets the program's own exception; and the next run knows nothing of it."""
    with pytest.raises(SettingsError) as caught:
        run(program)
    assert str(caught.value) == "two mistakes:\n  a\n  b"

    assert len(run(lambda: Vault("v")).resources) == 3


def test_the_first_failure_wins() -> None:
    """When the program fails after one of its resources did, its own error is the one that is raised."""

    class Refusing:
        def new_resource(self, args: Registration) -> tuple[str, dict[str, Any]]:
            raise RuntimeError(f"no {args.name}")

        def call(self, _: object) -> dict[str, Any]:
            return {}

    async def program() -> None:
        Passthrough("p", {})
        await asyncio.sleep(0.01)
        raise SettingsError("mine")

    with pytest.raises(SettingsError, match="mine"):
        run(program, mocks=Refusing())
    with pytest.raises(RuntimeError, match="no p"):
        run(lambda: Passthrough("p", {}), mocks=Refusing())


def test_missing_configuration_is_pulumis_own_error() -> None:
    """A key that the program requires and the stack does not set raises what it would raise under the CLI."""
    with pytest.raises(pulumi.ConfigMissingError, match="small:absent"):
        run(lambda: pulumi.Config("small").require("absent"))


def test_a_failed_run_leaves_no_trace() -> None:
    """After failures there are no warnings of Python, no pending tasks, and the environment is as it was."""
    before = dict(os.environ)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for program in (_in_an_apply, _in_an_input, _in_the_open):
            with pytest.raises(SettingsError):
                run(program)
        gc.collect()

    assert [
        str(warning.message) for warning in caught if issubclass(warning.category, (RuntimeWarning, ResourceWarning))
    ] == []
    assert dict(os.environ) == before
    assert gc.isenabled()


def test_an_output_in_a_text_is_an_error() -> None:
    """`f"{output}"` would put Pulumi's warning into a name: it fails instead."""

    def program() -> None:
        Vault(f"vault-{Vault('v').password}")

    with pytest.raises(Exception, match="Calling __str__ on an Output"):
        run(program)


def test_a_value_that_never_comes_ends_the_run() -> None:
    """A program that waits for ever is told so, instead of hanging its reviewer."""

    def program() -> None:
        never: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        Passthrough("p", {"a": pulumi.Output.from_input(never)})

    with pytest.raises(DeadlockError, match=r"did not end within 0\.2 seconds"):
        run(program, timeout_seconds=0.2)


def _invoke() -> None:
    aws.get_caller_identity()


def _invoke_output() -> None:
    pulumi.export("account", aws.get_caller_identity_output().account_id)


def _get() -> None:
    random.RandomId.get("old", "abc")


@pytest.mark.parametrize(
    ("program", "what"),
    [
        (_invoke, "invokes aws:index/getCallerIdentity:getCallerIdentity"),
        (_invoke_output, "invokes aws:index/getCallerIdentity:getCallerIdentity"),
        (_get, "reads the existing random:index/randomId:RandomId 'old'"),
    ],
)
def test_a_call_to_the_cloud_is_refused(program: Callable[[], object], what: str) -> None:
    """A program that asks the cloud cannot be planned without it; the message says what it asked."""
    with pytest.raises(CloudCallError, match="no call to the cloud in the program") as caught:
        run(program)
    assert what in str(caught.value)


def test_a_registered_function_of_the_cloud_is_answered() -> None:
    """Whoever plans may give an answer in the cloud's place, as a value or as a function of the arguments."""
    answer = {"accountId": "111122223333", "arn": "arn:x", "userId": "me", "id": "111122223333"}

    def answering(_: Mapping[str, Any]) -> Mapping[str, Any]:
        return answer

    for invoke in (answer, answering):
        mocks = EngineMocks(invokes={"aws:index/getCallerIdentity:getCallerIdentity": invoke})
        assert run(_invoke_output, mocks=mocks).outputs == {"account": "111122223333"}
