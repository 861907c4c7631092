"""What is wrong is said before anything happens: a line for each mistake, with path, value and what is allowed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from plan import plan_stack
from refused import Refused
from settings.yaml_file import read_yaml_text
from tests.program.settings.case import MINIMAL, Case, config, lines_of, message_of
from tests.program.settings.cases import CASES
from tests.program.settings.cases_rules import STACK_NAMES

CHECKOUT = Path(__file__).parents[3]
ONE_OF_EACH = {
    case.settings.partition(": ")[0]: case
    for case in CASES
    if "\n" not in case.settings and "REMOVED" not in case.settings and case.kind not in ("type", "unknown")
}
"""A wrong setting of each top-level key; a wrong type of one of these is refused by the CLI itself."""
TWELVE = """
zebra: {}
production: true
protect: false
deployer: jane
viewers: arn:aws:iam::111122223333:role/analyst
network: {cidr: 172.20.0.0/16, nat: perZone}
dataStore: {storageGib: 10, multiAz: sometimes, backupWindow: noon}
cache: {replicas: 0}
buckets: {logDay: 9}
cluster: {publicAccessCidrs: [203.0.113.0/24]}
airflow: {workerGroups: [{name: a, cpu: 2}]}
aws:region: Ireland
"""
TWELVE_LINES = [
    "alisio:zebra: unknown setting; known are access, accessSecret, administrators, airflow, buckets, cache, cluster, "
    "dataStore, deployer, ingress, monitoring, network, production, protect, secretConfig, viewers",
    'alisio:deployer: "jane": the ARN of an IAM role or user, such as arn:aws:iam::111122223333:role/admin '
    "(of a role, not of a session: no sts, no assumed-role)",
    'alisio:viewers: "arn:aws:iam::111122223333:role/analyst": a list (put it in brackets)',
    "alisio:dataStore.storageGib: 10: at least 20",
    'alisio:dataStore.multiAz: "sometimes": true or false',
    'alisio:dataStore.backupWindow: "noon": a daily window in UTC of at least 30 minutes, such as 02:00-03:00',
    "alisio:buckets.logDay: unknown setting; did you mean logDays?",
    "alisio:airflow.workerGroups[0].cpu: 2: a text (put it in quotes)",
    'aws:region: "Ireland": a region of AWS\'s commercial partition, such as eu-west-1',
    'alisio:cluster.serviceCidr: "172.20.0.0/16": overlaps the VPC\'s 172.20.0.0/16; choose another private network',
    "alisio:protect: false: must be true while alisio:production is true",
    "alisio:cache.replicas: 0: at least 1 while alisio:production is true",
]


@pytest.mark.parametrize("wrong", CASES, ids=[case.name for case in CASES])
def test_every_mistake_is_one_line_that_says_where_what_and_what_instead(wrong: Case) -> None:
    """A wrong setting is answered by its lines and no others."""
    assert lines_of(wrong.settings) == list(wrong.lines)


def test_the_table_is_large_and_repeats_nothing() -> None:
    """Each case of the table is another mistake."""
    assert len(CASES) >= 75
    assert [name for name, count in Counter(case.name for case in CASES).items() if count > 1] == []
    assert [settings for settings, count in Counter(case.settings for case in CASES).items() if count > 1] == []


def test_all_mistakes_are_listed_at_once() -> None:
    """Mistakes of all components come in one message, and a rule between two valid components is asked while a third
    is broken: production with a single broker is refused although the data store cannot be read."""
    assert message_of(TWELVE) == ["Pulumi.dev.yaml has 12 mistakes:", *(f"  {line}" for line in TWELVE_LINES)]


def test_one_mistake_is_counted_as_one() -> None:
    """The header names the file and counts."""
    assert message_of("zebra: 1", stack="prod")[0] == "Pulumi.prod.yaml has 1 mistake:"


@pytest.mark.parametrize("name", STACK_NAMES)
def test_a_name_of_a_stack_that_aws_would_refuse_is_refused_first(name: str) -> None:
    """Pulumi allows capitals, dots, underscores and 100 characters; databases, buckets and load balancers do not."""
    assert lines_of("", stack=name) == list(STACK_NAMES[name])


def test_a_worker_group_may_not_make_its_role_too_long() -> None:
    """Stack and worker group together fit into the 64 characters of an IAM role."""
    longest = 64 - len("alisio-integration-tests-airflow-worker-") - 8
    fits, too_long = "g" * longest, "g" * (longest + 1)
    assert lines_of(f"airflow: {{workerGroups: [{{name: {fits}}}]}}", stack="integration-tests") == []
    assert lines_of(f"airflow: {{workerGroups: [{{name: {too_long}}}]}}", stack="integration-tests") == [
        f'alisio:airflow.workerGroups[0].name: "{too_long}": too long for an IAM role of this stack (64 characters); '
        "shorten it by 1"
    ]


def test_an_asset_may_not_make_its_queues_too_long() -> None:
    """Stack and asset together fit into the 80 characters of a queue, that of dead letters included."""
    longest = 80 - len("alisio-integration-tests-events-") - len("-dead-letter") - 8
    watches = [f"buckets: {{watches: [{{prefix: a/, asset: {'a' * length}}}]}}" for length in (longest, longest + 1)]
    assert lines_of(watches[0], stack="integration-tests") == []
    assert lines_of(watches[1], stack="integration-tests") == [
        f'alisio:buckets.watches[0].asset: "{"a" * (longest + 1)}": too long for a dead-letter queue of this stack '
        "(80 characters); shorten it by 1"
    ]


def test_a_mistake_never_shows_a_secret() -> None:
    """What the platform guards may be a secret; the message names the place and keeps the value to itself."""
    settings = "airflow: {config: {core: {fernet_key: hush}, CELERY: {Broker_Url: hush}, api: {secret_key: hush}}}"
    message = "\n".join(message_of(settings))
    assert "3 mistakes" in message
    assert "hush" not in message


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The types of all resources that the program makes, but for the stack itself."""
    types: list[str] = []
    original = pulumi.Resource.__init__

    def init(self: pulumi.Resource, t: str, *args: Any, **options: Any) -> None:
        if t != "pulumi:pulumi:Stack":
            types.append(t)
        original(self, t, *args, **options)

    monkeypatch.setattr(pulumi.Resource, "__init__", init)
    return types


def test_wrong_settings_stop_the_real_program_before_any_resource(made: list[str]) -> None:
    """The program raises the message itself, and has made nothing by then; with right settings it makes much."""
    with pytest.raises(Refused) as caught:
        plan_stack("dev", config_overrides={"cache": {"nodeTyp": "cache.t4g.micro"}})
    assert str(caught.value).splitlines() == [
        "Pulumi.dev.yaml has 1 mistake:",
        "  alisio:cache.nodeTyp: unknown setting; did you mean nodeType?",
    ]
    assert made == []
    plan_stack("dev")
    assert len(made) > 50


PROGRAM = (
    "__main__.py",
    "Pulumi.yaml",
    "chart",
    "components",
    "console.py",
    "dags",
    "health",
    "refused.py",
    "releases",
    "runtime",
    "settings",
    "versions.py",
)
"""What `python -m plan` needs beside the folder `plan`."""


def project(directory: Path, settings: str) -> Path:
    """The project with a stack file of these settings."""
    for name in PROGRAM:
        (directory / name).symlink_to(CHECKOUT / name)
    (directory / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config(settings)}))
    return directory


@pytest.mark.parametrize("wrong", ONE_OF_EACH.values(), ids=ONE_OF_EACH.keys())
def test_a_stack_file_goes_all_the_way_to_its_message(wrong: Case, tmp_path: Path) -> None:
    """What a stack file says wrong is what the real program answers: YAML, Pulumi's strings and JSON change nothing."""
    with pytest.raises(Refused) as caught:
        plan_stack("dev", project_dir=project(tmp_path, wrong.settings))
    lines = [line for line in str(caught.value).splitlines()[1:] if ": is not encrypted; " not in line]
    assert lines == [f"  {line}" for line in wrong.lines]


def test_a_folder_of_dags_goes_all_the_way_to_its_message(tmp_path: Path) -> None:
    """What is wrong with the DAGs stops the program before the first resource, in words and not with a traceback."""
    place = project(tmp_path, "")
    (place / "dags").unlink()
    (place / "dags").mkdir()
    (place / "dags" / "link.py").symlink_to(CHECKOUT / "versions.py")
    with pytest.raises(Refused, match=r"'link\.py' is a link"):
        plan_stack("dev", project_dir=place)


def test_the_command_line_shows_the_message_and_nothing_else(tmp_path: Path) -> None:
    """`python -m plan dev` on a wrong file: the message on stderr, exit code 2, no traceback, no plan."""
    project(tmp_path, "cache: {replicas: 9}\nnetwork: {zones: [A, b]}")
    shutil.copytree(CHECKOUT / "plan", tmp_path / "plan")
    shown = subprocess.run(
        [sys.executable, "-m", "plan", "dev"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert shown.stderr.splitlines() == [
        "Pulumi.dev.yaml has 2 mistakes:",
        '  alisio:network.zones[0]: "A": the letter of a zone: a to f',
        "  alisio:cache.replicas: 9: at most 5",
    ]
    assert shown.stdout == ""
    assert shown.returncode == 2


def test_the_minimal_stack_of_the_table_is_right() -> None:
    """Each case is wrong by what it says, and by nothing that stands around it."""
    assert read_yaml_text(MINIMAL, "minimal")
    assert message_of("") == []
