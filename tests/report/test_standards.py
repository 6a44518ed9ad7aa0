"""Every page that the program writes, from a real run of the default study, before validators of other people's making.

HTML: the standard's parsing algorithm (html5lib) and the Nu checker (Java). Accessibility: axe-core in the browser.
"""

import shutil
import subprocess
import sys

import pytest
from browser import drive
from checkers import nu_errors, parse_errors, violations

from beatnaive.cli import main

pytestmark = pytest.mark.slow
LOOKS = {"light": (1280, 900), "dark": (390, 844)}
CHARTS = {"report": 12, "comparison": 1, "explore": 7, "walk": 7, "explain-run": 6, "guide": 4, "memory": 3}
NAMES = ("report", "comparison", "explore", "walk", "cell", "shapes", "explain-run", "guide", "memory")


def beatnaive(*words):
    with pytest.raises(SystemExit) as ended:
        main([*map(str, words)])
    assert ended.value.code == 0


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Name -> page."""
    home = tmp_path_factory.mktemp("pages")
    page = {name: home / f"{name}.html" for name in NAMES}
    run, again = home / "default", home / "again"
    code = "from beatnaive.cli import main; main()"
    subprocess.run([sys.executable, "-c", code, "run", "--quiet", "--out", run], check=True, timeout=400)
    shutil.copytree(run, again)
    shutil.copy(run / "report.html", page["report"])
    beatnaive("report", run, again, "--out", page["comparison"])
    beatnaive("explore", "--out", home / "looked")
    shutil.copy(home / "looked" / "^GSPC" / "explore.html", page["explore"])
    beatnaive("explore", "--source", "synthetic", "--out", home / "walk")
    shutil.copy(next((home / "walk").glob("*/explore.html")), page["walk"])
    beatnaive("explain", "cell", "--units", 4, "--inputs", 5, "--out", page["cell"])
    beatnaive("explain", "shapes", "--out", page["shapes"])
    beatnaive("explain", "run", run, "--out", page["explain-run"])
    beatnaive("explain", "guide", run, "--out", page["guide"])
    beatnaive("explain", "memory", "--out", page["memory"])
    return page


def test_html_parses_without_error(pages):
    wrong = {name: parse_errors(page.read_text(encoding="utf-8")) for name, page in pages.items()}
    assert {name: errors for name, errors in wrong.items() if errors} == {}


def test_the_nu_checker_has_no_objection(pages):
    assert nu_errors(*pages.values()) == []


@pytest.fixture(scope="module")
def seen(pages):
    """(page, mode) -> what the browser and axe-core found; every disclosure open."""

    async def visit(tab):
        found = {}
        for name, page in pages.items():
            await tab.open(page)
            for mode, size in LOOKS.items():
                await tab.screen(*size, dark=mode == "dark")
                await tab.ready(mode)
                await tab.value("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
                found[name, mode] = await violations(tab), await sideways(tab), await charts(tab)
        return found, tab.complaints(), tab.requests()

    return drive(visit)


async def charts(tab):
    """How many charts are on the page, and how many of them are drawn with marks inside."""
    places = "[...document.querySelectorAll('[data-spec]')]"
    full = "(place) => place.querySelector('canvas.marks') || place.querySelectorAll('svg.marks path').length > 3"
    return await tab.value(f"[{places}.length, {places}.filter({full}).length]")


async def sideways(tab):
    return await tab.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_nothing_stands_in_the_way_of_any_reader(seen):
    assert {where: wrong for where, (wrong, _, _) in seen[0].items() if wrong} == {}


def test_every_chart_is_drawn(seen):
    for (name, mode), (_, _, (there, drawn)) in seen[0].items():
        assert drawn == there, (name, mode)
        assert there >= CHARTS.get(name, 0), name


def test_no_page_complains_fetches_or_scrolls_sideways(seen):
    found, complaints, requests = seen
    assert {where: width for where, (_, width, _) in found.items() if width > 0} == {}
    assert complaints == []
    assert requests == []


FAULTY = """<!DOCTYPE html><html lang="en"><head><title>Faults</title><style>p { color: #aaa; background: #fff }</style>
</head><body><main><h1>One</h1><h4>Four</h4><p>faint <b>bold</p><img src="data:,"></main></body></html>"""


def test_the_checkers_see_faults(tmp_path):
    page = tmp_path / "faulty.html"
    page.write_text(FAULTY)
    assert "unexpected-end-tag" in {code for _, code in parse_errors(FAULTY)}
    assert any("“alt”" in line for line in nu_errors(page))

    async def visit(tab):
        await tab.open(page)
        return await violations(tab)

    assert {rule for rule, _, _ in drive(visit)} >= {"color-contrast", "heading-order", "image-alt"}
