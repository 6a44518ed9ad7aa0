"""Releases inside the package, no network: VIX, the US ten-year yield, US consumer prices.

`tools/make_releases.py` makes the files; sources and licences lie beside them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats, Instants, Provenance
from beatnaive.releases.join import Transform
from beatnaive.releases.publication import end_of_day, lagged
from beatnaive.releases.table import Releases

if TYPE_CHECKING:
    import pyarrow as pa

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Vix:
    """VIX at its daily close, 1990-2026: known at the next session's close, for it closes after the stocks."""

    parts: ClassVar[tuple[str, ...]] = ("", "_change")
    transform: ClassVar[Transform] = "log"

    def read(self, symbols: Sequence[str]) -> Releases:
        """The whole series; it concerns every symbol."""
        days, value, provenance = _series("vix")
        return Releases.of(
            name="vix", period_end=days, known_at=end_of_day(days), value=value, provenance=provenance,
        )  # fmt: skip


@dataclass(frozen=True)
class Us10y:
    """Yield of ten-year US government bonds, monthly means, 1953-2026: assumed known a session after the month."""

    parts: ClassVar[tuple[str, ...]] = ("", "_fresh")
    transform: ClassVar[Transform] = "difference"

    def read(self, symbols: Sequence[str]) -> Releases:
        """The whole series; it concerns every symbol."""
        first, value, provenance = _series("us10y")
        end = _month_end(first)
        return Releases.of(
            name="us10y", period_end=end, known_at=lagged(end, "1 session"), value=value, provenance=provenance,
            reference=first, assumed="one session after the month's end",
        )  # fmt: skip


@dataclass(frozen=True)
class Cpi:
    """US consumer price index, monthly, 1913-2026: assumed known on the last day of the month that follows."""

    parts: ClassVar[tuple[str, ...]] = ("", "_fresh")
    transform: ClassVar[Transform] = "year_on_year"

    def read(self, symbols: Sequence[str]) -> Releases:
        """The whole series; it concerns every symbol."""
        first, value, provenance = _series("cpi")
        end = _month_end(first)
        return Releases.of(
            name="cpi", period_end=end, known_at=end_of_day(_month_end(end + 1)), value=value, provenance=provenance,
            reference=first, assumed="the last day of the month that follows",
        )  # fmt: skip


def _month_end(days: Instants) -> Instants:
    return np.asarray((days.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1)


def _series(name: str) -> tuple[Instants, Floats, Provenance]:
    """Dates, values and provenance of one of the macro series."""
    table, provenance = embedded("macro")
    rows = np.asarray(table["name"]) == name
    return np.asarray(table["date"])[rows].astype("datetime64[D]"), np.asarray(table["value"])[rows], provenance


@cache
def embedded(name: str) -> tuple[pa.Table, Provenance]:
    """A file of the package, and where it came from."""
    import pyarrow.parquet as pq

    path = DATA / f"{name}.parquet"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return pq.read_table(path), Provenance(f"{name} (embedded)", digest, "")


@dataclass(frozen=True)
class Fundamentals:
    """Annual figures of forty US companies as first filed, fiscal years 2011-2026: revenue, net income, EPS and more.

    Known from the end of the day of filing in New York. Values as they read today serve the leak premium alone.
    """

    parts: ClassVar[tuple[str, ...]] = ("",)
    transform: ClassVar[Transform] = "year_on_year"

    def read(self, symbols: Sequence[str]) -> Releases:
        """The rows of these symbols; forty rows with implausible filing dates are left out, with a note."""
        table, provenance = embedded("fundamentals")
        column = {name: np.asarray(table[name]) for name in table.column_names}
        asked = np.isin(column["ticker"], list(symbols)) if symbols else np.ones(len(column["ticker"]), bool)
        reliable = column["filed_reliable"].astype(bool)
        if not asked.any():
            names = ", ".join(np.unique(column["ticker"].astype(str))[:12])
            raise InputError(f"fundamentals knows nothing of {', '.join(symbols[:3])}: it has {names} and more")
        rows = np.flatnonzero(asked & reliable & np.isfinite(column["original_value"].astype(float)))
        dropped = int((asked & ~reliable).sum())
        note = f"{dropped} values with implausible filing dates are left out" if dropped else ""
        return Releases.of(
            symbol=column["ticker"][rows].astype(str), name=column["concept"][rows].astype(str),
            period_end=column["period_end"][rows].astype("datetime64[D]"), value=column["original_value"][rows],
            known_at=end_of_day(column["first_filed"][rows].astype("datetime64[D]")),
            latest=column["latest_value"][rows], provenance=replace(provenance, note=note),
        )  # fmt: skip
