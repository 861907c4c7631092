"""What never belongs to a release: caches and editors' leftovers by their names, and what git ignores."""

from __future__ import annotations

import os
import subprocess
import unicodedata
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from releases.format import ReleaseError

NAMES = frozenset(
    {
        *("__pycache__", ".ruff_cache", ".pytest_cache", ".mypy_cache", ".ipynb_checkpoints"),
        *(".git", ".venv", ".idea", ".vscode", ".DS_Store"),
    }
)
PATTERNS = (
    *("*.pyc", "*.pyo"),
    # Emacs links `.#a.py` to nowhere as long as a.py has changes that are not saved; then backups, and files of Vim.
    *(".#*", "#*#", "*~", ".*.sw[a-p]"),
)
GIT_SECONDS = 60


def is_leftover(name: str) -> bool:
    """Whether files and folders of this name are left out, wherever they are."""
    return name in NAMES or any(fnmatchcase(name, pattern) for pattern in PATTERNS)


def ignored_by_git(folder: Path) -> frozenset[str]:
    """What git ignores below a folder, and does not track: paths inside it, those of folders with a slash at the end.

    Nothing outside a checkout. Nothing either if git ignores the folder itself: then its rules are not about DAGs.
    In a checkout where git cannot be asked, a ReleaseError: what a team keeps out of git must not be published.
    """
    place = folder.resolve()
    if not any((above / ".git").exists() for above in (place, *place.parents)):
        return frozenset()
    itself = _git(folder, "check-ignore", "--quiet", ".", fine=(0, 1))
    if itself.returncode == 0:
        return frozenset()
    options = ("-z", "--others", "--ignored", "--exclude-standard", "--directory")
    listed = os.fsdecode(_git(folder, "ls-files", *options, "--", ".").stdout)
    # macOS writes names in another Unicode form than git.
    return frozenset(unicodedata.normalize("NFC", path) for path in listed.split("\0") if path)


def _git(folder: Path, *arguments: str, fine: Sequence[int] = (0,)) -> subprocess.CompletedProcess[bytes]:
    # A hook of git's sets GIT_DIR and the like, which would answer for another checkout.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(folder), *arguments]
    try:
        asked = subprocess.run(command, env=environment, capture_output=True, timeout=GIT_SECONDS)
    except FileNotFoundError:
        raise _unanswered(folder, "it is not on PATH") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unanswered(folder, str(error)) from None
    if asked.returncode not in fine:
        raise _unanswered(folder, asked.stderr.decode(errors="replace").strip() or f"exit {asked.returncode}")
    return asked


def _unanswered(folder: Path, why: str) -> ReleaseError:
    return ReleaseError(
        f"{folder} is in a git checkout, and git does not say which files it ignores: {why}",
        "What git ignores is not published. Make git work here, or publish a folder that is in no checkout.",
    )
