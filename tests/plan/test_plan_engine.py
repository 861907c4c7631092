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
from small_programs import House, Passthrough, Vault, run

from plan import Deployment
from plan.asked import CloudCallError, Registration
from plan.engine import DeadlockError
from plan.mocks import EngineMocks


class SettingsError(Exception):
    """As the program's own: the text is the whole message."""


def test_a_process_can_run_several_stacks() -> None:
    """Each run has its own stack: neither its name nor its configuration nor its resources leak into another."""

    def program() -> None:
        pulumi.export("told", pulumi.Config("small").require("told"))
        Vault(f"vault-{pulumi.get_stack()}")

    runs = [run(program, stack=stack, config={"small:told": stack}) for stack in ("dev", "prod", "dev")]

    assert [each.outputs["told"] for each in runs] == ["dev", "prod", "dev"]
    assert [each.stack_urn for each in runs] == [
        "urn:pulumi:dev::small::pulumi:pulumi:Stack::small-dev",
        "urn:pulumi:prod::small::pulumi:pulumi:Stack::small-prod",
        "urn:pulumi:dev::small::pulumi:pulumi:Stack::small-dev",
    ]
    assert [len(each.resources) for each in runs] == [3, 3, 3]
    assert runs[0] == runs[2]


def test_exports_and_component_outputs_are_recorded_with_their_secrecy() -> None:
    """An export or a component's output is secret exactly if what it is made of is."""

    def program() -> None:
        vault = Vault("v")
        pulumi.export("password", vault.password)
        pulumi.export("where", {"nested": pulumi.Output.concat("at ", vault.password), "open": 1})

    done = run(program)

    assert repr(done.outputs["password"]) == "[secret]"
    assert done.outputs["password"].value.startswith("Sentinel")
    assert repr(done.outputs["where"]) == "{'nested': [secret], 'open': 1}"
    vault = done.one("test:index:Vault")
    assert repr(vault.outputs["password"]) == "[secret]"
    assert vault.outputs["length"] == 32


def test_dependencies_are_recorded() -> None:
    """A dependency is known whether it comes from an input, from `depends_on`, or from a component as a whole."""

    def program() -> None:
        house = House("house")
        first = Passthrough("first", {})
        Passthrough(
            "second", {"a": house.vault.password, "b": first.id}, opts=pulumi.ResourceOptions(depends_on=[house])
        )

    done = run(program)
    second, first = done.one("test:index:Passthrough", "second"), done.one("test:index:Passthrough", "first")
    password = done.one("random:index/randomPassword:RandomPassword")

    assert second.dependencies == tuple(sorted([first.urn, password.urn]))
    assert second.property_dependencies == {"a": (password.urn,), "b": (first.urn,)}
    assert done.one("test:index:House").urn in done.upstream(second)


def test_messages_of_the_program_are_kept() -> None:
    """What the program logs is part of the result, with its severity and its resource; the SDK's chatter is not."""

    def program() -> None:
        vault = Vault("v")
        pulumi.log.info("made")
        pulumi.log.warn("shallow", vault)
        pulumi.log.error("broken")

    done = run(program)

    assert sorted((message.severity, message.text) for message in done.messages) == [
        ("error", "broken"),
        ("info", "made"),
        ("warning", "shallow"),
    ]
    assert sorted(done.warnings) == ["broken", "shallow"]
    assert next(each.urn for each in done.messages if each.text == "shallow") == done.one("test:index:Vault").urn


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


def test_an_asynchronous_program_is_awaited() -> None:
    """Both forms of asynchronous program work: a coroutine function, and `pulumi.run`."""

    async def program() -> None:
        await asyncio.sleep(0)
        pulumi.export("a", 1)

    async def later() -> dict[str, int]:
        return {"b": 2}

    assert run(program).outputs == {"a": 1}
    assert run(lambda: pulumi.run(later)).outputs == {"b": 2}


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


def test_runs_are_equal() -> None:
    """The same program gives the same resources in the same order, however its outputs depend on each other."""

    def program() -> None:
        houses = [House(f"house-{number}") for number in range(8)]
        joined = pulumi.Output.all(*(house.vault.password for house in houses)).apply("".join)
        for number in range(8):
            Passthrough(f"part-{number}", {"all": joined, "one": houses[-number].vault.password})

    def shape(done: Deployment) -> list[tuple[str, tuple[str, ...]]]:
        return [(each.urn, each.dependencies) for each in done.resources]

    first, second = run(program), run(program)
    assert shape(first) == shape(second)
    assert first == second
