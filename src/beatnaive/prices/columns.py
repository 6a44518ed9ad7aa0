"""Column names that mean the same, and yfinance's three-line header."""

from __future__ import annotations

import re
from collections.abc import Sequence

from beatnaive.core.errors import InputError
from beatnaive.core.numerals import bare, decimal_marks, with_point

# what a file may call it, in lower case without spaces, "_", "-" and "."; the first name found wins
NAMES = {
    "date": ("date", "datetime", "timestamp", "time", "session", "", "indexlevel0"),
    "symbol": ("symbol", "ticker", "tic", "name"),
    "open": ("open",), "high": ("high",), "low": ("low",), "close": ("close",), "volume": ("volume", "vol"),
    "adjusted": ("adjclose", "adjustedclose", "closeadj", "closeadjusted"),
    "dividends": ("dividends", "dividend"), "gains": ("capitalgains", "capitalgain"),
    "splits": ("stocksplits", "splits", "split", "stocksplit"),
}  # fmt: skip

CLOSES = (*NAMES["close"], *NAMES["adjusted"])
KNOWN = {alias for aliases in NAMES.values() for alias in aliases}
DATE = re.compile(r"\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}|\d{8}$")


def canonical(names: Sequence[str], where: str) -> dict[str, str]:
    """What each needed column is called in the file: {"close": "Close", ...}.

    A file that has an adjusted close and no close gives that as its close.
    Raises InputError when there is no date or no close, or when two columns have the same name.

    >>> canonical(["Date", "OPEN", "Adj Close", "Stock Splits"], "f.csv")
    {'date': 'Date', 'open': 'OPEN', 'splits': 'Stock Splits', 'close': 'Adj Close'}
    """
    plain = [re.sub(r"[\s_.\-]+", "", name.lower()) for name in names]
    meant = {alias for aliases in NAMES.values() for alias in aliases} - {""}
    twice = sorted({name for key, name in zip(plain, names, strict=True) if key in meant and plain.count(key) > 1})
    if twice:
        raise InputError(f"{where} has several columns named {twice[0]!r}: rename or remove one")
    found = {
        key: names[plain.index(alias)] for key, aliases in NAMES.items() for alias in aliases[::-1] if alias in plain
    }
    if "close" not in found and "adjusted" in found:
        found["close"] = found.pop("adjusted")
    missing = [key for key in ("date", "close") if key not in found]
    if missing:
        have = ", ".join(repr(name) for name in names[:12])
        raise InputError(
            f"{where} has no column for {' and '.join(missing)}: it has {have}; "
            "needed are Date and Close, useful are Open, High, Low, Volume, Dividends and Stock Splits"
        )
    return found


def by_position(rows: Sequence[Sequence[str]], where: str) -> tuple[list[str], int, str] | None:
    """What columns without telling names are by their place: (names, rows to skip, what was assumed); else None.

    A date first, then one column of numbers (the close), or open, high, low, close and, where there is one, volume, if
    every row looked at agrees: high the largest, low the smallest. A first row of that kind is data, not a header.
    Arguments: rows, the first of the file as cells, the header among them.

    >>> by_position([["when", "index"], ["2024-01-02", "4742.8"]], "f.csv")[0]
    ['Date', 'Close']
    """
    header, body = rows[0], [row for row in rows[1:] if any(row)]
    plain = [re.sub(r"[\s_.\-]+", "", name.lower()) for name in header]
    if any(name in NAMES["date"] for name in plain) and any(name in CLOSES for name in plain):
        return None
    headless = _is_bar(header)
    body = [header, *body] if headless else body
    fields = {2: ("Date", "Close"), 5: ("Date", "Open", "High", "Low", "Close")}
    names = fields.get(len(header), (*fields[5], "Volume") if len(header) == 6 else None)
    if names is None or not body or not all(len(row) == len(header) and _is_bar(row) for row in body):
        return None
    told = [] if headless else [(k, name) for k, name in enumerate(plain) if name in KNOWN - {""}]
    if any(name not in NAMES[names[k].lower()] for k, name in told):
        return None  # a column that says it is something else
    if len(names) > 2:
        mark = decimal_marks(bare(cell) for row in body for cell in row[1:5] if cell)[:1] or "."
        bars = [[float(with_point(bare(cell), mark)) for cell in row[1:5]] for row in body if all(row[1:5])]
        if not all(high == max(bar) and low == min(bar) for bar in bars for _, high, low, _ in (bar,)):
            return None
    said = "it has no header" if headless else f"its header ({', '.join(header)}) does not name date and close"
    return list(names), 0 if headless else 1, f"{said}: read as {', '.join(names)} by position"


def _is_bar(row: Sequence[str]) -> bool:
    """A date and then numbers."""
    if len(row) < 2 or not DATE.match(row[0]):
        return False
    return all(not cell or decimal_marks([bare(cell)]) for cell in row[1:]) and any(row[1:])


def yfinance_header(rows: Sequence[Sequence[str]]) -> list[tuple[str, str]] | None:
    """(column, symbol) of each column, when the first lines are yfinance's multi-level header; else None.

    >>> yfinance_header([["Price", "Close", "Open"], ["Ticker", "A", "A"], ["Date", "", ""]])
    [('Date', ''), ('Close', 'A'), ('Open', 'A')]
    """
    if len(rows) < 3 or {rows[0][0], rows[1][0]} != {"Price", "Ticker"} or any(rows[2][1:]):
        return None
    prices, tickers = (rows[0], rows[1]) if rows[0][0] == "Price" else (rows[1], rows[0])
    return [(rows[2][0] or "Date", ""), *zip(prices[1:], tickers[1:], strict=True)]
