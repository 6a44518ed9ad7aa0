"""report.html in a real browser: every chart drawn, no complaint, no request, at any width, in both modes, on paper."""

import re
from dataclasses import replace

import pytest
from browser import drive
from made_run import made_run

from beatnaive import report

WIDE, PHONE = (1280, 900), (390, 844)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    run = replace(made_run(), folder=tmp_path_factory.mktemp("run"))
    return report.write(run)


async def state(tab):
    return await tab.value(
        """({
          charts: document.querySelectorAll('.chart').length,
          drawn: [...document.querySelectorAll('.chart')]
            .filter((chart) => chart.querySelectorAll('svg.marks path').length > 3).length,
          failed: [...document.querySelectorAll('.chart')].some((chart) => chart.textContent.includes('not be drawn')),
          unnamed: document.querySelectorAll('svg.marks:not([role=img][aria-label]), svg.marks [role]').length,
          sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          overflow: [...document.querySelectorAll('.chart')].map((c) => c.scrollWidth - c.clientWidth),
          background: getComputedStyle(document.body).backgroundColor,
        })"""
    )


def test_draws_everywhere_without_complaint_or_request(page, tmp_path):
    async def visit(tab):
        seen = {}
        for name, size in {"wide": WIDE, "phone": PHONE}.items():
            for mode in ("light", "dark"):
                await tab.screen(*size, dark=mode == "dark")
                await tab.open(page)
                await tab.ready(mode)
                seen[name, mode] = await state(tab)
                await tab.picture(tmp_path / f"{name}-{mode}.png")
        return seen, tab.requests(), tab.complaints()

    seen, requests, complaints = drive(visit)
    assert requests == []
    assert complaints == []
    for found in seen.values():
        assert found["charts"] == found["drawn"] >= 9
        assert not found["failed"]
        assert found["unnamed"] == 0, "one accessible name per chart"
        assert found["sideways"] == 0, "the page itself never scrolls sideways"
        assert max(found["overflow"]) <= 8, "charts take the width there is"
    assert seen["wide", "light"]["background"] != seen["wide", "dark"]["background"]
    assert all((tmp_path / f"{name}-{mode}.png").stat().st_size > 50_000 for name, mode in seen)


def test_the_button_switches_and_the_headings_sort(page):
    async def visit(tab):
        await tab.screen(*WIDE)
        await tab.open(page)
        await tab.ready("light")
        await tab.value("document.querySelector('button.mode').click()")
        await tab.ready("dark")
        order = "[...document.querySelectorAll('table')[0].tBodies[0].rows].map((r) => r.cells[0].textContent)"
        skill = "document.querySelectorAll('table')[0].tHead.rows[0].cells[2]"
        first = await tab.value(order)
        await tab.value(f"{skill}.querySelector('button').click()")
        rising, sort = await tab.value(order), await tab.value(f"{skill}.getAttribute('aria-sort')")
        await tab.value(f"{skill}.querySelector('button').click()")
        return first, rising, sort, await tab.value(order), tab.complaints()

    first, rising, sort, falling, complaints = drive(visit)
    assert first[0] == "naive"
    assert rising[0] == "moving_average"
    assert sort == "ascending"
    assert falling == rising[::-1]
    assert complaints == []


def test_no_table_is_cut_at_any_width(page):
    cut = "[...document.querySelectorAll('.scroll')].map((table) => table.scrollWidth - table.clientWidth)"
    boxes = "[...document.querySelectorAll('td, .answers > div')]"
    cells = f"{boxes}.filter((cell) => cell.scrollWidth > cell.clientWidth + 1).length"
    name = (
        "document.querySelector('.answers p').append(' /home/somebody/' + 'a_long_name_of_a_file_'.repeat(4) + '.csv')"
    )

    async def visit(tab):
        await tab.open(page)
        await tab.ready("light")
        await tab.value(name)
        found = {}
        for width in (1300, 1000, 760, 500, 390):
            await tab.screen(width, 900)
            found[width] = await tab.value(cut), await tab.value(cells)
        return found

    for width, (tables, inside) in drive(visit).items():
        assert len(tables) == 5
        assert max(tables) <= 0, width
        assert inside == 0, width


def test_charts_are_saved_as_pictures(page):
    save = "[...document.querySelectorAll('[data-spec=chart-skill] .vega-actions a')]"

    async def visit(tab):
        await tab.screen(*WIDE)
        await tab.open(page)
        await tab.ready("light")
        await tab.value(f"{save}.forEach((one) => one.dispatchEvent(new MouseEvent('mousedown')))")
        await tab.until(f"{save}.every((one) => /^(blob|data):/.test(one.href))", 10)
        return await tab.value(f"{save}.map((one) => one.textContent)"), tab.complaints()

    assert drive(visit) == (["Save as SVG", "Save as PNG"], [])


def test_the_policy_lets_nothing_else_run(page, tmp_path):
    """A script, an event handler and an inline style put into the page by hand: all refused, and the charts drawn."""
    text = page.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    assert "unsafe" not in policy
    intruder = "<p id=intruder style='color: red' onclick='1'>x</p><script>window.ran = 1</script>"
    changed = tmp_path / "changed.html"
    body, end, rest = text.rpartition("</body>")
    changed.write_text(body + intruder + end + rest, encoding="utf-8")

    async def visit(tab):
        await tab.screen(*WIDE)
        await tab.open(changed)
        await tab.ready("light")
        ran = "window.ran ?? 0"
        red = "getComputedStyle(document.getElementById('intruder')).color"
        return await tab.value(ran), await tab.value(red), await state(tab), tab.complaints()

    ran, colour, found, complaints = drive(visit)
    assert ran == 0
    assert colour != "rgb(255, 0, 0)"
    assert found["drawn"] == found["charts"]
    assert len(complaints) >= 2, "the browser says what it refused"


def test_hover_shows_values(page):
    async def visit(tab):
        await tab.screen(*WIDE)
        await tab.open(page)
        await tab.ready("light")
        box = await tab.value(
            """(() => {
              const chart = document.querySelector('[data-spec=chart-errors-over-time] svg');
              chart.scrollIntoView({ behavior: 'instant', block: 'center' });
              const box = chart.getBoundingClientRect();
              return [box.left + box.width / 2, box.top + box.height / 2];
            })()"""
        )
        await tab.do("Input.dispatchMouseEvent", type="mouseMoved", x=box[0], y=box[1])
        await tab.do("Input.dispatchMouseEvent", type="mouseMoved", x=box[0] + 3, y=box[1])
        await tab.until("document.querySelector('#vg-tooltip-element')?.textContent.includes('model')", 10)
        return await tab.value("document.querySelector('#vg-tooltip-element').textContent")

    shown = drive(visit)
    assert "2018" in shown
    assert "undefined" not in shown


def test_a_hostile_symbol_runs_nothing(tmp_path):
    evil = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>"
    run = replace(made_run((evil,), model_names={"linear": evil}), folder=tmp_path)
    path = report.write(run)

    async def visit(tab):
        await tab.screen(*WIDE)
        await tab.open(path)
        await tab.ready("light")
        return await tab.value("window.hacked ?? 0"), await state(tab), tab.requests(), tab.complaints()

    hacked, found, requests, complaints = drive(visit)
    assert hacked == 0
    assert found["charts"] == found["drawn"]
    assert (requests, complaints) == ([], [])


def test_prints_in_ink_on_white(page):
    async def visit(tab):
        await tab.screen(*WIDE, dark=True)
        await tab.open(page)
        await tab.ready("dark")
        await tab.screen(*WIDE, dark=True, media="print")
        background = await tab.value("getComputedStyle(document.body).backgroundColor")
        pdf = await tab.do("Page.printToPDF", printBackground=True)
        return background, len(pdf["data"])

    background, size = drive(visit)
    assert background == "rgb(255, 255, 255)"
    assert size > 100_000


def test_the_keyboard_sorts(page):
    async def visit(tab):
        await tab.screen(*WIDE)
        await tab.open(page)
        await tab.ready("light")
        heading = "document.querySelectorAll('table')[0].tHead.rows[0].cells[2]"
        await tab.value(f"{heading}.querySelector('button').focus()")
        for kind in ("rawKeyDown", "char", "keyUp"):
            await tab.do("Input.dispatchKeyEvent", type=kind, key="Enter", text="\r", windowsVirtualKeyCode=13)
        return await tab.value(f"{heading}.getAttribute('aria-sort')")

    assert drive(visit) == "ascending"


def test_shift_and_wheel_zoom_and_a_double_click_resets(page):
    labels = """[...document.querySelectorAll('[data-spec=chart-errors-over-time] .role-axis-label text')]
      .map((label) => label.textContent).sort().join()"""

    async def visit(tab):
        await tab.screen(*WIDE)
        await tab.open(page)
        await tab.ready("light")
        x, y = await tab.value(
            """(() => {
              const chart = document.querySelector('[data-spec=chart-errors-over-time] svg');
              chart.scrollIntoView({ behavior: 'instant', block: 'center' });
              const box = chart.getBoundingClientRect();
              return [box.left + box.width / 2, box.top + box.height / 2];
            })()"""
        )
        whole = await tab.value(labels)
        for _ in range(4):
            await tab.do("Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=-240, modifiers=8)
        await tab.until(f"{labels} !== {whole!r}", 10)
        for count in (1, 2):
            for kind in ("mousePressed", "mouseReleased"):
                await tab.do("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=count)
        await tab.until(f"{labels} === {whole!r}", 10)
        return whole

    assert "2018" in drive(visit)
