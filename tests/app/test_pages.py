"""The pages by http.client: uploads of all kinds, judging, a ledger, and what is said where there is nothing."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from app_client import app, forecast_file
from planted_ledger import plant
from run_folders import run_folder
from time_stamps import Authority, served

from beatnaive.forecasting.ledger import clock
from beatnaive.forecasting.ledger.anchor import anchor
from beatnaive.forecasting.ledger.ledger import init

MOST = 200 << 20


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    with app(folder) as one:
        one.folder = folder
        one.enter()
        yield one


def uploaded(visitor, name, content):
    answer = visitor.post(f"/upload?name={name}", content)
    return answer, json.loads(answer.text).get("file") if answer.status == 200 else None


def test_a_file_with_decimal_commas_is_judged_as_one_with_points(visitor):
    said = []
    for comma in (True, False):
        _, name = uploaded(visitor, "my%20forecasts.csv", forecast_file(comma=comma))
        assert re.fullmatch(r"my_forecasts-[0-9a-f]{8}\.csv", name)
        answer = visitor.post("/judge", json.dumps({"file": name, "y": "price", "horizon": "1,0"}).encode())
        page = visitor.get(json.loads(answer.text)["go"])
        assert page.status == 200
        said.append(re.search(r"<h2 id=\"words-heading\">.*?<p>(.*?)</p>", page.text, re.DOTALL)[1])
        assert "beatnaive judge" in page.text
        assert ">mine<" in page.text
        assert ">naive<" in page.text
        said[-1] = said[-1].replace(name, "the file")
    assert said[0] == said[1]


@pytest.mark.parametrize("name", ["evil.py", "..%2F..%2Fevil.py", "x.csv%00.py", "a.toml", "noending", ""])
def test_what_is_not_data_is_not_stored(visitor, name):
    answer, _ = uploaded(visitor, name, b"import os")
    assert answer.status == 400
    assert not [one for one in visitor.folder.rglob("*") if "evil" in one.name or one.suffix == ".py"]


@pytest.mark.parametrize("name", ["..%2F..%2Fout.csv", "%2Ftmp%2Fout.csv", "..%5Cout.csv", "%2e%2e%2fout.csv"])
def test_an_upload_lands_in_its_folder_whatever_it_is_called(visitor, name):
    _, kept = uploaded(visitor, name, b"a,b\n1,2\n")
    assert (visitor.folder / "uploads" / kept).read_bytes() == b"a,b\n1,2\n"
    assert not (visitor.folder.parent / "out.csv").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"\x00" * 5000, b"PAR1" + b"\xff" * 400 + b"PAR1", b"ds,y,m\n", b"=cmd|' /C calc'!A0,y\n1,2\n",
        b'ds,y,"<script>alert(1)</script>"\n' + b"2024-01-01,1,1\n" * 3, b"\x1f\x8b" + b"x" * 500,
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_in_the_words_of_the_command_line(visitor, content):
    _, name = uploaded(visitor, "hostile.csv", content)
    answer = visitor.post("/judge", json.dumps({"file": name}).encode())
    assert answer.status == 400
    assert answer.text.startswith("beatnaive: ")
    assert answer.text.count("\n") == 1
    assert len(answer.text) < 320
    assert visitor.get("/").status == 200


def test_an_empty_or_an_oversized_file_leaves_nothing(visitor):
    before = set(visitor.folder.rglob("*"))
    assert uploaded(visitor, "empty.csv", b"")[0].status == 400
    large = visitor.ask(
        "POST", "/upload?name=big.csv", b"", X_BeatNaive_Token=visitor.post_token, Content_Length=str(MOST + 1)
    )
    assert large.status == 413
    assert {one for one in set(visitor.folder.rglob("*")) - before if one.is_file()} == set()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"file": 3}', b'{"file": "../x.csv"}', b"\xff"])
def test_a_form_that_is_none_is_refused(visitor, body):
    for path in ("/judge", "/new"):
        answer = visitor.post(path, body)
        assert answer.status == 400, path
        assert answer.text.startswith("beatnaive: ")


def test_empty_states_say_what_to_do_next(visitor):
    assert "beatnaive ledger init" in visitor.get("/ledger").text
    assert 'href="/new"' in visitor.get("/").text
    assert "No finished run here has an LSTM" in visitor.get("/learn").text
    assert "beatnaive audit my_features.py:make_features" in visitor.get("/audit").text
    assert "tick at least two runs" in visitor.get("/compare").text


def test_a_ledger_is_shown_and_verified(visitor, monkeypatch):
    folder = visitor.folder / "ledger"
    monkeypatch.setattr(clock, "now", lambda: np.datetime64("2014-01-02T12:00:00"))
    init(folder)
    plant(folder, 8)
    page = visitor.get("/ledger?model=model1").text
    for words in ("Forecast", "What came last", "The odds so far", "Calibration so far", "Chain and anchors"):
        assert f">{words}</h2>" in page
    assert page.count("data-spec=") == 4  # two fans, odds of better and of worse
    assert "Fans are drawn for model1" in page
    assert "No entry is anchored" in page
    said = json.loads(visitor.post("/ledger/verify").text)["said"]
    assert "the scores follow from them; none is anchored" in said


def test_an_anchored_ledger_names_the_entry_and_verifies_its_time_stamp(tmp_path, monkeypatch):
    folder = tmp_path / "home" / "ledger"
    folder.parent.mkdir()
    monkeypatch.setattr(clock, "now", lambda: np.datetime64("2014-01-02T12:00:00"))
    init(folder)
    plant(folder, 3)
    authority = Authority(tmp_path / "authority")
    with served(authority) as address:
        done = anchor(folder, address, roots=[authority.root])
    with app(folder.parent) as visitor:
        visitor.enter()
        assert f"A time-stamp lies beside entry {done.number}" in visitor.get("/ledger").text
        said = json.loads(visitor.post("/ledger/verify").text)["said"]
    assert f"a time-stamp vouches for entries 1 to {done.number}" in said


def test_a_hundred_requests_at_once_are_answered(visitor):
    if not (visitor.folder / "one").exists():
        run_folder(visitor.folder / "one")
    paths = ["/", "/runs/one", "/report/one", "/static/app.js"] * 25
    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(visitor.get, paths))
    assert {answer.status for answer in answers} == {200}


def test_a_lock_that_lies_stops_no_process_of_others(visitor):
    from subprocess import Popen

    from beatnaive.runs import lock

    folder = run_folder(visitor.folder / "lying", state="running")
    with Popen(["sleep", "600"]) as other:
        holder = {"host": lock.Holder.of_this_process().host, "pid": other.pid, "started": lock._started(other.pid)}
        (folder / ".lock").write_text(json.dumps(holder))
        assert visitor.post("/stop?run=lying").status == 400
        assert other.poll() is None
        other.kill()
