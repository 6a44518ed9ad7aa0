"""Yahoo, played by a server on this machine: answers, limits, refusals, and the cache behind it."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np
import pytest

from beatnaive.core.errors import CannotWrite, InputError, SourceUnreachable
from beatnaive.prices import Source, cache, load, yahoo
from beatnaive.prices.calendars import closes, sessions_between

DAYS = sessions_between("XNYS", np.datetime64("2020-08-24"), np.datetime64("2020-09-04"))
CLOSES = [125.857498, 124.824997, 126.522499, 125.010002, 124.807503, 129.039993, 134.179993, 131.399994, 120.879997,
          120.959999]  # fmt: skip


class Yahoo:
    """What the server answers: a status for the next requests, then charts of one symbol."""

    def __init__(self) -> None:
        self.failures: list[int] = []
        self.requests: list[str] = []
        self.body: bytes | None = None  # instead of a chart
        self.delay = 0.0  # seconds before an answer
        self.days, self.closes = DAYS, CLOSES
        self.opens, self.zone = closes("XNYS", DAYS) - np.timedelta64(390, "m"), "America/New_York"

    def always_open(self, days: np.ndarray) -> None:
        self.days, self.closes = days, [1.0 + k for k in range(len(days))]
        self.opens, self.zone = days.astype("datetime64[s]"), "UTC"

    def answer(self, path: str) -> tuple[int, bytes]:
        self.requests.append(path)
        sleep(self.delay)
        if self.body is not None:
            return 200, self.body
        if self.failures:
            return self.failures.pop(0), b"Too Many Requests\r\n"
        if path.startswith("/v8/finance/chart/AAPL"):
            return 200, json.dumps(self.chart()).encode()
        error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
        return 404, json.dumps({"chart": {"result": None, "error": error}}).encode()

    def chart(self) -> dict[str, Any]:
        stamps = self.opens.astype("int64").tolist()
        split = 1598880600  # 2020-08-31 09:30 in New York
        meta = {
            "currency": "USD", "symbol": "AAPL", "instrumentType": "EQUITY", "exchangeTimezoneName": self.zone,
            "timezone": "EDT", "gmtoffset": -14400, "dataGranularity": "1d", "range": "max",
            "validRanges": ["1d", "max"],
            "regularMarketTime": stamps[-1], "firstTradeDate": stamps[0], "priceHint": 2,
        }  # fmt: skip
        prices = dict.fromkeys(("open", "high", "low", "close"), self.closes)
        return {"chart": {"error": None, "result": [{
            "meta": meta, "timestamp": stamps,
            "indicators": {"quote": [{**prices, "volume": [400 + k for k in range(len(stamps))]}],
                           "adjclose": [{"adjclose": self.closes}]},
            "events": {"splits": {str(split): {"date": split, "numerator": 4.0, "denominator": 1.0}}},
        }]}}  # fmt: skip


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Yahoo]:
    """yfinance speaks to a server on the loopback; no cookie is fetched, nothing is kept between tests."""
    state = Yahoo()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = state.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words: object) -> None: ...

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    point_to(f"http://127.0.0.1:{httpd.server_port}", monkeypatch, tmp_path)
    yield state
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def point_to(url: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    import yfinance
    from yfinance import base, data
    from yfinance.scrapers import history, quote

    monkeypatch.setenv("BEATNAIVE_CACHE", str(folder / "cache"))
    yfinance.set_tz_cache_location(str(folder / "yfinance"))
    for module in (base, history, quote):
        monkeypatch.setattr(module, "_BASE_URL_", url)
    monkeypatch.setattr(quote, "_QUOTE_SUMMARY_URL_", f"{url}/v10/finance/quoteSummary")
    monkeypatch.setattr(quote, "_QUERY1_URL_", url)
    monkeypatch.setattr(data.YfData, "_get_cookie_and_crumb", lambda self, timeout=30: (None, "basic"))
    data.YfData.cache_get.cache_clear()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits that would have happened."""
    slept: list[float] = []
    monkeypatch.setattr(yahoo, "sleep", slept.append)
    return slept


APPLE = Source("yahoo", symbols=("AAPL",))


def test_bars_are_stored_as_traded_and_come_back_as_of_a_date(server: Yahoo, waits: list[float]) -> None:
    (prices,) = load(APPLE)
    assert (prices.sessions == DAYS).all()
    assert prices.bars[:, 3].tolist() == CLOSES
    assert "Yahoo" in prices.provenance.source
    (stored,) = load(APPLE, traded=True)
    assert stored.bars[3, [3, 4]].tolist() == [4 * 125.010002, (400 + 3) / 4]
    assert stored.splits[5] == 4.0
    (before,) = load(Source("yahoo", symbols=("AAPL",), as_of=date(2020, 8, 28)))
    assert before.bars[:, 3].tolist() == [4 * close for close in CLOSES[:5]]
    assert not waits


def test_the_cache_answers_offline_and_is_refreshed_only_on_demand(server: Yahoo, waits: list[float]) -> None:
    (first,) = load(APPLE)
    asked = len(server.requests)
    server.failures = [500] * 99
    (again,) = load(Source("yahoo", symbols=("aapl",)))
    assert len(server.requests) == asked
    np.testing.assert_array_equal(again.bars, first.bars)
    assert again.provenance.sha256 == first.provenance.sha256
    assert again.provenance.retrieved == first.provenance.retrieved
    assert "sessions after 2020-09-04 need a refresh" in again.provenance.note
    server.failures, server.closes = [], [2 * close for close in CLOSES]
    (fresh,) = load(Source("yahoo", symbols=("AAPL",), refresh=True))
    assert fresh.bars[0, 3] == 2 * CLOSES[0]
    assert fresh.provenance.sha256 != first.provenance.sha256


def test_a_rate_limit_is_waited_out(server: Yahoo, waits: list[float]) -> None:
    server.failures = [429, 429]  # yfinance itself asks twice before it gives up
    (prices,) = load(APPLE)
    assert len(prices) == len(DAYS)
    assert waits == [yahoo.PATIENCE[0]]


def test_a_lasting_rate_limit_is_one_line_that_names_the_ways_out(server: Yahoo, waits: list[float]) -> None:
    server.failures = [429] * 99
    with pytest.raises(SourceUnreachable, match=r"AAPL .it limits the rate.*the source sample, or a file") as caught:
        load(APPLE)
    assert caught.value.exit_code == 4
    assert "\n" not in str(caught.value)
    assert waits == list(yahoo.PATIENCE)


def test_no_connection_is_one_line_that_names_the_ways_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, waits: list[float], capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    point_to(f"http://127.0.0.1:{port}", monkeypatch, tmp_path)
    with pytest.raises(SourceUnreachable, match=r"no prices of AAPL .no connection.*the source sample"):
        load(APPLE)
    assert waits == list(yahoo.NETWORK)
    assert capfd.readouterr().err == ""  # yfinance itself stays silent


def test_a_broken_server_is_unreachable(server: Yahoo, waits: list[float]) -> None:
    server.failures = [503] * 99
    with pytest.raises(SourceUnreachable, match="no prices of AAPL"):
        load(APPLE)


def test_an_unknown_symbol_names_the_nearest(server: Yahoo, waits: list[float]) -> None:
    with pytest.raises(InputError, match=r"Yahoo has no symbol 'APPL' .*: did you mean 'AAPL'\?") as caught:
        load(Source("yahoo", symbols=("APPL",)))
    assert caught.value.exit_code == 2
    assert not waits


def test_symbols_are_needed() -> None:
    with pytest.raises(InputError, match="needs symbols"):
        load(Source("yahoo"))


def test_an_unfinished_bar_is_left_out_with_a_note(server: Yahoo, waits: list[float]) -> None:
    today = np.datetime64("now", "D")
    server.always_open(today - np.arange(4, -1, -1))
    prices = yahoo.fetch("AAPL", "24/7")
    assert set(prices.sessions) <= set(server.days[:-1])
    assert len(prices) >= 3
    assert f"the unfinished bar of {today} was left out" in prices.provenance.note


def test_a_bar_is_finished_half_an_hour_after_the_close(server: Yahoo, waits: list[float]) -> None:
    (prices,) = load(APPLE, traded=True)
    close = prices.closes_at[-1]
    assert len(yahoo.finished(prices, close + np.timedelta64(29, "m"))) == len(prices) - 1
    assert len(yahoo.finished(prices, close + np.timedelta64(30, "m"))) == len(prices)


def test_several_symbols_report_progress(server: Yahoo, waits: list[float]) -> None:
    seen: list[tuple[int, int]] = []
    load(Source("yahoo", symbols=("AAPL", "AAPL")), progress=lambda done, total, what: seen.append((done, total)))
    assert seen == [(0, 1), (1, 1)]


def test_a_damaged_cache_is_said_and_mended_by_refresh(server: Yahoo, waits: list[float]) -> None:
    load(APPLE)
    path = cache.path_of("yahoo", "AAPL")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match=r"is damaged .*refresh it"):
        load(APPLE)
    assert len(load(Source("yahoo", symbols=("AAPL",), refresh=True))[0]) == len(DAYS)


def test_a_changed_number_in_the_cache_is_noticed(server: Yahoo, waits: list[float]) -> None:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    load(APPLE)
    path = cache.path_of("yahoo", "AAPL")
    table = pq.read_table(path)
    close = table.column_names.index("close")
    pq.write_table(table.set_column(close, "close", pc.multiply(table["close"], 1.01)), path)
    with pytest.raises(InputError, match="do not match its sha256"):
        load(APPLE)


def test_a_cache_that_cannot_be_written_is_one_line(
    server: Yahoo, waits: list[float], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("BEATNAIVE_CACHE", str(tmp_path / "a file"))
    with pytest.raises(CannotWrite, match=r"cannot write the cache .*BEATNAIVE_CACHE") as caught:
        load(APPLE)
    assert caught.value.exit_code == 5


def test_the_cache_lies_where_the_platform_keeps_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BEATNAIVE_CACHE", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder() == tmp_path / "beatnaive"
    monkeypatch.setattr("sys.platform", "darwin")
    assert cache.folder() == Path.home() / "Library" / "Caches" / "beatnaive"


def test_the_command_fetches_once_and_says_where_it_lies(
    server: Yahoo, waits: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    from beatnaive.cli import main

    for _ in range(2):
        with pytest.raises(SystemExit) as left:
            main(["fetch", "aapl"])
        assert not left.value.code
        said = capsys.readouterr()
        row = next(line.split() for line in said.out.splitlines() if line.startswith(" AAPL"))
        assert row[:5] == ["AAPL", "10", "2020-08-24", "2020-09-04", "XNYS"]
        assert str(cache.path_of("yahoo", "AAPL")) in said.out
        assert said.err.splitlines() == ["0/1 AAPL", "1/1 read"]
        server.failures = [500] * 99  # the second time nothing is asked


def test_the_command_names_the_ways_out(server: Yahoo, waits: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    from beatnaive.cli import main

    server.failures = [429] * 99
    with pytest.raises(SystemExit) as left:
        main(["fetch", "AAPL", "--json"])
    assert left.value.code == 4
    assert "use the source sample, or a file (--source)" in capsys.readouterr().err


def chart(server: Yahoo, **changes: Any) -> bytes:
    """The usual answer with some of it changed: a field of the meta data, the stamps, or all closes."""
    whole = server.chart()
    result = whole["chart"]["result"][0]
    for name, value in changes.items():
        if name == "close":
            result["indicators"]["quote"][0].update(dict.fromkeys(("open", "high", "low", "close"), value))
            result["indicators"]["adjclose"][0]["adjclose"] = value
        else:
            result["meta"][name] = value
    return json.dumps(whole).encode()


ANSWERS: dict[str, tuple[bytes | dict[str, Any], str]] = {
    "empty object": (b"{}", "it answers with nothing"),
    "null": (b"null", "it answers with nothing"),
    "empty list": (b"[]", "it answers with nothing"),
    "text": (b'"x"', "it answers with nothing"),
    "no results": (b'{"chart": {"result": [], "error": null}}', "it answers with nothing"),
    "null results": (b'{"chart": {"result": null, "error": null}}', "it answers with nothing"),
    "no meta": (b'{"chart": {"result": [{"meta": {}}], "error": null}}', "it answers with nothing"),
    "broken": (b'{"chart": ', "its answer is not understood"),
    "a page": (b"<html>Will return</html>", "its answer is not understood"),
    "no body": (b"", "its answer is not understood"),
    "all null": ({"close": [None] * 10}, "it answers with nothing"),
    "negative": ({"close": [1.0] * 9 + [-1.0]}, "it answers with prices of zero or less"),
    "another symbol": ({"symbol": "MSFT"}, "it answers with prices of 'MSFT'"),
    "unknown zone": ({"exchangeTimezoneName": "Mars/Base"}, "unknown time zone 'Mars/Base'"),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_an_answer_that_is_not_the_symbols_prices_is_refused_and_never_cached(
    server: Yahoo, waits: list[float], case: str
) -> None:
    body, message = ANSWERS[case]
    server.body = chart(server, **body) if isinstance(body, dict) else body
    with pytest.raises(SourceUnreachable, match=message) as caught:
        load(APPLE)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    assert not cache.path_of("yahoo", "AAPL").exists()
    server.body = None
    assert len(load(APPLE)[0]) == len(DAYS)


def test_a_day_that_comes_twice_is_refused(server: Yahoo, waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """yfinance drops the second of two equal stamps; two stamps of one day come through."""
    import yfinance

    load(APPLE)
    whole = yfinance.Ticker("AAPL").history(period="max", auto_adjust=False, actions=True)
    monkeypatch.setattr(yfinance.Ticker, "history", lambda *words, **options: whole.iloc[[0, 1, 1, 2]])
    with pytest.raises(SourceUnreachable, match="it answers with the same day twice"):
        load(Source("yahoo", symbols=("AAPL",), refresh=True))


def test_slow_answers_end_at_a_limit(server: Yahoo, waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yahoo, "LIMIT", 0.5)
    server.delay = 3.0
    start = monotonic()
    with pytest.raises(SourceUnreachable, match=r"no answer within 0.5 seconds.*the source sample") as caught:
        load(APPLE)
    assert monotonic() - start < 2.5
    assert caught.value.exit_code == 4


@pytest.mark.network
def test_yahoo_itself_still_answers_as_we_expect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEATNAIVE_CACHE", str(tmp_path))
    (prices,) = load(Source("yahoo", symbols=("AAPL",), as_of=date(2020, 8, 28)))
    assert prices.bars[prices.sessions == np.datetime64("2020-08-27"), 3] == pytest.approx(500.04, abs=0.01)
