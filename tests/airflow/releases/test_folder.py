"""What of a folder is published, and what is refused, by whichever way it is published."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import releases.folder
from releases.build import build_release
from releases.format import POD_PACKAGE, Release, ReleaseError
from releases.publication import LooseFiles, publication
from tests.airflow.folders import write

Publisher = Callable[[Path], set[str]]
NOBODY = 65534


def as_release(folder: Path) -> set[str]:
    with tempfile.TemporaryDirectory() as scratch:
        return set(build_release(folder, into=Path(scratch)).files)


def by_pulumi(folder: Path) -> set[str]:
    with tempfile.TemporaryDirectory() as scratch:
        release = publication(folder, bundle="release", publisher="pulumi", cache=Path(scratch))
        assert isinstance(release, Release)
        return set(release.files)


def one_by_one(folder: Path) -> set[str]:
    files = publication(folder, bundle="s3", publisher="pulumi")
    assert isinstance(files, LooseFiles)
    return set(files.paths)


@pytest.fixture(params=[as_release, by_pulumi, one_by_one])
def published(request: pytest.FixtureRequest) -> Publisher:
    """Each way to publish a folder."""
    return request.param


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose dags/ has tracked files and ignored ones: alone, with a folder, in another repository."""
    write(
        tmp_path,
        {
            ".gitignore": b".env\nprivate/\n*.log\n!kept.log\n",
            "dags/a.py": b"",
            "dags/.env": b"PASSWORD=x",
            "dags/team/b.py": b"",
            "dags/team/b.log": b"",
            "dags/team/kept.log": b"",
            "dags/private/key.pem": b"",
            "dags/forced.log": b"tracked all the same",
            "dags/other/.gitignore": b"secret.txt\n",
            "dags/other/secret.txt": b"",
            "dags/other/c.py": b"",
        },
    )
    git(tmp_path, "init")
    git(tmp_path / "dags" / "other", "init")
    git(tmp_path, "add", "--force", "dags/a.py", "dags/forced.log")
    return tmp_path


PUBLISHED = {"a.py", "team/b.py", "team/kept.log", "forced.log", "other/.gitignore", "other/c.py"}


def test_what_git_ignores_is_not_published(checkout: Path, published: Publisher) -> None:
    """No release holds what a team keeps out of git; what is tracked is published whatever the rules say."""
    assert published(checkout / "dags") == PUBLISHED


def test_what_is_left_out_is_told(checkout: Path, tmp_path: Path) -> None:
    """A release knows which of the folder's files it has not."""
    release = build_release(checkout / "dags", into=tmp_path / "out")
    assert release.left_out == (".env", "other/secret.txt", "private/", "team/b.log")


def test_a_hook_of_git_publishes_the_same(
    checkout: Path, published: Publisher, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Variables by which git tells a hook about a checkout do not lead to another one's rules."""
    git(tmp_path, "init", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "other"))
    assert published(checkout / "dags") == PUBLISHED


def test_a_folder_that_git_ignores_is_published_whole(checkout: Path, published: Publisher) -> None:
    """Where git ignores the folder itself, its rules say nothing about what is in it."""
    write(checkout / "private", {"a.py": b"", ".env": b""})
    assert published(checkout / "private") == {"a.py", ".env"}


def test_outside_a_checkout_no_file_is_ignored(tmp_path: Path, published: Publisher) -> None:
    """Rules of git count in a checkout of git, and nowhere else."""
    write(tmp_path, {".gitignore": b".env\n", "a.py": b"", ".env": b""})
    assert published(tmp_path) == {".gitignore", "a.py", ".env"}


@pytest.mark.parametrize("broken", ["no git", "git refuses"])
def test_in_a_checkout_without_git_nothing_is_published(
    checkout: Path, published: Publisher, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """A secret is never published because git could not be asked; the message has git's own reason."""
    if broken == "no git":
        monkeypatch.setenv("PATH", "")
    else:
        (checkout / ".git" / "config").write_text("[")
    with pytest.raises(ReleaseError, match=r"does not say which files it ignores: .*(not on PATH|config)") as refused:
        published(checkout / "dags")
    assert "Make git work here" in refused.value.way_out


def test_leftovers_of_editors_and_caches_are_left_out(tmp_path: Path, published: Publisher) -> None:
    """The lock of Emacs is a link to nowhere; it, backups and caches neither stop a publication nor are in it."""
    write(tmp_path, {"a.py": b"", "a.py~": b"", "#a.py#": b"", ".a.py.swp": b"", "b.pyc": b"", "__pycache__/c": b""})
    (tmp_path / ".#a.py").symlink_to("ana@laptop.123:456")
    assert published(tmp_path) == {"a.py"}


def test_what_is_no_file_is_refused_with_its_kind(tmp_path: Path, published: Publisher) -> None:
    """Links, to a file, to nowhere, in a circle; pipes; sockets: each with its path and what it is, all at once."""
    write(tmp_path, {"a.py": b""})
    for name, target in {"b.py": "a.py", "lost.py": "nowhere", "one": "two", "two": "one", "self": "."}.items():
        (tmp_path / name).symlink_to(target)
    os.mkfifo(tmp_path / "pipe.py")
    here = Path.cwd()
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(tmp_path)
        listening.bind("socket.py")
        os.chdir(here)
        with pytest.raises(ReleaseError) as refused:
            published(tmp_path)
    lines = str(refused.value).splitlines()[1:]
    assert [line.split(";")[0] for line in lines] == [
        *(f"  {name!r} is a link" for name in ("b.py", "lost.py", "one")),
        "  'pipe.py' is a pipe",
        *(f"  {name!r} is a {kind}" for name, kind in {"self": "link", "socket.py": "socket", "two": "link"}.items()),
    ]


def test_names_that_are_not_text_are_refused(tmp_path: Path, published: Publisher) -> None:
    """A name that is not UTF-8 is shown with its bytes escaped, on any terminal; so is a folder's."""
    write(tmp_path, {"a.py": b""})
    (tmp_path / os.fsdecode(b"caf\xe9.py")).touch()
    write(tmp_path / os.fsdecode(b"f\xff"), {"b.py": b""})
    with pytest.raises(ReleaseError) as refused:
        published(tmp_path)
    assert r"'caf\udce9.py' is not UTF-8" in str(refused.value)
    assert r"'f\udcff' is not UTF-8" in str(refused.value)
    assert str(refused.value).encode()


@pytest.fixture
def bottomless(tmp_path: Path) -> Iterator[Path]:
    """A folder of folders in folders, deeper than a path may be long."""
    write(tmp_path, {"a.py": b""})
    here = Path.cwd()
    os.chdir(tmp_path)
    for _ in range(1200):
        Path("deep").mkdir()
        os.chdir("deep")
    os.chdir(here)
    yield tmp_path
    # pytest removes folders of earlier runs with shutil.rmtree, which calls itself for each level, and fails.
    subprocess.run(["rm", "-rf", tmp_path / "deep"], check=True)


def test_a_folder_below_all_limits_is_told_as_one(bottomless: Path, published: Publisher) -> None:
    """Folders in folders without end are one mistake, not a failure of the program."""
    with pytest.raises(ReleaseError, match=r"deep' is longer than") as refused:
        published(bottomless)
    assert len(str(refused.value).splitlines()) == 2


@pytest.fixture
def unreadable() -> Iterator[Path]:
    """A folder that another user may read, but for a file and a folder in it."""
    place = Path(tempfile.mkdtemp(prefix="alisio-unreadable-"))
    place.chmod(0o755)
    write(place, {"a.py": b"", "closed.py": b"", "closed/b.py": b""})
    (place / "closed.py").chmod(0)
    (place / "closed").chmod(0)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    yield place
    if root:
        os.seteuid(0)
    (place / "closed").chmod(0o700)
    shutil.rmtree(place)


def test_what_cannot_be_read_is_told(unreadable: Path, published: Publisher) -> None:
    """Files and folders without the right to read them are named together, before anything is written."""
    with pytest.raises(ReleaseError) as refused:
        published(unreadable)
    assert str(refused.value).splitlines()[1:] == [
        "  'closed.py' cannot be read: Permission denied",
        "  'closed/' cannot be read: Permission denied",
    ]


@pytest.mark.parametrize("what", ["goes", "shrinks"])
def test_a_file_that_changes_meanwhile_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """A file that an editor or git takes away between listing and reading is named, with the way out."""
    write(tmp_path / "dags", {"a.py": b"content", "b.py": b""})
    real = releases.folder.refuse

    def meanwhile(*arguments: object) -> None:
        real(*arguments)  # type: ignore[arg-type]
        if what == "goes":
            (tmp_path / "dags" / "a.py").unlink(missing_ok=True)
        else:
            (tmp_path / "dags" / "a.py").write_bytes(b"")

    monkeypatch.setattr(releases.folder, "refuse", meanwhile)
    with pytest.raises(ReleaseError, match=r"'a\.py' (went away|changed) while .*; try again"):
        build_release(tmp_path / "dags", into=tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_a_release_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Where the archive has no place, the place is named."""
    write(tmp_path, {"dags/a.py": b"", "file": b""})
    with pytest.raises(ReleaseError, match="file cannot hold the release: "):
        build_release(tmp_path / "dags", into=tmp_path / "file")


@pytest.mark.parametrize("path", [f"{POD_PACKAGE}.py", f"{POD_PACKAGE}/__init__.py", f"{POD_PACKAGE}.cpython-312.so"])
def test_the_name_of_the_platforms_own_code_is_refused(tmp_path: Path, published: Publisher, path: str) -> None:
    """The one name that would be shadowed in pods is in no release."""
    write(tmp_path, {"a.py": b"", path: b""})
    with pytest.raises(ReleaseError, match=f"{POD_PACKAGE}.* is the platform's own code; give it another name"):
        published(tmp_path)


def test_names_like_the_platforms_are_anybodys(tmp_path: Path, published: Publisher) -> None:
    """What the repository's own packages are called may be in a release, and so may our name further down."""
    files = ["runtime/__init__.py", "releases/__init__.py", "refused.py", f"lib/{POD_PACKAGE}.py", f"{POD_PACKAGE}2.py"]
    write(tmp_path, dict.fromkeys(files, b""))
    assert published(tmp_path) == set(files)
