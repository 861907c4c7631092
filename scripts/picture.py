"""Draws the README's picture of the architecture from the plan of prod: `make diagram`."""

from __future__ import annotations

import re
from pathlib import Path

from plan import plan_stack
from plan.diagram import diagram

PAGES = (Path("README.md"), Path("README.pt-BR.md"))
PICTURE = re.compile(r"(?s)(<!-- picture of the architecture: make diagram -->\n```mermaid\n).*?(```)")


def drawn(page: str) -> str:
    """The page with a new picture."""
    picture = diagram(plan_stack("prod")).rstrip() + "\n"
    return PICTURE.sub(lambda found: found[1] + picture + found[2], page)


def main() -> None:
    """Draw the picture into every page."""
    for page in PAGES:
        page.write_text(drawn(page.read_text()))


if __name__ == "__main__":
    main()
