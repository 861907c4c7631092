"""The commands that pages tell people to type are about things that there are. Those of kubectl need AIRFLOW_CHART."""

from __future__ import annotations

import importlib.util
import json
import re

import pytest

from components.telemetry import ADDON_NAMESPACE
from plan.program import CHECKOUT
from tests.commands import Command, commands, pages, parsed
from tests.program.conftest import planned
from tests.program.judges.manifests import Manifest
from tests.program.rendered import airflow_manifests

STACK = "prod"
KINDS = {
    "cronjob": "CronJob",
    "deploy": "Deployment",
    "node": "Node",
    "nodepool": "NodePool",
    "pod": "Pod",
    "scaledobject": "ScaledObject",
    "secret": "Secret",
    "secrets": "Secret",
    "service": "Service",
    "targetgroupbinding": "TargetGroupBinding",
}
# https://kubernetes.io/docs/reference/kubectl/generated/: what each may be given here, besides --namespace.
OPTIONS = {
    "annotate": {"--all", "--overwrite"},
    "delete": {"--force", "--selector"},
    "describe": {"--selector"},
    "exec": {"--container"},
    "get": {"--output", "--selector"},
    "logs": {"--container", "--previous", "--selector", "--since", "--tail"},
    "patch": {"--patch"},
    "port-forward": set[str](),
    "rollout": set[str](),
    "scale": {"--replicas", "--selector"},
    "wait": {"--all", "--for", "--selector", "--timeout"},
}
# https://github.com/kedacore/keda/blob/v2.20.2/apis/keda/v1alpha1/scaledobject_types.go
ANNOTATIONS = {"autoscaling.keda.sh/paused-replicas"}


def objects() -> list[Manifest]:
    """What is in the cluster: what the chart makes, and what the program does."""
    program = [
        {"kind": each.type.rpartition(":")[2], **each.plain_inputs}
        for each in planned(STACK).resources
        if each.type.startswith("kubernetes:")
    ]
    return [*airflow_manifests(STACK), *program]


def kubectl() -> list[Command]:
    """But those about Helm's own records, which come and go with its revisions."""
    return [
        each
        for each in commands("kubectl")
        if len(each.words) > 1 and not any(word.startswith(("owner=helm", "sh.helm.release.")) for word in each.words)
    ]


def named(command: Command) -> tuple[str, str | None]:
    """Kind and name of what a command of kubectl is about; no name where it is about all of a kind."""
    words = [word for word in command.own if word not in ("kubectl", "restart") and word not in OPTIONS]
    subject = next(word for word in words if word.partition("/")[0] in KINDS)
    kind, _, name = subject.partition("/")
    following = words[words.index(subject) + 1 : words.index(subject) + 2]
    return KINDS[kind], name or next((word for word in following if not word.startswith("-")), None)


def known(kind: str) -> dict[str, Manifest]:
    return {each["metadata"]["name"]: each for each in objects() if each["kind"] == kind}


def namespaces() -> set[str]:
    """Those of the program, and the one that the add-on of CloudWatch brings."""
    return {*known("Namespace"), ADDON_NAMESPACE}


def test_shell_is_read_as_a_shell_reads_it() -> None:
    """Substitutions, functions, pipes, loops, comments and quotes that go on are taken apart."""
    source = """
        A=$(aws rds x "$B") \\
          --y
        f() { make z; }
        kubectl get 'a
        b' | jq . # 'no
        while read n; do helm "$n"; done < f
    """
    assert list(parsed(source)) == [
        ("aws", "rds", "x", "$B"), ("make", "z"), ("kubectl", "get", "a\n        b"), ("jq", "."), ("helm", "$n"),
    ]  # fmt: skip


def test_what_a_command_runs_has_its_own_options() -> None:
    """What stands after `--` belongs to the command inside, a name that both know too."""
    words = ("kubectl", "exec", "deploy/a", "--container=b", "--", "airflow", "--state", "failed", "--namespace", "c")
    command = Command(page="", words=words)
    assert command.options == {"--container"}
    assert (command.option("--container"), command.option("--namespace")) == ("b", None)
    assert Command(page="", words=("kubectl", "get", "--output", "json")).options == {"--output"}


def test_there_are_commands_to_judge() -> None:
    """The pages are read: none of the judges below finds nothing to judge."""
    assert len(kubectl()) > 10
    assert len(commands("pulumi")) > 15


@pytest.mark.parametrize("command", kubectl(), ids=str)
def test_kubectl_is_told_of_what_exists(command: Command) -> None:
    """Namespace, kind, name, container, label and option of each command are those of the plan and of the chart."""
    verb = next(word for word in command.own if word in OPTIONS)
    assert command.options <= OPTIONS[verb] | {"--namespace"}, verb
    assert command.option("--namespace") in {*namespaces(), *({None} if verb == "describe" else ())}
    kind, name = named(command)
    if name and not name.startswith("$"):
        assert name in known(kind)
    if container := command.option("--container"):
        pod = known(kind)[str(name)]["spec"]["template"]["spec"]
        assert container in {each["name"] for each in pod["containers"]}
    if selector := command.option("--selector"):
        label, value = re.split("!?=", selector)
        workloads = [each for each in objects() if each["kind"] in ("Deployment", "CronJob")]
        assert value in {each["metadata"]["labels"].get(label) for each in workloads}
    for key in (re.split("[=-]$|=", word)[0] for word in command.own if ".sh/" in word):
        assert key in ANNOTATIONS


def test_patches_are_of_fields_that_exist() -> None:
    """What a page patches is a field that the manifest's kind has; it is JSON."""
    patches = [command for command in kubectl() if command.option("--patch")]
    assert {json.dumps(json.loads(str(each.option("--patch")))) for each in patches} == {
        '{"spec": {"suspend": true}}', '{"spec": {"suspend": false}}',
    }  # fmt: skip
    assert {named(each)[0] for each in patches} == {"CronJob"}


def test_keys_of_secrets_exist() -> None:
    """A page that prints a key of a Secret prints one that it has."""
    printed = [each for each in kubectl() if named(each)[0] == "Secret"]
    assert printed
    for command in printed:
        _, name = named(command)
        (key,) = re.findall(r"\.data\.(\w+)", str(command.option("--output")))
        assert key in known("Secret")[str(name)]["stringData"]


def test_urns_are_those_of_the_ledger() -> None:
    """Every URN of a page, and every name of a secret to rotate, is a resource of the stack."""
    ledger = (CHECKOUT / f"tests/program/ledger/{STACK}.txt").read_text(encoding="utf-8").split()
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages())
    urns = re.findall(r"urn:pulumi:[^\s'`]+", text)
    names = re.findall(r"^\| [^|]+ \| `(alisio-prod-[a-z-]+)` \|", text, re.MULTILINE)
    assert len(urns) >= 2
    assert [urn for urn in urns if urn not in ledger] == []
    assert len(names) == 5
    assert [name for name in names if not any(urn.endswith(f"RandomPassword::{name}") for urn in ledger)] == []


def test_outputs_of_the_stack_exist() -> None:
    """`pulumi stack output NAME` names an export of the program."""
    asked = [each.words[3] for each in commands("pulumi") if each.words[1:3] == ("stack", "output") and each.words[3:]]
    assert asked
    assert set(asked) <= set(planned(STACK).outputs)


def test_modules_that_are_run_exist() -> None:
    """`python -m NAME` names a module of ours that can be run, or one of Python's own."""
    modules = {each.words[2] for each in commands("python") if each.words[1:2] == ("-m",)} - {"pip", "pytest"}
    assert "scripts.dags" in modules
    for module in modules:
        runnable = [CHECKOUT / module.replace(".", "/") / "__main__.py", CHECKOUT / f"{module.replace('.', '/')}.py"]
        assert any(path.is_file() for path in runnable) or importlib.util.find_spec(module), module
