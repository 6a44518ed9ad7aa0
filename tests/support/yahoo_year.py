"""Yahoo through a year, played by a server on this machine: it knows what had closed by its clock, and its troubles."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from beatnaive.prices.calendars import closes, sessions_between

FIRST, LAST = np.datetime64("2017-03-01"), np.datetime64("2018-12-31")


@dataclass
class Share:
    """One symbol as traded: closes, splits and dividends by session; what was first reported wrongly, until when."""

    seed: int
    splits: dict[str, float] = field(default_factory=dict)
    dividends: dict[str, float] = field(default_factory=dict)
    wrong: dict[str, tuple[float, str]] = field(default_factory=dict)
    delisted: str = "9999-12-31"

    def __post_init__(self) -> None:
        self.days = sessions_between("XNYS", FIRST, LAST)
        returns = 0.01 * np.random.default_rng(self.seed).standard_normal(len(self.days))
        self.closes = 200 * np.exp(np.cumsum(returns))
        for day, ratio in self.splits.items():
            self.closes[self.days >= np.datetime64(day)] /= ratio


class Yahoo:
    """Its clock, its shares, and whether it answers; `lag`: sessions that it is behind."""

    def __init__(self, shares: dict[str, Share]) -> None:
        self.shares, self.now, self.down, self.lag = shares, LAST.astype("datetime64[s]"), False, 0

    def answer(self, path: str) -> tuple[int, bytes]:
        symbol = path.partition("?")[0].rpartition("/")[2]
        share = self.shares.get(symbol)
        if self.down:
            return 503, b"down"
        if share is None or self.now >= np.datetime64(share.delisted) + 3:
            error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
            return 404, json.dumps({"chart": {"result": None, "error": error}}).encode()
        return 200, json.dumps(self.chart(symbol, share)).encode()

    def chart(self, symbol: str, share: Share) -> dict:
        known = closes("XNYS", share.days) + np.timedelta64(15, "m") <= self.now
        known &= share.days <= np.datetime64(share.delisted)
        n = int(known.sum()) - self.lag
        days, close = share.days[:n], share.closes[:n].copy()
        for day, (factor, until) in share.wrong.items():
            if self.now < np.datetime64(until):
                close[days == np.datetime64(day)] *= factor
        for day, ratio in share.splits.items():  # all prices before are divided from the day of the split on
            if len(days) and days[-1] >= np.datetime64(day):
                close[days < np.datetime64(day)] /= ratio
        at = (closes("XNYS", days) - np.timedelta64(390, "m")).astype("int64").tolist()
        stamp = dict(zip(map(str, days), at, strict=True))
        split = {day: ratio for day, ratio in share.splits.items() if day in stamp}
        events = {
            "splits": {
                str(stamp[day]): {"date": stamp[day], "numerator": ratio, "denominator": 1.0}
                for day, ratio in split.items()
            },
            "dividends": {
                str(stamp[day]): {
                    "date": stamp[day], "amount": amount / np.prod([r for later, r in split.items() if later > day]),
                }
                for day, amount in share.dividends.items() if day in stamp
            },
        }  # fmt: skip
        meta = {
            "currency": "USD", "symbol": symbol, "instrumentType": "EQUITY", "exchangeTimezoneName": "America/New_York",
            "timezone": "EST", "gmtoffset": -18000, "dataGranularity": "1d", "range": "max",
            "validRanges": ["1d", "max"], "regularMarketTime": at[-1], "firstTradeDate": at[0], "priceHint": 2,
        }  # fmt: skip
        quote = {name: close.tolist() for name in ("open", "high", "low", "close")} | {"volume": [1000] * n}
        quote["volume"] = (1000 + np.arange(n) % 97).tolist()
        indicators = {"quote": [quote], "adjclose": [{"adjclose": close.tolist()}]}
        return {"chart": {"error": None, "result": [
            {"meta": meta, "timestamp": at, "indicators": indicators, "events": events}
        ]}}  # fmt: skip


@contextmanager
def served(yahoo: Yahoo, folder: Path) -> Iterator[None]:
    """yfinance speaks to this Yahoo; no cookie is fetched, the cache lies in `folder`, nobody waits."""
    import yfinance
    from yfinance import base, data
    from yfinance.scrapers import history
    from yfinance.scrapers import quote as quotes

    from beatnaive.prices import yahoo as ours

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = yahoo.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BEATNAIVE_CACHE", str(folder / "cache"))
        yfinance.set_tz_cache_location(str(folder / "yfinance"))
        for module in (base, history, quotes):
            patch.setattr(module, "_BASE_URL_", url)
        patch.setattr(quotes, "_QUOTE_SUMMARY_URL_", f"{url}/v10/finance/quoteSummary")
        patch.setattr(quotes, "_QUERY1_URL_", url)
        patch.setattr(data.YfData, "_get_cookie_and_crumb", lambda self, timeout=30: (None, "basic"))
        patch.setattr(data.YfData, "get", data.YfData.get)
        data.YfData.cache_get.cache_clear()
        patch.setattr(ours, "sleep", lambda _: None)
        yield
    server.shutdown()
    server.server_close()
    thread.join()
