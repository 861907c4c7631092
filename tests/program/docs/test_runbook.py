"""docs/runbook.md has a section for every alarm, and none for an alarm that there is not."""

from __future__ import annotations

import re

import pytest

from health.composite import composites
from plan.program import CHECKOUT
from tests.program.health.stacks import STACKS, alarms_of, stack

PAGE = (CHECKOUT / "docs/runbook.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"(?ms)^### (\S+)$\n(.*?)(?=^###? |\Z)", PAGE))


def anchors() -> set[str]:
    """Of all alarms, over all kinds of stacks."""
    known = [list(alarms_of(stack(name)).values()) for name in STACKS]
    return {each.anchor for alarms in known for each in (*alarms, *composites(alarms))}


def test_every_alarm_has_a_section_and_every_section_an_alarm() -> None:
    """A notice names the section, and GitHub makes the anchor of a heading of small letters, digits and hyphens."""
    assert sorted(SECTIONS) == sorted(anchors())
    assert len(re.findall(r"(?m)^### ", PAGE)) == len(SECTIONS)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in SECTIONS)
    headings = re.findall(r"(?m)^#+ (.+)$", re.sub(r"(?ms)^```.*?^```", "", PAGE))
    assert len({heading.lower() for heading in headings}) == len(headings)


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_says_what_a_person_at_night_needs(name: str) -> None:
    """What users see, what it means, where to look, what to do, and when to call somebody."""
    text = " ".join(SECTIONS[name].split())
    order = [text.lower().find(part) for part in ("**users**", "**it means**", "```sh", "**do:**", "**escalate")]
    assert -1 not in order
    assert order == sorted(order)


def test_links_within_the_page_lead_somewhere() -> None:
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= SECTIONS.keys()
