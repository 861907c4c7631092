"""The plugin by which CI has no green skips: run on small folders of tests."""

from __future__ import annotations

import pytest

from tests.skips import CHECKOUT, Excuse, read

LIST = CHECKOUT / "tests" / "skips.toml"
PLUGIN = """
from pathlib import Path
from tests.skips import Excuse, Skips

def pytest_configure(config):
    excuses = [Excuse(tests=tests, without="SOME_CHART", reason="") for tests in {excuses}]
    config.pluginmanager.register(Skips(excuses, checkout=Path(__file__).parent))
"""
TESTS = """
import pytest

def test_runs(): pass

@pytest.mark.parametrize("number", [1, 2])
def test_wants_a_chart(number): pytest.skip("no chart")

@pytest.mark.skip(reason="never")
def test_never(): pass

@pytest.mark.xfail(reason="known")
def test_known(): assert False
"""
EXCUSED = ("test_it.py::test_wants_a_chart*", "test_it.py::test_never")


def run(
    pytester: pytest.Pytester, *excuses: str, tests: str = TESTS, arguments: tuple[str, ...] = ()
) -> pytest.RunResult:
    pytester.makeconftest(PLUGIN.format(excuses=excuses))
    pytester.makepyfile(test_it=tests)
    return pytester.runpytest("-p", "no:cacheprovider", *arguments)


def test_a_skip_without_an_excuse_fails(pytester: pytest.Pytester) -> None:
    """The failure names the test and the reason that was given. Expected failures are as they were."""
    found = run(pytester, EXCUSED[0])
    found.assert_outcomes(passed=1, skipped=2, errors=1, xfailed=1)
    found.stdout.fnmatch_lines(["test_it.py::test_never: *never", "In CI this is a failure:*"])


def test_a_listed_skip_passes(pytester: pytest.Pytester) -> None:
    """With an excuse for each, the run is green."""
    found = run(pytester, *EXCUSED)
    found.assert_outcomes(passed=1, skipped=3, xfailed=1)
    assert found.ret == pytest.ExitCode.OK


def test_a_skipped_module_fails(pytester: pytest.Pytester) -> None:
    """A whole file that is not collected is a skip, too."""
    found = run(pytester, tests='import pytest\npytest.importorskip("no_such_package")')
    assert found.ret != pytest.ExitCode.OK
    found.stdout.fnmatch_lines(["test_it.py: *no_such_package*"])


def test_an_excuse_does_not_count_where_nothing_is_missing(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the chart, a test that is still skipped has no excuse, and the entry need not match."""
    monkeypatch.setenv("SOME_CHART", "/chart")
    found = run(pytester, *EXCUSED)
    found.assert_outcomes(passed=1, failed=2, errors=1, xfailed=1)


@pytest.mark.parametrize(
    ("excuse", "line"),
    [
        ("test_it.py::test_runs", "*test_it.py::test_runs: no such test was skipped"),
        ("test_gone.py::*", "*test_gone.py::[*]: there is no such file"),
    ],
)
def test_an_excuse_that_nothing_needs_fails(pytester: pytest.Pytester, excuse: str, line: str) -> None:
    """An entry outlives neither its test nor the skip."""
    found = run(pytester, *EXCUSED, excuse)
    assert found.ret == pytest.ExitCode.TESTS_FAILED
    found.stdout.fnmatch_lines([line])


@pytest.mark.parametrize("arguments", [("-k", "runs"), ("test_it.py::test_runs",)])
def test_part_of_a_file_judges_no_excuse(pytester: pytest.Pytester, arguments: tuple[str, ...]) -> None:
    """Whoever runs one test is not told of the others' excuses."""
    assert run(pytester, *EXCUSED, arguments=arguments).ret == pytest.ExitCode.OK


def test_the_list_can_be_read() -> None:
    """Each entry names a file that there is, what is missing, and why."""
    excuses = read(LIST)
    assert excuses
    for excuse in excuses:
        assert isinstance(excuse, Excuse)
        assert (CHECKOUT / excuse.file).is_file(), excuse
        assert excuse.reason
        assert excuse.without
