"""What the real CLI reads in a stack file, and what the settings read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from settings.stack_file import StackFileError, configuration
from tests.engine.engine import Engine
from tests.engine.project import Project
from tests.yamls import READ, REFUSED, STRICTER, stack_file

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, pulumi: None) -> Engine:  # noqa: ARG001
    """A project whose stack file has nothing but what a test writes."""
    folder = tmp_path_factory.mktemp("yaml")
    project = Project(folder / "project")
    (project.folder / "Pulumi.yaml").write_text("name: alisio\nruntime: python\n", encoding="utf-8")
    engine = Engine(project, folder / "home", providers={})
    engine.init("fresh")
    return engine


def write(engine: Engine, text: str) -> None:
    engine.project.stack_file("fresh").write_text(text, encoding="utf-8")


def test_every_value_is_the_same_to_the_cli(engine: Engine) -> None:
    """The plan, the local platform and `pulumi up` read one file as one configuration."""
    keys = {f"alisio:key{number}": value for number, value in enumerate(READ)}
    first, *_ = stack_file("x").splitlines()
    entries = [stack_file(value, key).removeprefix(first) for key, value in keys.items()]
    write(engine, first + "".join(entries))
    theirs: dict[str, Any] = json.loads(engine.run("config", "--json", "--stack", "fresh"))
    ours = configuration(engine.project.stack_file("fresh"))
    for key, text in keys.items():
        assert ours[key] == json.loads(theirs[key]["value"]), text
        assert json.dumps(ours[key], sort_keys=True) == json.dumps(json.loads(theirs[key]["value"]), sort_keys=True), (
            text
        )


def test_what_is_refused_here_is_refused_by_the_cli_or_read_as_nobody_means(engine: Engine) -> None:
    """Nothing is refused without a reason, and nothing that the CLI refuses is read."""
    for text in REFUSED:
        write(engine, stack_file(text))
        with pytest.raises(StackFileError):
            configuration(engine.project.stack_file("fresh"))
        assert engine.start("config", "--json", "--stack", "fresh").wait().code != 0, text
    write(engine, stack_file(STRICTER[0]))
    assert engine.start("config", "--json", "--stack", "fresh").wait().code == 0
