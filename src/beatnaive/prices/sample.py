"""The source `sample`: real prices inside the package, no network.

S&P 500 (^GSPC) and Nasdaq Composite (^IXIC), daily bars 1999-2018, as arch distributes them; twenty US stocks,
adjusted closes 1990-2022, as skfolio distributes them. `tools/make_sample.py` makes
the file; the licences lie beside it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from beatnaive.core.types import Prices
from beatnaive.prices.source import Source

if TYPE_CHECKING:
    from beatnaive.core.types import Progress

PATH = Path(__file__).parent / "data" / "sample.parquet"
DEFAULT = ("^GSPC",)
SYMBOLS = (
    "AAPL", "AMD", "BAC", "BBY", "CVX", "GE", "HD", "JNJ", "JPM", "KO", "LLY", "MRK", "MSFT", "PEP", "PFE", "PG", "RRC",
    "UNH", "WMT", "XOM", "^GSPC", "^IXIC",
)  # fmt: skip
ADJUSTED = "closes are adjusted for splits and dividends up to 2022-12-28 by the source: as_of has no effect on them"


def read(source: Source, progress: Progress | None = None) -> tuple[Prices, ...]:
    """Embedded, no network: ^GSPC (the default) and ^IXIC, bars 1999-2018; 20 US stocks, adjusted closes 1990-2022.

    >>> [p.symbol for p in read(Source(symbols=("AAPL", "^IXIC")))]
    ['AAPL', '^IXIC']
    """
    from beatnaive.prices.files import read as read_file

    wanted = replace(source, path=str(PATH), symbols=source.symbols or DEFAULT, calendar=source.calendar or "XNYS")
    found = []
    for prices in read_file(wanted):
        # the sample's own provenance: the package's path says nothing to a reader
        note = "" if "Open" in prices.columns else ADJUSTED
        own = replace(prices.provenance, source="sample (embedded)", retrieved="", note=note)
        found.append(replace(prices, provenance=own))
    return tuple(found)
