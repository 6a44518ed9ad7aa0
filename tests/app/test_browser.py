"""The app as people use it, in a real Chromium: from an empty folder to a study, a comparison and a settled ledger."""

import json
import re
import shutil

import numpy as np
import pytest
from app_client import app, forecast_file
from browser import drive
from checkers import nu_errors, parse_errors, violations
from run_folders import run_folder
from yahoo_year import Share, Yahoo, served

from beatnaive.forecasting.ledger import clock
from beatnaive.forecasting.ledger.ledger import add, init
from beatnaive.forecasting.ledger.settle import settle
from beatnaive.runs.record import Recorder
from beatnaive.runs.store import RunStore
from beatnaive.study.spec import parse

pytestmark = pytest.mark.slow
STUDY = {
    "source": {"kind": "yahoo", "symbols": ["AAA"], "start": "2017-03-01"},
    "split": {"kind": "walk_forward", "first": 120, "refit_every": 250},
    "models": {"naive": {}, "drift": {}, "moving_average": {}},
}
EVENINGS = [f"2018-01-{day:02}T22:30:00" for day in (2, 3, 4, 5)]
HOSTILE = """<!DOCTYPE html><title>Hostile</title><p>&lt;/iframe&gt;</p><script>
const tried = {};
const attempt = (name, what) => { try { what(); tried[name] = "done"; } catch (error) { tried[name] = error.name; } };
attempt("parent", () => { parent.document.title = "stolen"; });
attempt("storage", () => { localStorage.setItem("a", "b"); });
attempt("cookie", () => { tried.jar = document.cookie; });
attempt("top", () => { top.location = "https://evil.example/"; });
attempt("open", () => { tried.opened = window.open("/") !== null; });
fetch("/").then(() => { tried.fetch = "done"; }, () => { tried.fetch = "refused"; })
  .then(() => parent.postMessage(tried, "*"));
</script>"""
SIZES = tuple((width, mode) for width in (360, 1600) for mode in ("light", "dark"))
WIDTHS = (360, 600, 900, 1600)


def settled_ledger(folder, scratch):
    """A ledger that was written on four evenings and settled on three: Yahoo and the clock are played."""
    yahoo = Yahoo({"AAA": Share(1)})
    with served(yahoo, scratch), pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: yahoo.now)
        yahoo.now = np.datetime64("2017-12-29T22:30:00")
        Recorder(RunStore(scratch / "run")).run(parse(STUDY, "year"), pages=False)
        init(folder)
        for evening in EVENINGS:
            yahoo.now = np.datetime64(evening)
            settle(folder)
            add(folder, run=scratch / "run")


async def go(tab, visitor, path, mode="light"):
    await tab.do("Page.navigate", url=f"http://127.0.0.1:{visitor.port}{path}")
    await tab.until(f"document.readyState === 'complete' && location.pathname === '{path.partition('?')[0]}'")
    await tab.ready(mode)


async def click(tab, selector):
    await tab.value(f"document.querySelector({json.dumps(selector)}).click()")


async def press(tab, key):
    for kind in ("keyDown", "keyUp"):
        text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
        code = {"Enter": 13, "Tab": 9}[key]
        await tab.do("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text)


async def the_whole_way(tab, visitor, found):
    """From an empty folder to a finished study, by what a person clicks and types."""
    await tab.screen(1280, 900)
    await tab.do("Page.navigate", url=f"http://127.0.0.1:{visitor.port}{visitor.start}")
    await tab.until("location.search === '' && document.querySelector('main') !== null")
    await tab.ready("light")
    found["empty"] = await tab.value("document.querySelector('main').innerText")
    await press(tab, "Tab")
    found["first focus"] = await tab.value("document.activeElement.textContent")
    visitor.post_token = await tab.value("document.querySelector('meta[name=post-token]').content")
    jar = (await tab.do("Network.getCookies"))["cookies"][0]
    visitor.cookie, found["jar"] = f"{jar['name']}={jar['value']}", jar
    await click(tab, "a[href='/new']")
    await tab.until("document.getElementById('estimate')?.textContent.startsWith('About')")
    await tab.value("""(() => {
      const form = document.getElementById("study");
      form.elements.source.value = "sample";
      form.elements.cost.value = "2,5";
      ["drift", "moving_average"].forEach((name) => { form.querySelector(`[value=${name}]`).checked = true; });
      form.dispatchEvent(new Event("change"));
    })()""")
    found["estimate"] = await tab.value("document.getElementById('estimate').textContent")
    await click(tab, "#show")
    await tab.until("!document.getElementById('command').hidden")
    found["command"] = await tab.value("document.querySelector('#command code').textContent")
    await click(tab, "#study button[type=submit]")
    await tab.until("location.pathname.startsWith('/runs/')")
    await tab.until("document.querySelector('[data-live] #count, iframe.report') !== null")
    await tab.until("document.querySelector('iframe.report') !== null", 200)
    found["run"] = await tab.value("document.querySelector('main').innerText")
    path = (await tab.value("decodeURIComponent(location.pathname)")).removeprefix("/runs/")
    found["frame"] = await tab.value("document.querySelector('iframe.report').contentDocument === null")
    return path


async def side_by_side(tab, visitor, found):
    """Search, sort by keyboard, tick and compare."""
    await go(tab, visitor, "/")
    await tab.value("""(() => {
      const search = document.getElementById("search");
      search.value = "AGAIN";
      search.dispatchEvent(new Event("input"));
    })()""")
    shown = "Array.from(document.querySelectorAll('#runs tbody tr')).filter((row) => !row.hidden).length"
    found["searched"] = await tab.value(shown)
    await tab.value("document.querySelector('th[aria-sort] button').focus()")
    await press(tab, "Enter")
    found["sorted"] = await tab.value("document.querySelector('th[aria-sort]').getAttribute('aria-sort')")
    await tab.value("document.querySelectorAll('[name=run]').forEach((box) => { box.checked = true; })")
    await click(tab, "form[action='/compare'] button[type=submit]")
    await tab.until("location.pathname === '/compare' && document.querySelector('iframe.report') !== null")
    found["compare"] = await tab.value("location.pathname + location.search")


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What the browser found, in one session."""
    home, scratch = tmp_path_factory.mktemp("shown"), tmp_path_factory.mktemp("scratch")
    (home / "numpy.py").write_text("raise SystemExit('code of the folder was imported')")
    found = {"axe": {}, "sideways": {}, "charts": {}, "html": {}}

    async def visit(tab):
        path = await the_whole_way(tab, visitor, found)
        shutil.copytree(home / path, home / "runs" / "again")
        settled_ledger(home / "ledger", scratch)
        await side_by_side(tab, visitor, found)
        name = json.loads(visitor.post("/upload?name=mine.csv", forecast_file()).text)["file"]
        judged = json.loads(visitor.post("/judge", json.dumps({"file": name}).encode()).text)["go"]
        (home / ".beatnaive-app" / "pages").mkdir(exist_ok=True)  # the guide trains a network: not here
        guide = home / ".beatnaive-app" / "pages" / "lstm-guide.html"
        guide.write_text('<!DOCTYPE html><html lang="en"><title>Guide</title><p>a guide', encoding="utf-8")
        pages = (
            "/",
            "/new",
            "/judge",
            judged,
            "/audit",
            "/ledger",
            "/learn",
            f"/runs/{path}",
            found["compare"],
            "/none",
        )
        for page in pages:
            found["html"][page] = visitor.get(page).text
            for width, mode in SIZES:
                await tab.screen(width, 900, dark=mode == "dark")
                await go(tab, visitor, page, mode)
                found["axe"][page, width, mode] = await violations(tab)
            for width in WIDTHS:
                await tab.screen(width, 900)
                found["sideways"][page, width] = await tab.value(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
        await go(tab, visitor, "/ledger")
        found["charts"] = await tab.value(
            "Array.from(document.querySelectorAll('[data-spec]'), (at) => at.querySelectorAll('svg.marks path').length)"
        )
        await tab.screen(1000, 900, media="print")
        found["printed"] = await tab.value("getComputedStyle(document.querySelector('header.bar')).display")
        await tab.screen(1280, 900)
        found["compared"] = visitor.get(found["compare"].replace("/compare", "/compared")).text
        # "/none" is a page that is not there: the browser notes its 404
        found["complaints"] = [one for one in tab.complaints() if "404" not in json.dumps(one)]
        found["requests"] = {re.sub(r"^http://127\.0\.0\.1:\d+/.*", "ours", url) for url in tab.requests()}
        hostile = run_folder(home / "runs" / "hostile", symbol="</script><script>document.title='stolen'</script>")
        (hostile / "report.html").write_text(HOSTILE, encoding="utf-8")
        await go(tab, visitor, "/runs/runs/hostile")
        listen = "window.tried = null; window.addEventListener('message', (event) => { window.tried = event.data; });"
        await tab.value(listen)
        await tab.value("(() => { const frame = document.querySelector('iframe.report'); frame.src = frame.src; })()")
        await tab.until("window.tried !== null")
        found["hostile"] = await tab.value("({...window.tried, title: document.title, place: location.pathname})")

    with app(home) as visitor:
        drive(visit)
    found["after"], found["code"] = visitor.seen, visitor.process.returncode
    return found


def test_from_an_empty_folder_to_a_finished_study(seen):
    assert "No runs yet" in seen["empty"]
    assert "drift,moving_average --cost 2.5" in seen["command"]
    assert seen["command"].startswith("beatnaive run --study default --source sample")
    assert re.match(r"About \d+ seconds on \d+ cores?", seen["estimate"])
    assert "State: complete" in seen["run"]
    assert "$ beatnaive run --study default --source sample" in seen["run"]
    assert "6/6 fits" in seen["run"]
    assert seen["frame"], "the report's document is out of the app's reach, and the app out of its"


def test_runs_are_searched_sorted_by_keyboard_and_compared(seen):
    assert seen["first focus"] == "Skip to the content"
    assert seen["searched"] == 1
    assert seen["sorted"] == "ascending"
    assert "2 runs compared" in seen["compared"]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(seen):
    assert seen["jar"]["httpOnly"]
    assert seen["jar"]["sameSite"] == "Strict"


def test_the_ledger_shows_three_settled_days(seen):
    page = seen["html"]["/ledger"]
    assert "3 forecasts settled on 3 sessions, 1 wait" in page
    assert len(seen["charts"]) == 3  # a fan, odds of better and of worse
    assert all(count > 3 for count in seen["charts"])


def test_nothing_stands_in_the_way_of_any_reader(seen):
    assert {where: wrong for where, wrong in seen["axe"].items() if wrong} == {}


def test_no_page_scrolls_sideways_complains_or_asks_another_machine(seen):
    assert {where: width for where, width in seen["sideways"].items() if width > 0} == {}
    assert seen["complaints"] == []
    assert seen["requests"] == {"ours"}
    assert seen["printed"] == "none"


def test_the_pages_are_html_without_objection(seen, tmp_path):
    files = []
    for number, (page, html) in enumerate(seen["html"].items()):
        assert parse_errors(html) == [], page
        files.append(tmp_path / f"{number}{re.sub('[^a-z]', '-', page)}.html")
        files[-1].write_text(html, encoding="utf-8")
    assert nu_errors(*files) == []


def test_a_hostile_report_reaches_nothing(seen):
    tried = seen["hostile"]
    assert tried["parent"] == tried["storage"] == tried["cookie"] == tried["top"] == "SecurityError"
    assert tried["fetch"] == "refused"
    assert not tried.get("opened")
    assert tried["place"] == "/runs/runs/hostile"
    assert "stolen" in tried["title"]  # as text: the title of the page is the symbol's name
    assert "script" in tried["title"]


def test_the_server_stops_cleanly(seen):
    assert seen["code"] == 0
    assert not [line for line in seen["after"] if "Traceback" in line or "rror" in line]
