"""Charts and HTML pages from a finished run's data.

The order is that of a good paper's results: the verdict in words, the table, forecast against actual, the loss
against naive, where and when, seeds, training, reasons, data, and how to do it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatnaive.core.errors import InputError
from beatnaive.core.files import write_atomically
from beatnaive.core.types import RunData
from beatnaive.report.html import Page, render_page

if TYPE_CHECKING:
    from beatnaive.prices.explore import Exploration
    from beatnaive.prices.explore.released import Released


def build(data: RunData) -> str:
    """report.html of one finished run, as text."""
    from beatnaive.report.sections import run_page

    return render_page(run_page(data))


def build_comparison(runs: Sequence[RunData]) -> str:
    """One page that lays several finished runs side by side. Raises InputError for fewer than two."""
    from beatnaive.report.comparison import comparison_page

    if len(runs) < 2:
        raise InputError(f"a comparison needs at least 2 run folders, {len(runs)} given")
    return render_page(comparison_page(runs))


def build_exploration(seen: Exploration, charts: Mapping[str, Any], releases: Sequence[Released] = ()) -> str:
    """The page of a first look at prices: an `Exploration`, its charts by name, and releases beside it."""
    from beatnaive.report.exploration import exploration_page

    return exploration_page(seen, charts, releases)


def write(data: RunData) -> Path:
    """Write report.html into a finished run's folder, whole or not at all; returns its path. Raises CannotWrite."""
    return write_page(data.folder / "report.html", build(data))


def write_page(path: Path, html: str) -> Path:
    """Write a page whole or not at all; returns its path. Raises CannotWrite."""
    write_atomically(path, html)
    return path


__all__ = ["Page", "build", "build_comparison", "build_exploration", "render_page", "write", "write_page"]
