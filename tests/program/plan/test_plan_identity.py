from __future__ import annotations

import pulumi
import pytest
from pulumi import Alias, CustomTimeouts, ResourceOptions
from pulumi.runtime.proto import resource_pb2
from small_programs import House, Passthrough, Vault, run

from plan import Deployment
from plan.mocks import EngineMocks
from plan.monitor import DuplicateUrnError, Monitor


def test_urns_are_those_of_the_engine() -> None:
    """A URN names the types of all parents but the stack; this is what a rename or a new parent changes."""
    done = run(lambda: House("h"))

    assert [each.urn for each in done.resources] == [
        "urn:pulumi:dev::small::pulumi:pulumi:Stack::small-dev",
        "urn:pulumi:dev::small::test:index:House::h",
        "urn:pulumi:dev::small::test:index:House$test:index:Vault::h-vault",
        "urn:pulumi:dev::small::test:index:House$test:index:Vault$random:index/randomPassword:RandomPassword::h-vault-password",
    ]


def test_every_parent_is_a_resource_that_stands_before_it() -> None:
    """Reading the resources from the first to the last, no parent is ever missing."""

    def program() -> None:
        for name in ("z", "a", "m"):
            House(name)

    seen = {""}
    for resource in run(program).resources:
        assert resource.parent in seen
        seen.add(resource.urn)


def test_siblings_stand_in_the_order_of_the_program() -> None:
    """The plan reads like the program, not like the order in which registrations happened to arrive."""

    def program() -> None:
        last = Passthrough("made-first", {})
        vault = Vault("made-second")
        Passthrough("made-third", {"waits": vault.password, "for": last.id})
        Passthrough("a-made-fourth", {})

    assert [
        each.name for each in run(program).resources if each.type != "random:index/randomPassword:RandomPassword"
    ] == [
        "small-dev",
        "made-first",
        "made-second",
        "made-third",
        "a-made-fourth",
    ]


def test_a_duplicate_urn_is_refused() -> None:
    """Two resources of the same type, name and parent types are one identity: the engine refuses the second."""

    def program() -> None:
        Passthrough("same", {})
        Passthrough("same", {})

    with pytest.raises(DuplicateUrnError, match=r"duplicate resource URN 'urn:pulumi:dev::small::test:index:Pass"):
        run(program)


def test_options_of_a_resource_are_recorded() -> None:
    """Every option that changes what the engine does to a resource can be read from the plan."""

    def program() -> None:
        first = Passthrough("first", {})
        Passthrough(
            "second",
            {},
            opts=ResourceOptions(
                protect=True,
                retain_on_delete=True,
                delete_before_replace=True,
                ignore_changes=["a.b"],
                replace_on_changes=["c"],
                deleted_with=first,
                custom_timeouts=CustomTimeouts(create="10m", delete="1h"),
                additional_secret_outputs=["d"],
                version="1.2.3",
                aliases=[
                    Alias(name="old"),
                    Alias(parent=pulumi.ROOT_STACK_RESOURCE),
                    "urn:pulumi:dev::small::a:b:C::d",
                ],
            ),
        )

    second = run(program).one("test:index:Passthrough", "second")

    assert (second.protect, second.retain_on_delete, second.delete_before_replace) == (True, True, True)
    assert (second.ignore_changes, second.replace_on_changes) == (("a.b",), ("c",))
    assert second.deleted_with == "urn:pulumi:dev::small::test:index:Passthrough::first"
    assert second.custom_timeouts == {"create": "10m", "delete": "1h"}
    assert (second.additional_secret_outputs, second.version) == (("d",), "1.2.3")
    assert second.aliases == (
        "urn:pulumi:dev::small::test:index:Passthrough::old",
        "urn:pulumi:dev::small::test:index:Passthrough::second",
        "urn:pulumi:dev::small::a:b:C::d",
    )


def test_defaults_of_the_options() -> None:
    """What the program does not say is recorded as not said."""
    plain = run(lambda: Passthrough("p", {})).one("test:index:Passthrough")

    assert (plain.protect, plain.retain_on_delete, plain.delete_before_replace) == (False, False, None)
    assert (plain.deleted_with, plain.provider, plain.aliases) == ("", "", ())


def test_aliases_below_a_component_name_their_parents() -> None:
    """An alias without a parent means the present one; with no parent at all, it means a child of the stack."""

    def program() -> None:
        house = House("h")
        aliases = [Alias(name="old"), Alias(name="older", parent=None), Alias(name="oldest", parent=house.vault)]
        Passthrough("new", {}, opts=ResourceOptions(parent=house, aliases=aliases))

    assert run(program).one("test:index:Passthrough").aliases == (
        "urn:pulumi:dev::small::test:index:House$test:index:Passthrough::old",
        "urn:pulumi:dev::small::test:index:Passthrough::older",
        "urn:pulumi:dev::small::test:index:House$test:index:Vault$test:index:Passthrough::oldest",
    )


def _family(child: ResourceOptions | None = None) -> Deployment:
    def program() -> None:
        anchor = Passthrough("anchor", {})
        parent = Passthrough(
            "parent", {}, opts=ResourceOptions(protect=True, retain_on_delete=True, deleted_with=anchor)
        )
        Passthrough("child", {}, opts=ResourceOptions.merge(child, ResourceOptions(parent=parent)))

    return run(program)


def test_children_inherit_what_the_engine_hands_down() -> None:
    """Protection, retention and `deletedWith` go from parent to child, unless the child says otherwise."""
    heir = _family().one("test:index:Passthrough", "child")
    rebel = _family(ResourceOptions(protect=False, retain_on_delete=False)).one("test:index:Passthrough", "child")

    assert (heir.protect, heir.retain_on_delete) == (True, True)
    assert heir.deleted_with.endswith("::anchor")
    assert (rebel.protect, rebel.retain_on_delete) == (False, False)


def test_protection_is_inherited_by_the_engine_too() -> None:
    """A registration that says nothing of protection has its parent's, as in SDKs that leave this to the engine."""
    monitor = Monitor(EngineMocks(), project="small", stack="dev", preview=False)
    request = resource_pb2.RegisterResourceRequest

    parent = monitor.RegisterResource(request(type="test:index:House", name="parent", protect=True)).urn
    heir = monitor.RegisterResource(request(type="test:index:Vault", name="heir", parent=parent)).urn
    rebel = monitor.RegisterResource(request(type="test:index:Vault", name="rebel", parent=parent, protect=False)).urn

    assert [monitor.resources[urn].protect for urn in (parent, heir, rebel)] == [True, True, False]


def test_looking_for_a_resource_tells_what_is_there() -> None:
    """A wrong guess in a test is answered with what the stack has."""
    done = run(lambda: Vault("v"))

    assert done.one("test:index:Vault").name == "v"
    with pytest.raises(LookupError, match=r"expected one test:index:Vault 'w' in stack 'dev', found 0; there: 'v'"):
        done.one("test:index:Vault", "w")
