"""A file of one's own, dropped on the form: its study is stopped, resumed, left alone, and its network looked into."""

import json
import os
import re
import signal
import time

import numpy as np
import pytest
from app_client import app, until
from browser import drive

pytestmark = pytest.mark.slow
DROPPED = """((text) => {
  const given = new DataTransfer();
  given.items.add(new File([text], "Kurse 2019.csv", { type: "text/csv" }));
  document.querySelector("[data-drop]").dispatchEvent(
    new DragEvent("drop", { dataTransfer: given, bubbles: true, cancelable: true }));
})"""


def closes(n=400):
    """Closes as a German bank gives them: semicolons, decimal commas, points between thousands, days first."""
    rng = np.random.default_rng(4)
    price = 980 * np.exp(np.cumsum(0.01 * rng.standard_normal(n)))
    days = np.busday_offset("2019-01-02", np.arange(n), roll="forward").astype(object)
    written = [f"{one:,.2f}".translate(str.maketrans(",.", ".,")) for one in price]
    lines = [f"{day:%d.%m.%Y};{one}" for day, one in zip(days, written, strict=True)]
    return "\n".join(["Date;Close", *lines]) + "\n"


async def dropped_and_stopped(tab, visitor, found):
    await tab.screen(1280, 900)
    await tab.do("Page.navigate", url=f"http://127.0.0.1:{visitor.port}{visitor.start}")
    await tab.until("location.search === '' && document.querySelector('main') !== null")
    visitor.post_token = await tab.value("document.querySelector('meta[name=post-token]').content")
    jar = (await tab.do("Network.getCookies"))["cookies"][0]
    visitor.cookie = f"{jar['name']}={jar['value']}"
    await tab.do("Page.navigate", url=f"http://127.0.0.1:{visitor.port}/new")
    await tab.until("document.getElementById('estimate')?.textContent.startsWith('About')")
    await tab.value(f"{DROPPED}({json.dumps(closes())})")
    await tab.until("document.querySelector('[data-drop-told]').textContent.includes('taken in')")
    found["dropped"] = await tab.value("document.querySelector('[data-drop-told]').textContent")
    found["source"] = await tab.value("document.getElementById('study').elements.source.value")
    await tab.value("""(() => {
      const form = document.getElementById("study");
      form.elements.seeds.value = "4";
      form.elements.jobs.value = "1";
      form.querySelector("[value=lstm]").checked = true;
    })()""")
    await tab.value("document.querySelector('#study button[type=submit]').click()")
    await tab.until("/^[1-3] of 4 fits|^[2-5] of [5-9] fits/.test(document.getElementById('count')?.textContent)", 200)
    await tab.value("document.querySelector('[data-post^=\"/stop\"]').click()")
    await tab.until("document.getElementById('resume-heading') !== null", 60)
    found["stopped"] = await tab.value("document.querySelector('main').innerText")
    found["path"] = (await tab.value("decodeURIComponent(location.pathname)")).removeprefix("/runs/")
    await tab.value("document.querySelector('[data-post^=\"/resume\"]').click()")
    await tab.until("document.querySelector('[data-live]') !== null", 60)


async def looked_into(tab, visitor, found):
    """The pages that teach, as the app makes them."""
    name, value = visitor.cookie.split("=", 1)
    await tab.do("Network.setCookie", name=name, value=value, url=f"http://127.0.0.1:{visitor.port}/")
    await tab.screen(1280, 900)
    for page in (f"/learn?run={found['path']}", "/learn"):
        await tab.do("Page.navigate", url=f"http://127.0.0.1:{visitor.port}{page}")
        await tab.until(f"document.readyState === 'complete' && location.pathname + location.search === '{page}'", 240)
        frame = await tab.value("document.querySelector('iframe.report').getAttribute('src')")
        found[page.partition("?")[2][:3] or "guide"] = visitor.get(frame).text


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    home, found = tmp_path_factory.mktemp("own"), {}
    with app(home) as visitor:
        drive(lambda tab: dropped_and_stopped(tab, visitor, found))
        # the browser is gone; the study goes on
        until(lambda: 'class="state-complete"' in visitor.get(f"/runs/{found['path']}").text, 300)
        found["finished"] = visitor.get(f"/runs/{found['path']}").text
        drive(lambda tab: looked_into(tab, visitor, found))
        found["killed"] = watched_while_killed(visitor, home)
    return found


def watched_while_killed(visitor, home):
    """What a watcher of a study is told, look by look, from the moment its process is killed."""
    from http.client import HTTPConnection

    form = {"source": "sample", "models": ["lstm"], "seeds": "5", "jobs": "1"}
    path = json.loads(visitor.post("/new", json.dumps(form).encode()).text)["go"].removeprefix("/runs/")
    until(lambda: (home / path / "run.json").exists())
    connection = HTTPConnection("127.0.0.1", visitor.port, timeout=60)
    connection.request("GET", f"/events/{path}", headers={"Cookie": visitor.cookie})
    events, looks = connection.getresponse(), []
    while not looks:
        looks = [json.loads(line[6:])["state"] for line in (events.readline().decode(),) if line.startswith("data: ")]
    os.kill(json.loads((home / path / ".lock").read_text())["pid"], signal.SIGKILL)
    began = time.monotonic()
    while looks[-1] != "killed" and time.monotonic() - began < 60:
        line = events.readline().decode().strip()
        if line:
            looks.append(json.loads(line[6:])["state"] if line.startswith("data: ") else looks[-1])
    connection.close()
    return looks


def test_a_dropped_file_with_decimal_commas_becomes_a_study(seen):
    assert re.search(r"Kurse 2019.csv, [\d,]+ bytes: taken in as Kurse_2019-[0-9a-f]{8}\.csv", seen["dropped"])
    assert seen["source"] == "file"
    assert "State: interrupted" in seen["stopped"]
    assert re.search(r"[1-5] finished fits are kept", seen["stopped"])


def test_resumed_it_ends_though_nobody_looks(seen):
    assert "$ beatnaive run --resume" in seen["finished"]
    assert "iframe" in seen["finished"]
    assert "decimal commas are read as points" in seen["finished"]


def test_the_guide_and_the_inside_of_the_network_are_made_when_asked_for(seen):
    assert "LSTM" in seen["guide"]
    assert seen["guide"].count("data-spec") >= 4 or seen["guide"].count("vega") > 3
    assert "lstm" in seen["run"]
    assert "Not made" not in seen["run"]


def test_a_study_killed_from_outside_is_told_within_five_looks_a_second_apart(seen):
    assert seen["killed"][0] in {"starting", "running"}
    assert seen["killed"][-1] == "killed"
    assert len(seen["killed"]) <= 1 + 5
