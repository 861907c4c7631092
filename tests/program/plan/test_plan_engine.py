from __future__ import annotations

import asyncio

import pulumi
from small_programs import House, Passthrough, Vault, run

from plan import Deployment


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


def test_an_asynchronous_program_is_awaited() -> None:
    """Both forms of asynchronous program work: a coroutine function, and `pulumi.run`."""

    async def program() -> None:
        await asyncio.sleep(0)
        pulumi.export("a", 1)

    async def later() -> dict[str, int]:
        return {"b": 2}

    assert run(program).outputs == {"a": 1}
    assert run(lambda: pulumi.run(later)).outputs == {"b": 2}


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
