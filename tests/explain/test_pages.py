"""The pages of `explain` in a real browser: every chart drawn, nothing fetched, no complaint, no sideways scrolling."""

import re
from pathlib import Path
from typing import Any

import pytest

from beatnaive.explain.pages import STYLE, cell_page
from beatnaive.explain.step import example
from beatnaive.report.charts.theme import DIVERGING, HEATMAP, INKS
from beatnaive.report.html import minus, render


async def _visited(tab: Any, page: Path, *, width: int, dark: bool) -> dict[str, Any]:
    await tab.screen(width, 900, dark=dark)
    await tab.open(page)
    mode = "dark" if dark else "light"
    await tab.ready(mode)
    return {
        "charts": await tab.value("document.querySelectorAll('.chart :is(svg,canvas).marks').length"),
        "shown": await tab.value("[...document.querySelectorAll('.chart')].every(e => e.offsetHeight > 50)"),
        "overflow": await tab.value("document.documentElement.scrollWidth - window.innerWidth"),
        "complaints": tab.complaints(),
        "requests": tab.requests(),
    }


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_the_guide_in_a_browser(guide: str, tmp_path: Path, width: int, dark: bool) -> None:
    from browser import drive  # type: ignore[import-not-found]

    page = tmp_path / "guide.html"
    page.write_text(guide, encoding="utf-8")
    found = drive(lambda tab: _visited(tab, page, width=width, dark=dark))
    assert found["charts"] == 4
    assert found["shown"]
    assert found["overflow"] <= 0
    assert found["complaints"] == []
    assert found["requests"] == []


@pytest.mark.parametrize("width", [1280, 390])
def test_equations_carry_time_and_no_stray_scroll_arrows(guide: str, tmp_path: Path, width: int) -> None:
    """A line of an equation scrolls sideways where it must, never up and down; each symbol has its step."""
    from browser import drive

    page = tmp_path / "guide.html"
    page.write_text(guide, encoding="utf-8")
    lines = "[...document.querySelectorAll('.eq')]"

    async def visit(tab: Any) -> dict[str, Any]:
        await tab.screen(width, 900)
        await tab.open(page)
        return {
            "vertical": await tab.value(f"{lines}.map((one) => getComputedStyle(one).overflowY)"),
            "cut": await tab.value(f"{lines}.filter((one) => one.scrollHeight > one.clientHeight).length"),
            "sideways": await tab.value(f"{lines}.filter((one) => one.scrollWidth > one.clientWidth).length"),
            "read": await tab.value(f"{lines}.map((one) => one.textContent.trim())"),
        }

    found = drive(visit)
    assert set(found["vertical"]) == {"hidden"}
    assert found["cut"] == 0, "hidden hides nothing"
    assert found["sideways"] == 0
    assert found["read"][:6] == [
        "ft=σ(Wfxt+Ufht−1+bf)", "it=σ(Wixt+Uiht−1+bi)", "gt=tanh(Wgxt+Ught−1+bg)", "ot=σ(Woxt+Uoht−1+bo)",
        "ct=ft⊙ct−1+it⊙gt", "ht=ot⊙tanh(ct)",
    ]  # fmt: skip


def test_the_cell_page_in_a_browser(tmp_path: Path) -> None:
    from browser import drive

    page = tmp_path / "cell.html"
    page.write_text(cell_page(example(4, 5), "beatnaive explain cell"), encoding="utf-8")
    found = drive(lambda tab: _visited(tab, page, width=390, dark=False))
    assert found["overflow"] <= 0
    assert found["complaints"] == []
    assert found["requests"] == []


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_text_colour_has_contrast() -> None:
    html = cell_page(example(2, 2), "x")
    light, dark = re.findall(r":root\{([^}]+)\}", html)[:2]
    for mode, text in (("light", light), ("dark", dark)):
        colours = dict(re.findall(r"--(\w+):\s*(#\w{6})", text))
        assert colours["page"] == INKS[mode]["page"]
        for name in ("ink", "muted", "accent", "forget", "input", "candidate", "output"):
            assert contrast(colours[name], colours["page"]) >= 4.5, (mode, name)
            assert contrast(colours[name], colours["panel"]) >= 4.5, (mode, name)


def test_heat_maps_start_at_the_page_and_end_far_from_it() -> None:
    for mode in INKS:
        page = INKS[mode]["page"]
        assert contrast(HEATMAP[mode][0], page) < 1.2 < 7 < contrast(HEATMAP[mode][-1], page)
        assert contrast(DIVERGING[mode][3], page) < 1.2
        assert min(contrast(DIVERGING[mode][k], page) for k in (0, -1)) > 7


def test_text_from_data_stays_text() -> None:
    step = example(2, 2)
    context = {"step": step, "units": 2, "inputs": 2, "command": "<script>alert(1)</script>", "version": "0"}
    html = render("cell.html", context, style=STYLE)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_numbers_have_a_true_minus() -> None:
    assert minus(-1.5, 1) == "−1.5"
