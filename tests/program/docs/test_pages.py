"""The pages that people read: their links, commands and pictures are right, and the house is as they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plan.program import CHECKOUT
from scripts.picture import PAGES, drawn

FOLDERS = sorted(
    path.name for path in CHECKOUT.iterdir() if path.is_dir() and path.name[0] not in "._" and [*path.glob("**/*.*")]
)
"""Folders at the top level, but caches and virtual environments."""
DOCUMENTS = sorted(
    path.relative_to(CHECKOUT)
    for path in (*CHECKOUT.glob("*.md"), *(page for name in FOLDERS for page in (CHECKOUT / name).rglob("*.md")))
)
"""Every page of the repository."""
ARCHITECTURE = CHECKOUT / "docs/architecture.md"


def links(page: Path) -> list[str]:
    """The relative links of a page, without their anchors."""
    found = re.findall(r"\]\(([^)#\s]+)", (CHECKOUT / page).read_text(encoding="utf-8"))
    return [link for link in found if "://" not in link]


def house() -> list[str]:
    """The folders that the page on the architecture lists, from the top level on."""
    table = ARCHITECTURE.read_text(encoding="utf-8").partition("\n## The house\n")[2].partition("\n### ")[0]
    places = re.findall(r"(?m)^\| \[`[^`]+`\]\(([^)]+)\) \|", table)
    return [(ARCHITECTURE.parent / place).resolve().relative_to(CHECKOUT).as_posix() for place in places]


def test_every_page_is_looked_at() -> None:
    """The pages are found, wherever they are."""
    names = {page.as_posix() for page in DOCUMENTS}
    assert {"README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/upgrades/README.md"} <= names


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_picture_is_the_plan(page: Path) -> None:
    """The architecture that a page shows is the one that the program registers (else: make diagram)."""
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    assert "flowchart" in text
    assert drawn(text) == text


@pytest.mark.parametrize("page", DOCUMENTS, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file or folder that exists."""
    folder = (CHECKOUT / page).parent
    assert [link for link in links(page) if not (folder / link).exists()] == []


@pytest.mark.parametrize("page", DOCUMENTS, ids=str)
def test_commands_of_the_page_exist(page: Path) -> None:
    """Every `make` target that a page names is a target of the Makefile, or of a file that it includes."""
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    included = [(CHECKOUT / name).read_text(encoding="utf-8") for name in re.findall(r"(?m)^include (\S+)", makefile)]
    targets = set(re.findall(r"(?m)^([a-z0-9-]+):", "\n".join([makefile, *included])))
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|\$ )make\s+(?:-\S+\s+)?([a-z][a-z0-9-]+)", text))
    assert named - targets == set()


def test_every_page_can_be_found_from_the_front_page() -> None:
    """A reader who follows links from the README comes to every page."""
    seen: set[Path] = set()
    ahead = [Path("README.md")]
    while ahead:
        page = ahead.pop()
        seen.add(page)
        places = [((CHECKOUT / page).parent / link).resolve() for link in links(page)]
        pages = {place.relative_to(CHECKOUT) for place in places if place.suffix == ".md"}
        ahead += pages - seen
    assert [page for page in DOCUMENTS if page.parts[0] != "tests" and page not in seen] == []


def test_translations_are_in_step() -> None:
    """The Portuguese page has the sections, tables and code of the English one."""
    english, portuguese = ((CHECKOUT / page).read_text(encoding="utf-8") for page in PAGES)
    for sign in ("\n## ", "\n|", "\n```", "https://"):
        assert english.count(sign) == portuguese.count(sign), sign
    # Each of them links to the other.
    assert set(links(PAGES[0])) ^ set(links(PAGES[1])) == {"README.md", "README.pt-BR.md"}


def test_the_house_is_as_the_page_says() -> None:
    """Every folder that the page lists exists, and it lists every folder at the top level."""
    listed = house()
    assert [place for place in listed if not (CHECKOUT / place).is_dir()] == []
    assert sorted(listed) == FOLDERS
