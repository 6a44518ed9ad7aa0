"""A local server that answers as ALFRED and the SEC do, on small tables whose truth is known."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlparse

import pytest
from release_tables import random_table

UNRATE = {
    "2023-07-01": {"2023-08-04": 3.5},
    "2023-08-01": {"2023-09-01": 3.8, "2024-01-05": 3.7},
    "2023-09-01": {"2023-10-06": 3.8},
    "2023-12-01": {"2024-01-05": 3.7},
}
"""US unemployment as it was published: {month: {day of publication: %}}; August 2023 was later revised to 3.7."""
CPI = {"2023-02-01": {"2023-03-14": 301.648}, "2023-03-01": {"2023-04-12": 301.808}}
FACTS: dict = {
    "facts": {"us-gaap": {"Revenues": {"units": {"USD": [
        {"start": "2018-01-01", "end": "2018-12-31", "val": 42294e6, "filed": "2019-02-27", "form": "10-K"},
        {"start": "2019-01-01", "end": "2019-12-31", "val": 46840e6, "filed": "2020-02-26", "form": "10-K"},
        {"start": "2018-01-01", "end": "2018-12-31", "val": 42294e6, "filed": "2020-02-26", "form": "10-K"},
        {"start": "2019-10-01", "end": "2019-12-31", "val": 11868e6, "filed": "2020-02-26", "form": "10-K"},
        {"start": "2019-01-01", "end": "2019-12-31", "val": 39121e6, "filed": "2022-02-25", "form": "10-K"},
    ]}}}}
}  # fmt: skip


def walk() -> dict[str, dict[str, float]]:
    """Thirty months of a series with revisions, as ALFRED has them: vintages are days."""
    table, said = random_table(5, 30), {}
    for end, known, value in zip(table.period_end, table.known_at, table.value.tolist(), strict=True):
        said.setdefault(f"{end.astype('datetime64[M]')}-01", {})[str(known.astype("datetime64[D]"))] = round(value, 3)
    return dict(sorted(said.items()))


SERIES = {"UNRATE": UNRATE, "CPIAUCSL": CPI, "WALK": walk()}


class Alfred(BaseHTTPRequestHandler):
    """ALFRED's two answers that the library reads, and the SEC's two, as they were on the day `until`."""

    asked: ClassVar[list[str]] = []
    broken: ClassVar[str] = ""
    until: ClassVar[str] = "9999-12-31"

    def do_GET(self) -> None:
        place = urlparse(self.path)
        given = {key: values[0] for key, values in parse_qs(place.query).items()}
        Alfred.asked.append(place.path)
        if Alfred.broken == "500":
            self.send_error(500)
            return
        if place.path.endswith("vintagedates"):
            series = SERIES.get(given["series_id"])
            if series is None:
                self.answer('<error code="400" message="Bad Request.  The series does not exist."/>', 400)
                return
            dates = sorted({day for said in series.values() for day in said if day <= Alfred.until})
            self.answer("<v>" + "".join(f"<vintage_date>{day}</vintage_date>" for day in dates) + "</v>")
        elif place.path.endswith("observations"):
            self.answer(f"<observations>{''.join(rows(SERIES[given['series_id']], given))}</observations>")
        elif place.path.endswith("tickers.json"):
            self.answer(json.dumps({"0": {"cik_str": 310158, "ticker": "MRK", "title": "Merck"}}))
        else:
            assert self.headers["User-Agent"] == "Jane Doe jane@example.org"
            stated = FACTS["facts"]["us-gaap"]["Revenues"]["units"]["USD"]
            shown = [one for one in stated if one["filed"] <= Alfred.until]
            self.answer(json.dumps({"facts": {"us-gaap": {"Revenues": {"units": {"USD": shown}}}}}))

    def answer(self, text: str, code: int = 200) -> None:
        self.send_response(code)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


def rows(series: dict, given: dict) -> Iterator[str]:
    """As ALFRED does: what stood in the window, a value that is older than the window dated by its beginning."""
    start, end = given["realtime_start"], given["realtime_end"]
    for date, said in series.items():
        days = sorted(day for day in said if day <= Alfred.until)
        for k, day in enumerate(days):
            until = days[k + 1] if k + 1 < len(days) else "9999-12-31"
            if day <= end and until > start:
                shown = "2026-01-01" if Alfred.broken == "today" else max(day, start)
                window = f'realtime_start="{shown}" realtime_end="{until}"'
                yield f'<observation {window} date="{date}" value="{said[day]}"/>'
    yield f'<observation realtime_start="{max(start, min(next(iter(series.values()))))}" date="1948-01-01" value="."/>'


@contextmanager
def serving(cache: Path, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """The server's address, while it answers; the cache is an empty folder, key and agent are set."""
    Alfred.asked, Alfred.broken, Alfred.until = [], "", "9999-12-31"
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Alfred)
    threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    patch.setenv("BEATNAIVE_CACHE", str(cache))
    patch.setenv("FRED_API_KEY", "secret")
    patch.setenv("BEATNAIVE_SEC_AGENT", "Jane Doe jane@example.org")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        patch.delenv(name, raising=False)
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with serving(tmp_path / "cache", monkeypatch) as address:
        yield address
