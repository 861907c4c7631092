"""In CI a skipped test is a failure, unless `skips.toml` names it and says why.

A green run with skips looks like a run in which everything holds. Every folder of tests uses this plugin.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Generator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
"""Resolved, as `pythonpath = ../..` of a folder of tests would stay in it."""


@dataclass(frozen=True)
class Excuse:
    """Tests that may be skipped in CI."""

    tests: str
    """`file::name`, where `*` in the name stands for any text. The file's path begins at the checkout."""
    without: str
    """What is missing: an environment variable, or `root`. Where it is there, the excuse does not count."""
    reason: str

    @property
    def file(self) -> str:
        return self.tests.partition("::")[0]

    @property
    def counts(self) -> bool:
        return os.geteuid() != 0 if self.without == "root" else not os.environ.get(self.without)

    def covers(self, test: str) -> bool:
        # A bracket in a test's name stands for itself.
        return fnmatchcase(test, self.tests.replace("[", "[[]"))


def read(file: Path) -> list[Excuse]:
    """The list in a file."""
    return [Excuse(**entry) for entry in tomllib.loads(file.read_text(encoding="utf-8")).get("skip", [])]


class Skips:
    """Turns each skip without an excuse into a failure, and reports excuses that nothing needs."""

    def __init__(self, excuses: list[Excuse], checkout: Path = CHECKOUT) -> None:
        self.checkout = checkout
        self.excuses = [excuse for excuse in excuses if excuse.counts]
        self.missing = [excuse for excuse in excuses if not (checkout / excuse.file).is_file()]
        self.deselected = False
        self.collected: list[str] = []
        self.finished: set[str] = set()
        self.skipped: set[str] = set()

    def name(self, item: pytest.Item | pytest.Collector) -> str:
        """A test's id from the checkout on, wherever pytest has its root."""
        file = item.path.relative_to(self.checkout) if item.path.is_relative_to(self.checkout) else item.path
        _, separator, rest = item.nodeid.partition("::")
        return f"{file.as_posix()}{separator}{rest}"

    def pytest_deselected(self) -> None:
        self.deselected = True

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.collected = [self.name(item) for item in session.items]

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        if report.skipped:
            self._judge(report, self.name(collector))
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        name = self.name(item)
        self.finished.add(name)
        # An expected failure is reported as a skip, too.
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped.add(name)
            self._judge(report, name)
        return report

    def _judge(self, report: Any, name: str) -> None:
        if any(excuse.covers(name) for excuse in self.excuses):
            return
        said: Any = report.longrepr
        # Of a skip it is the file, the line and the reason.
        reason = said[2] if isinstance(said, tuple) else said  # pyright: ignore[reportUnknownVariableType]
        report.outcome = "failed"
        report.longrepr = f"{name}: {reason}\nIn CI this is a failure: tests/skips.toml has no excuse for it."

    def leftovers(self, arguments: list[str]) -> list[str]:
        """Excuses that nothing needs. Judged only for files that were run whole."""
        found = [f"{excuse.tests}: there is no such file" for excuse in self.missing]
        if self.deselected or self.finished != set(self.collected) or any("::" in each for each in arguments):
            return found
        files = {name.partition("::")[0] for name in self.collected}
        return found + [
            f"{excuse.tests}: no such test was skipped"
            for excuse in self.excuses
            if excuse.file in files and not any(excuse.covers(name) for name in self.skipped)
        ]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.leftovers(session.config.args) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        for line in self.leftovers(config.args):
            terminalreporter.write_line(f"tests/skips.toml: {line}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("CI"):
        config.pluginmanager.register(Skips(read(CHECKOUT / "tests" / "skips.toml")))
