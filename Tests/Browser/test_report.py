"""`volfefe report --html` as people see it: in a real browser, in light, dark, on a phone and on paper.

`VOLFEFE_SCREENSHOTS=FOLDER` keeps what was seen.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import BINARY, made, volfefe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = os.environ.get("VOLFEFE_CHROMIUM", "/usr/bin/chromium")
LOOKING = (Path(__file__).parent / "looking.js").read_text()
DATABASES = ["golden", "several", "one_model", "many_models", "absurd", "empty", "unjudged"]
#: Name → width and height, scheme, medium.
VIEWS = {
    "light": ((1280, 900), "light", "screen"),
    "dark": ((1280, 900), "dark", "screen"),
    "tablet": ((768, 1024), "light", "screen"),
    "phone": ((360, 740), "light", "screen"),
    "phone-dark": ((360, 740), "dark", "screen"),
    "paper": ((700, 1000), "dark", "print"),
}

pytestmark = [
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="there is no Chromium (apt-get install chromium)"),
    pytest.mark.skipif(not BINARY.exists(), reason="volfefe is not built (swift build)"),
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path | None]:
    """Database name → the folder with it and its report; made once."""
    base = tmp_path_factory.mktemp("reports")
    found: dict[str, Path | None] = {}
    for name in DATABASES:
        folder = made(name, base)
        if folder:
            volfefe("report", "--html", "report.html", "--md", "report.md", folder=folder)
        found[name] = folder
    return found


def opened(browser: Browser, folder: Path, view: str) -> tuple[Page, list[str]]:
    """The report in a view, and everything that the page asked for or complained about."""
    (width, height), scheme, medium = VIEWS[view]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.emulate_media(media=medium, color_scheme=scheme)
    noises: list[str] = []
    address = (folder / "report.html").as_uri()
    page.on("console", lambda message: noises.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: noises.append(f"error: {error}"))
    page.on(
        "request",
        lambda request: (
            None if request.url in (address, "data:,") else noises.append(f"request: {request.url}")
        ),
    )
    page.goto(address)
    # All of it in view, as only what is in view is found by its place.
    page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight")})
    return page, noises


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", DATABASES)
def test_a_report_is_readable_quiet_and_whole(
    browser: Browser, folders: dict[str, Path | None], name: str, view: str
) -> None:
    folder = folders[name]
    if folder is None:
        pytest.skip("the golden data is not here")
    page, noises = opened(browser, folder, view)
    kept = os.environ.get("VOLFEFE_SCREENSHOTS")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(kept) / f"{name}-{view}.png", full_page=True)
    faults = page.evaluate(LOOKING)
    page.close()
    assert not faults, "\n".join(faults)
    assert not noises, "\n".join(noises)


def test_every_table_is_unfolded_on_paper(browser: Browser, folders: dict[str, Path | None]) -> None:
    folder = folders["several"]
    assert folder
    page, _ = opened(browser, folder, "paper")
    tables = page.locator("details table")
    assert tables.count() > 0
    heights = [table.bounding_box() for table in tables.all()]
    assert all(box and box["height"] > 20 for box in heights)
    assert page.pdf()[:5] == b"%PDF-"
    page.close()


def test_on_screen_they_unfold_without_a_script(browser: Browser, folders: dict[str, Path | None]) -> None:
    folder = folders["several"]
    assert folder
    page, noises = opened(browser, folder, "phone")
    table = page.locator("details table").first
    assert not table.is_visible()
    page.locator("details summary").first.click()
    assert table.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()
    assert not noises


def test_what_is_meant_is_known_without_colour(browser: Browser, folders: dict[str, Path | None]) -> None:
    folder = folders["several"]
    assert folder
    page, _ = opened(browser, folder, "light")
    words = page.locator("figure:has(svg[aria-labelledby^='labels']) svg.wide").text_content() or ""
    assert all(word in words for word in ("negative", "neutral", "positive"))
    assert page.locator("svg.wide .hatch").count() >= 4
    signs = set(page.locator(".sign").all_inner_texts())
    assert signs <= {"+", "○", "−"} and len(signs) > 1
    page.close()


def test_texts_are_left_out_when_asked(folders: dict[str, Path | None], tmp_path: Path) -> None:
    folder = folders["several"]
    assert folder
    assert "An invented text" in (folder / "report.html").read_text()
    assert "An invented text" in (folder / "report.md").read_text()
    for flag in (["--html", "-"], ["--md"], ["--json"]):
        assert "An invented text" not in volfefe("report", "--no-texts", *flag, folder=folder)
