"""Secrets: generated, marked as such from birth, and shown nowhere."""

from __future__ import annotations

import base64
from urllib.parse import urlsplit

import pytest

from plan import Deployment, Secret, leaks, plan_stack
from plan.report import to_json
from plan.values import values_yaml
from plan.wire import walk
from refused import Refused
from tests.program.conftest import planned

SECRET = "kubernetes:core/v1:Secret"
MARKED = {
    ("aws:elasticache/replicationGroup:ReplicationGroup", "cache"): ("authToken",),
    ("aws:rds/instance:Instance", "data-store-instance"): ("password",),
    # The SDK marks the whole of it.
    (SECRET, "airflow-admin"): ("stringData",),
    (SECRET, "airflow-api"): ("stringData",),
    (SECRET, "airflow-broker"): ("stringData",),
    (SECRET, "airflow-fernet"): ("stringData",),
    (SECRET, "airflow-flower"): ("stringData",),
    (SECRET, "airflow-jwt"): ("stringData",),
    (SECRET, "airflow-metadata"): ("stringData",),
    (SECRET, "airflow-results"): ("stringData",),
}
GENERATED = ("admin", "api-secret-key", "flower", "jwt-secret")


def content(deployment: Deployment, name: str, key: str) -> str:
    """What a Secret of Airflow holds under a key."""
    secret = deployment.one(SECRET, f"alisio-{deployment.stack}-airflow-{name}")
    return str(secret.plain_inputs["stringData"][key])


def test_no_secret_stands_in_the_clear(any_run: Deployment) -> None:
    """No generated secret is in a plain input, an output, an export, a name or a message, not even encoded."""
    assert leaks(any_run) == ()


def test_the_secret_inputs_are_exactly_these(any_run: Deployment) -> None:
    """What is marked as a secret is what holds one, in updates and in previews."""
    prefix = f"alisio-{any_run.stack}-"
    found = {
        (each.type, each.name.removeprefix(prefix)): each.secret_inputs
        for each in any_run.resources
        if each.secret_inputs
    }
    assert found == MARKED


def test_every_generated_secret_is_used(stack: Deployment) -> None:
    """Each password and key arrives in a secret input: the search for leaks has something to find."""
    held = [str(leaf.value) for each in stack.resources for _, leaf in walk(each.inputs) if isinstance(leaf, Secret)]
    generators = [
        *stack.of_type("random:index/randomPassword:RandomPassword"),
        *stack.of_type("random:index/randomBytes:RandomBytes"),
    ]
    assert len(generators) == 7
    for generator in generators:
        answer = generator.outputs.get("result") or generator.outputs["base64"]
        secret = answer.value if isinstance(answer, Secret) else answer
        urlsafe = secret.replace("+", "-").replace("/", "_")
        assert any(secret in text or urlsafe in text for text in held), generator.urn


def test_generated_passwords_are_long_and_safe_in_urls(stack: Deployment) -> None:
    """At least 40 letters and digits: nothing for a URL or ConfigParser to trip over."""
    for each in stack.of_type("random:index/randomPassword:RandomPassword"):
        assert each.plain_inputs["length"] >= 40, each.urn
        assert each.plain_inputs["special"] is False, each.urn


def test_components_give_their_uris_as_secrets(any_run: Deployment) -> None:
    """A URI with a password in it is secret wherever the component hands it."""
    data_store = any_run.one("alisio:aws:DataStore").outputs
    for holder, key in ((data_store, "uri"), (data_store, "resultBackendUri"), (cache_outputs(any_run), "uri")):
        assert isinstance(holder[key], Secret), key


def cache_outputs(deployment: Deployment) -> dict[str, object]:
    return deployment.one("alisio:aws:Cache").outputs


def test_exports_hold_no_secret(any_run: Deployment) -> None:
    """`pulumi stack output` shows nothing that had to be hidden."""
    assert not any(isinstance(leaf, Secret) for _, leaf in walk(any_run.outputs))


def test_uris_name_their_driver_and_demand_tls(stack: Deployment) -> None:
    """Database URIs carry no sslmode, which asyncpg refuses; the broker's demands a certificate that is valid."""
    database = stack.one("aws:rds/instance:Instance")
    for name, scheme in (("metadata", "postgresql"), ("results", "db+postgresql")):
        uri = urlsplit(content(stack, name, "connection"))
        assert (uri.scheme, uri.path, uri.query, uri.port) == (scheme, "/airflow", "", 5432)
        assert uri.hostname == database.outputs["address"]
        assert (uri.username, uri.password) == ("airflow", database.plain_inputs["password"])

    broker = urlsplit(content(stack, "broker", "connection"))
    assert (broker.scheme, broker.port, broker.query) == ("rediss", 6379, "ssl_cert_reqs=CERT_REQUIRED")
    assert broker.password == stack.one("aws:elasticache/replicationGroup:ReplicationGroup").plain_inputs["authToken"]


def test_the_fernet_key_is_one(stack: Deployment) -> None:
    """Fernet takes 32 bytes in the alphabet of base64 that is safe in URLs."""
    key = content(stack, "fernet", "fernet-key")
    assert len(base64.b64decode(key, altchars=b"-_", validate=True)) == 32


def test_no_two_uses_share_a_secret(stack: Deployment) -> None:
    """Who learns Flower's password knows nothing of the others."""
    keys = {"admin": "password", "api": "api-secret-key", "flower": "basicAuth", "jwt": "jwt-secret"}
    found = {content(stack, name, key).removeprefix("flower:") for name, key in keys.items()}
    assert len(found) == len(GENERATED)


@pytest.fixture(scope="module")
def rotated() -> Deployment:
    """`dev` in the middle of a rotation of its Fernet key."""
    return plan_stack("dev", config_overrides={"airflow": {"fernetKeys": ["second", "first"]}})


def test_rotation_puts_the_new_fernet_key_first(rotated: Deployment) -> None:
    """The new key encrypts, and what the old one encrypted can still be read."""
    new, old = content(rotated, "fernet", "fernet-key").split(",")
    assert old == content(planned("dev"), "fernet", "fernet-key")
    assert new != old


def test_a_rotated_secret_rolls_the_pods(rotated: Deployment) -> None:
    """The pods' annotation changes with a secret, and tells nothing of it."""
    annotations = [
        each.one("kubernetes:helm.sh/v3:Release", "alisio-dev-airflow").inputs["values"]["airflowPodAnnotations"]
        for each in (planned("dev"), rotated)
    ]
    before, after = (each["checksum/alisio-secrets"] for each in annotations)
    assert before != after
    assert all(len(each) == 64 and int(each, 16) for each in (before, after))


SEALED = {"smtp": {"smtp_password": {"secure": "djE6"}, "smtp_user": {"secure": "djI6"}}}


@pytest.fixture(scope="module")
def configured() -> Deployment:
    """`dev` with options of airflow.cfg that are encrypted in its file."""
    return plan_stack("dev", config_overrides={"secretConfig": SEALED})


def test_a_secret_option_goes_from_the_file_to_the_pods_and_nowhere_else(configured: Deployment) -> None:
    """It is a variable that comes from a Secret; no plan, value or message shows it, and it rolls the pods."""
    variables = {f"AIRFLOW__SMTP__SMTP_{key}" for key in ("PASSWORD", "USER")}
    (secret,) = (each for each in configured.of_type(SECRET) if each.name == "alisio-dev-airflow-config")
    content = secret.plain_inputs["stringData"]
    assert set(content) == variables
    assert secret.secret_inputs == ("stringData",)
    values = configured.one("kubernetes:helm.sh/v3:Release", "alisio-dev-airflow").inputs["values"]
    named = {(each["envName"], each["secretName"], each["secretKey"]) for each in values["secret"]}
    assert named == {(each, "alisio-config", each) for each in variables}
    assert leaks(configured) == ()
    shown = values_yaml(configured) + to_json(configured)
    assert not any(value in shown for value in content.values())
    before = planned("dev").one("kubernetes:helm.sh/v3:Release", "alisio-dev-airflow").inputs["values"]
    key = "checksum/alisio-secrets"
    assert values["airflowPodAnnotations"][key] != before["airflowPodAnnotations"][key]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("airflow", {"config": {"smtp": {"smtp_mail_from": {"secure": "djE6"}}}}),
        ("airflow", {"values": {"env": [{"name": "A", "value": {"secure": "djE6"}}]}}),
        ("deployer", {"secure": "djE6"}),
        ("aws:region", {"secure": "djE6"}),
    ],
)
def test_an_encrypted_value_elsewhere_is_refused_unread(key: str, value: object) -> None:
    """Where a setting would show what is encrypted, the way is named, and the value is not."""
    full = key if ":" in key else f"alisio:{key}"
    with pytest.raises(Refused) as caught:
        plan_stack("dev", config_overrides={key: value})
    (line,) = (each.strip() for each in str(caught.value).splitlines() if each.strip().startswith(full))
    assert line.startswith(
        f"{full}: holds an encrypted value, which would be shown in the clear; only alisio:secretConfig"
    )
    assert "Sentinel" not in str(caught.value)


def test_a_secret_option_must_be_encrypted() -> None:
    """A plain text in the file of a stack in AWS is refused with the command that encrypts it, and is not repeated."""
    with pytest.raises(Refused, match="alisio:secretConfig: is not encrypted; `pulumi config set --secret") as caught:
        plan_stack("dev", config_overrides={"secretConfig": {"smtp": {"smtp_password": "hunter2"}}})
    assert "hunter2" not in str(caught.value)
