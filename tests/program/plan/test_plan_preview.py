from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pulumi_random as random
import pytest
from small_programs import Passthrough, Vault, run

from plan import UNKNOWN, Secret

# Importing pulumi_eks warns of its own NodeGroup.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pulumi_eks.*")


def test_a_preview_knows_inputs_only() -> None:
    """Before the first deployment, what a provider computes is unknown, and so is all that is made of it."""

    def program() -> None:
        key = aws.kms.Key("key", description="known")
        pulumi.export("arn", key.arn)
        pulumi.export("id", key.id)
        pulumi.export("description", key.description)
        pulumi.export("text", pulumi.Output.concat(key.description, " ", key.arn))

    assert run(program, preview=True).outputs == {
        "arn": UNKNOWN,
        "id": UNKNOWN,
        "description": "known",
        "text": UNKNOWN,
    }


def test_a_preview_of_a_secret_is_an_unknown_secret() -> None:
    """That a value is not known yet does not make it public."""

    def program() -> None:
        password = Vault("v").password
        Passthrough("p", {"url": pulumi.Output.concat("redis://", password)})
        pulumi.export("password", password)

    done = run(program, preview=True)

    assert done.outputs["password"] == Secret(UNKNOWN)
    assert done.one("test:index:Passthrough").inputs == {"url": Secret(UNKNOWN)}
    assert done.one("test:index:Passthrough").secret_inputs == ("url",)


def test_an_apply_of_an_unknown_does_not_run() -> None:
    """A preview never calls a function with a value that nobody knows."""
    seen: list[str] = []

    def program() -> None:
        random.RandomId("id", byte_length=4).hex.apply(seen.append)
        pulumi.export("preview", pulumi.runtime.is_dry_run())

    assert run(program, preview=True).outputs == {"preview": True}
    assert seen == []
    run(program)
    assert len(seen) == 1


def test_a_preview_registers_what_an_update_registers() -> None:
    """Both modes see the same resources, with the same dependencies."""

    import pulumi_eks as eks

    def program() -> None:
        vault = Vault("v")
        cluster = eks.Cluster("c", name="c")
        Passthrough("p", {"a": vault.password, "b": cluster.eks_cluster.arn})

    update, preview = run(program), run(program, preview=True)

    assert [each.urn for each in update.resources] == [each.urn for each in preview.resources]
    assert [each.dependencies for each in update.resources] == [each.dependencies for each in preview.resources]


def _cluster() -> None:
    import pulumi_eks as eks

    cluster = eks.Cluster("c", name="my-cluster", version="1.35")
    pulumi.export("name", cluster.eks_cluster.name)
    pulumi.export("arn", cluster.eks_cluster.arn)
    pulumi.export("endpoint", cluster.eks_cluster.endpoint)
    pulumi.export("issuer", cluster.eks_cluster.identities[0].oidcs[0].issuer)
    pulumi.export("group", cluster.cluster_security_group_id)
    pulumi.export("role", cluster.auto_mode_node_role_name)
    pulumi.export("server", cluster.kubeconfig["clusters"][0]["cluster"]["server"])
    pulumi.export("json", cluster.kubeconfig_json)
    provider = kubernetes.Provider("k", kubeconfig=cluster.kubeconfig_json, cluster_identifier="my-cluster")
    kubernetes.core.v1.Namespace("n", opts=pulumi.ResourceOptions(provider=provider))


def test_the_eks_component_answers_with_a_cluster() -> None:
    """The cluster inside the remote component can be used like one that the program made itself."""
    done = run(_cluster, config={"aws:region": "eu-west-1", "aws:allowedAccountIds": '["111122223333"]'})
    outputs = done.outputs

    assert outputs["name"] == "my-cluster"
    assert outputs["arn"] == "arn:aws:eks:eu-west-1:111122223333:cluster/my-cluster"
    assert outputs["endpoint"].endswith(".gr7.eu-west-1.eks.amazonaws.com")
    assert outputs["server"] == outputs["endpoint"]
    assert outputs["issuer"].startswith("https://oidc.eks.eu-west-1.amazonaws.com/id/")
    assert outputs["group"].startswith("sg-0")
    assert '"get-token"' in outputs["json"]
    assert done.one("kubernetes:core/v1:Namespace").provider == done.one("pulumi:providers:kubernetes").urn
    assert done.one("eks:index:Cluster").remote


def test_the_eks_component_is_unknown_in_a_preview() -> None:
    """Nothing of the cluster is known before it exists, and the program does not stumble over that."""
    assert set(run(_cluster, preview=True).outputs.values()) == {UNKNOWN}


@pytest.mark.parametrize("preview", [False, True])
def test_kubernetes_objects_have_a_name_and_a_namespace(*, preview: bool) -> None:
    """Its provider names an object before it makes it: the given name, or a stable one."""

    def program() -> None:
        made = {
            "given": kubernetes.core.v1.ConfigMap("given", metadata={"name": "n", "namespace": "ns"}),
            "labels": kubernetes.core.v1.ConfigMap("labels", metadata={"labels": {"a": "b"}}),
            "none": kubernetes.core.v1.ConfigMap("none"),
        }
        for name, each in made.items():
            pulumi.export(name, each.metadata.apply(lambda known: f"{known.namespace}/{known.name}"))
        pulumi.export("cluster", kubernetes.core.v1.Namespace("whole").metadata.namespace)

    outputs: dict[str, Any] = run(program, preview=preview).outputs

    assert outputs["given"] == "ns/n"
    assert outputs["none"].startswith("default/none-")
    assert outputs["labels"].startswith("default/labels-")
    assert outputs.get("cluster") is None
