"""Build what the tests of the real engine run: `make engine`. Kept by version, so that a second call takes no time."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Final

from tests.engine.programs import CACHE, FOLDERS, PROGRAMS, SOURCES, STAMP, Module, Program, missing, program

LAST_LINES: Final = 15
ENVIRONMENT: Final = {
    # No C compiler is needed, and the result is the same on each machine.
    "CGO_ENABLED": "0",
    # An old Go would otherwise fetch a newer one for itself.
    "GOTOOLCHAIN": "local",
    "GOWORK": "off",
}


class BuildError(Exception):
    """Why there is no engine; the text says what to do."""


def main() -> int:
    """Build what is missing, with a line for each program."""
    try:
        with _alone():
            if missing():
                _check_go()
                _build_all()
    except BuildError as error:
        print(f"make engine: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _build_all() -> None:
    wanted = [each for each in PROGRAMS if program(each.name) == each.file and not each.is_built()]
    for number, each in enumerate(wanted, start=1):
        label = f"[{number}/{len(wanted)}] {each.name} {each.module.version}"
        print(f"{label} ...", flush=True)
        began = time.monotonic()
        _build(each)
        size = each.file.stat().st_size / 1e6
        print(f"{label}: {time.monotonic() - began:.0f} s, {size:.0f} MB", flush=True)
    for module in FOLDERS:
        if not module.folder.exists():
            _link(module)


def _build(each: Program) -> None:
    """Under a temporary name first: what has its proper name is whole."""
    partial = each.folder.with_name(f"{each.folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        (partial / "bin").mkdir(parents=True)
        _go(each.command(partial / "bin" / each.name), each.source, f"{each.name} could not be built")
        (partial / STAMP).write_text(each.fingerprint, encoding="utf-8")
        shutil.rmtree(each.folder, ignore_errors=True)
        partial.rename(each.folder)
    except OSError as error:
        raise BuildError(f"{each.name} could not be built: {error.strerror}: {partial.parent}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _link(module: Module) -> None:
    """A link to the module's files in Go's cache, fetched where they are not there yet."""
    problem = f"{module.path} could not be fetched"
    found = _go(["go", "mod", "download", "-json", module.path], SOURCES / module.source, problem)
    module.folder.parent.mkdir(parents=True, exist_ok=True)
    module.folder.unlink(missing_ok=True)
    module.folder.symlink_to(json.loads(found)["Dir"], target_is_directory=True)


def _go(command: list[str], source: Path, problem: str) -> str:
    done = subprocess.run(
        command, cwd=source, env={**os.environ, **ENVIRONMENT}, text=True, capture_output=True, check=False
    )
    if done.returncode:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if not line.startswith("go: downloading")]
        raise BuildError("\n  ".join([f"{problem}; the last that Go said:", *lines[-LAST_LINES:]]))
    return done.stdout


def _check_go() -> None:
    need = max(_numbers(_go_line(source)) for source in SOURCES.iterdir() if source.is_dir())
    wanted = ".".join(map(str, need))
    if shutil.which("go") is None:
        raise BuildError(
            f"needs Go {wanted} or newer to build {', '.join(missing())}; install it from https://go.dev/dl"
        )
    found = subprocess.run(
        ["go", "env", "GOVERSION"], env={**os.environ, **ENVIRONMENT}, text=True, capture_output=True, check=False
    ).stdout.strip()
    if _numbers(found) < need:
        raise BuildError(f"needs Go {wanted} or newer, this is {found or 'unknown'}; install it from https://go.dev/dl")


def _go_line(source: Path) -> str:
    found = re.search(r"^go (\S+)", (source / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else "0"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in re.findall(r"\d+", version.partition(" ")[0]))


@contextlib.contextmanager
def _alone() -> Generator[None]:
    """Two builds at once would take each other's half-built programs for leftovers."""
    try:
        CACHE.mkdir(parents=True, exist_ok=True)
        lock = (CACHE / "lock").open("w")
    except OSError as error:
        raise BuildError(f"{error.strerror}: {CACHE}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another build is under way; waiting for it ...", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
