"""The pages that people read first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plan.program import CHECKOUT
from scripts.picture import PAGES, drawn

DOCUMENTS = [*PAGES, Path("docs/operations.md"), Path("docs/decisions.md")]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_picture_is_the_plan(page: Path) -> None:
    """The architecture that a page shows is the one that the program registers (else: make diagram)."""
    text = (CHECKOUT / page).read_text()
    assert "flowchart" in text
    assert drawn(text) == text


@pytest.mark.parametrize("page", DOCUMENTS, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file or folder that exists."""
    folder = (CHECKOUT / page).parent
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", (CHECKOUT / page).read_text()) if "://" not in link]
    assert [link for link in links if not (folder / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_commands_of_the_page_exist(page: Path) -> None:
    """Every `make` target that a page names is a target of the Makefile."""
    targets = set(re.findall(r"(?m)^([a-z0-9-]+):", (CHECKOUT / "Makefile").read_text()))
    named = set(re.findall(r"make ([a-z][a-z0-9-]+)", (CHECKOUT / page).read_text()))
    assert named - targets == set()


def test_translations_are_in_step() -> None:
    """The Portuguese page has the sections, tables and code of the English one."""
    english, portuguese = ((CHECKOUT / page).read_text() for page in PAGES)
    for sign in ("\n## ", "\n|", "\n```", "https://"):
        assert english.count(sign) == portuguese.count(sign), sign
