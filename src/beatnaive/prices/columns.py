"""Column names that mean the same, and yfinance's three-line header."""

from __future__ import annotations

import re
from collections.abc import Sequence

from beatnaive.core.errors import InputError

# what a file may call it, in lower case without spaces, "_", "-" and "."; the first name found wins
NAMES = {
    "date": ("date", "datetime", "timestamp", "time", "session", "", "indexlevel0"),
    "symbol": ("symbol", "ticker", "tic", "name"),
    "open": ("open",), "high": ("high",), "low": ("low",), "close": ("close",), "volume": ("volume", "vol"),
    "adjusted": ("adjclose", "adjustedclose", "closeadj", "closeadjusted"),
    "dividends": ("dividends", "dividend"), "splits": ("stocksplits", "splits", "split", "stocksplit"),
}  # fmt: skip


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


def yfinance_header(rows: Sequence[Sequence[str]]) -> list[tuple[str, str]] | None:
    """(column, symbol) of each column, when the first lines are yfinance's multi-level header; else None.

    >>> yfinance_header([["Price", "Close", "Open"], ["Ticker", "A", "A"], ["Date", "", ""]])
    [('Date', ''), ('Close', 'A'), ('Open', 'A')]
    """
    if len(rows) < 3 or {rows[0][0], rows[1][0]} != {"Price", "Ticker"} or any(rows[2][1:]):
        return None
    prices, tickers = (rows[0], rows[1]) if rows[0][0] == "Price" else (rows[1], rows[0])
    return [(rows[2][0] or "Date", ""), *zip(prices[1:], tickers[1:], strict=True)]
