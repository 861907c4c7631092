from __future__ import annotations

import base64
import string
from collections.abc import Callable
from urllib.parse import quote_plus

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pulumi_random as random
import pytest
from pulumi import Output, ResourceOptions
from small_programs import Passthrough, Vault, run

from plan import Secret, leaks
from plan.wire import plain


def test_generated_secrets_are_secret_outputs() -> None:
    """What the random provider declares secret is secret wherever the program uses it, and nothing else is."""

    def program() -> None:
        password = random.RandomPassword("password", length=20)
        data = random.RandomBytes("bytes", length=32)
        number = random.RandomId("id", byte_length=8)
        pulumi.export("result", password.result)
        pulumi.export("bcrypt", password.bcrypt_hash)
        pulumi.export("base64", data.base64)
        pulumi.export("hex", data.hex)
        pulumi.export("id", number.hex)

    outputs = run(program).outputs

    assert {name for name, value in outputs.items() if isinstance(value, Secret)} == {
        "result",
        "bcrypt",
        "base64",
        "hex",
    }


def test_generated_secrets_have_the_right_form() -> None:
    """Length and alphabet are what the resource asks for, so that the program's own checks and encodings work."""

    def program() -> None:
        for length in (8, 16, 40):
            pulumi.export(
                f"password-{length}", random.RandomPassword(f"p{length}", length=length, special=False).result
            )
        data = random.RandomBytes("bytes", length=32)
        pulumi.export("base64", data.base64)
        pulumi.export("hex", data.hex)

    outputs = plain(run(program).outputs)

    for length in (8, 16, 40):
        password = outputs[f"password-{length}"]
        assert len(password) == length
        assert set(password) <= set(string.ascii_letters + string.digits)
    assert base64.b64decode(outputs["base64"]) == bytes.fromhex(outputs["hex"])
    assert len(bytes.fromhex(outputs["hex"])) == 32


def test_two_secrets_differ() -> None:
    """Each resource has a secret of its own, which stays the same from run to run."""

    def program() -> None:
        pulumi.export("a", Vault("a").password)
        pulumi.export("b", Vault("b").password)

    first, second = run(program), run(program)

    assert first.outputs["a"] != first.outputs["b"]
    assert first.outputs == second.outputs


def test_additional_secret_outputs_are_secret() -> None:
    """The option marks an output of a custom resource, in an update and in a preview, also when nobody knows it yet."""

    def program() -> None:
        number = random.RandomId("id", byte_length=8, opts=ResourceOptions(additional_secret_outputs=["hex"]))
        pulumi.export("hex", number.hex)
        pulumi.export("dec", number.dec)

    for preview in (False, True):
        outputs = run(program, preview=preview).outputs
        assert isinstance(outputs["hex"], Secret)
        assert not isinstance(outputs["dec"], Secret)


def test_a_secret_input_is_a_secret_output() -> None:
    """A provider cannot make a secret public by answering it."""

    def program() -> None:
        pulumi.export("echoed", random.RandomId("id", byte_length=4, prefix=Output.secret("x")).prefix)
        pulumi.export("computed", aws.sqs.Queue("queue", name=Output.secret("x")).name)

    for preview in (False, True):
        assert run(program, preview=preview).outputs == {"echoed": Secret("x"), "computed": Secret("x")}


def test_secret_inputs_are_named_by_their_paths() -> None:
    """The path of a secret says where it is, down to the leaf that is secret."""

    def program() -> None:
        password = Vault("v").password
        Passthrough(
            "p",
            {
                "top": password,
                "deep": {"list": [1, {"key": password}], "with.dot": password},
                "open": "text",
            },
        )

    resource = run(program).one("test:index:Passthrough")

    assert resource.secret_inputs == ("deep.list[1].key", 'deep["with.dot"]', "top")
    assert resource.inputs["deep"]["list"][0] == 1
    assert resource.plain_inputs["top"] == resource.plain_inputs["deep"]["list"][1]["key"]
    assert resource.plain_inputs["top"].startswith("Sentinel")


def test_secrets_of_kubernetes_are_secret_by_themselves() -> None:
    """A Kubernetes Secret never shows its data, even if the program does not say that it is secret."""

    def program() -> None:
        kubernetes.core.v1.Secret("s", string_data={"password": "hunter2"}, metadata={"name": "s"})

    assert run(program).one("kubernetes:core/v1:Secret").secret_inputs == ("stringData",)


def test_a_clean_program_has_no_leaks() -> None:
    """Secrets in secret inputs, secret exports and secret component outputs are where they belong."""

    def program() -> None:
        password = Vault("v").password
        Passthrough("p", {"url": Output.concat("redis://:", password, "@host")})
        pulumi.export("password", password)

    assert leaks(run(program)) == ()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "in a URL": lambda text: f"redis://:{quote_plus(text)}@host:6379",
    "base64": _base64,
    "in base64": lambda text: _base64(f"{text}@host:6379"),
    "in base64, one further": lambda text: _base64(f":{text}@host:6379"),
    "in base64, two further": lambda text: _base64(f"/:{text}@host:6379"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_leak_is_found_wherever_it_is(encoding: str) -> None:
    """A secret that lost its mark is found in an input, an export, a component's output and a log, in any encoding."""
    encode = ENCODINGS[encoding]

    class Leaky(pulumi.ComponentResource):
        def __init__(self, text: Output[str]) -> None:
            super().__init__("test:index:Leaky", "leaky")
            self.register_outputs({"out": text})

    def program() -> None:
        text = Output.unsecret(Vault("v").password.apply(encode))
        Passthrough("p", {"deep": [{"a.b": text}]})
        Leaky(text)
        pulumi.export("export", text)
        text.apply(lambda clear: pulumi.log.info(clear))

    found = leaks(run(program))

    assert {(leak.where.rpartition("::")[2], leak.path) for leak in found} == {
        ("p", 'inputs.deep[0]["a.b"]'),
        ("p", 'outputs.deep[0]["a.b"]'),
        ("leaky", "outputs.out"),
        ("small-dev", "outputs.export"),
        ("small-dev", "log.info"),
    }


def test_a_leak_of_generated_bytes_is_found_in_both_alphabets_of_base64() -> None:
    """A Fernet key is the URL-safe form of what the provider generates: it is as secret as the other one."""

    def program() -> None:
        data = random.RandomBytes("bytes", length=32)
        fernet = Output.unsecret(data.base64).apply(lambda text: text.translate(str.maketrans("+/", "-_")))
        Passthrough("p", {"fernet": fernet, "standard": Output.unsecret(data.base64), "hex": Output.unsecret(data.hex)})

    found = {leak.path for leak in leaks(run(program)) if leak.path.startswith("inputs")}

    assert found == {"inputs.fernet", "inputs.standard", "inputs.hex"}


def test_an_asset_with_a_secret_text_is_a_leak() -> None:
    """The text of an asset is as readable as any other input."""

    def program() -> None:
        text = Output.unsecret(Vault("v").password)
        Passthrough("p", {"source": text.apply(lambda clear: pulumi.StringAsset(clear))})

    assert {leak.path for leak in leaks(run(program))} == {"inputs.source", "outputs.source"}
