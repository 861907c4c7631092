"""Takes the README's pictures of single sign-on anew: `make pictures`, while `make local SSO=1` runs."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from console import refuse
from local.commands.running import running_platform
from local.install import ROOT
from local.platform import Platform
from refused import Refused

FOLDER = ROOT / "docs" / "pictures"
WHO = "op"
VIEW = {"width": 1200, "height": 700}
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """A browser of this machine."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def take(platform: Platform, browser: Any, folder: Path = FOLDER) -> None:
    """A picture of the provider's question, and one of Airflow behind it."""
    context = browser.new_context(viewport=VIEW, ignore_https_errors=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto(platform.url)
    page.get_by_label("Name").fill(WHO)
    page.get_by_label("Password").fill(platform.provider_keys.password)
    page.screenshot(path=folder / "login.png")
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("Welcome").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=folder / "home.png")
    context.close()


def main(data: Path) -> None:
    from playwright.sync_api import sync_playwright

    platform, program = running_platform(data, ROOT / "Pulumi.local.yaml"), chromium()
    if not platform.single_sign_on:
        raise Refused("The platform runs without single sign-on.", "Start it with `make local SSO=1`.")
    if not program:
        raise Refused(
            f"There is none of {', '.join(PROGRAMS)} on PATH.", "On Debian or Ubuntu: apt-get install chromium"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        take(platform, browser)
        browser.close()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".local")
    except Refused as error:
        sys.exit(refuse(error))
