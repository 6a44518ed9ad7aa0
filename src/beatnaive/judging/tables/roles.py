"""Which column of a table plays which part."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from beatnaive.core.errors import InputError
from beatnaive.core.types import LEVELS

QUANTILES = tuple(f"_q{level * 100:04.1f}".replace(".", "").removesuffix("0") for level in LEVELS)
"""What follows a model's name in the columns of its quantiles: _q025, _q05 .. _q975."""
SPELLINGS = {
    "ds": ("ds", "date", "datetime", "timestamp", "time", "day", "session", "target_date"),
    "y": ("y", "actual", "actuals", "y_true", "target", "truth", "observed", "outcome", "real"),
    "symbol": ("symbol", "ticker", "unique_id", "item_id", "series", "series_id", "level"),
    "cutoff": ("cutoff", "origin", "forecast_date", "forecast_start", "start_date", "made_on"),
    "horizon": ("horizon", "step", "steps_ahead", "h"),
    "fold": ("fold",),
    "naive": ("naive",),
    "close": ("close", "last_close", "previous_close", "prev_close"),
}
"""What a table may call its parts, in lower case; only the exact lower-case `close` and `naive` are meant here."""
COUNTERS = re.compile(r"Unnamed: \d+(_level_\d+)?|index|level_\d+|__index_level_\d+__")
"""What writers of CSV call a column of row numbers."""
OPTION = "columns"


@dataclass(frozen=True, kw_only=True)
class Roles:
    """The parts of a table by the names of its columns; every column without a part is a model.

    layout: whose, in words; quantiles {column: (model, level)}; samples {column: model}; ignored: no part of the
    question; cutoff: the last date that was known; start: the first that was forecast; fold: a number per forecast.
    """

    layout: str
    ds: str
    y: str | None = None
    symbol: str | None = None
    cutoff: str | None = None
    start: str | None = None
    fold: str | None = None
    horizon: str | None = None
    naive: str | None = None
    close: str | None = None
    quantiles: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    samples: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    def models(self, columns: Sequence[str]) -> list[str]:
        """The columns that are point forecasts, in the table's order."""
        parts = {self.ds, self.y, self.symbol, self.cutoff, self.start, self.fold, self.horizon, self.naive, self.close}
        return [
            name
            for name in columns
            if name not in parts
            and name not in self.quantiles
            and name not in self.samples
            and name not in self.ignored
        ]


def part(columns: Sequence[str], role: str, *, needed: str = "") -> str | None:
    """The column that plays a part, by the spellings there are; None where there is none.

    needed: what the error says is lacking, where there must be one. Raises InputError for several.

    >>> part(["Date", "Actual", "lstm"], "y")
    'Actual'
    """
    if role in columns:
        return role
    exact = role in ("naive", "close")
    plain = {name: name if exact else re.sub(r"[\s.\-]+", "_", name.strip()).lower() for name in columns}
    found = [name for name, key in plain.items() if key in SPELLINGS[role]]
    if len(found) > 1:
        listed = ", ".join(repr(name) for name in found[:4])
        raise InputError(f'{role} may be {listed}: say which, columns="{role}={found[0]}"', option=OPTION)
    if not found and needed:
        have = ", ".join(repr(name) for name in columns[:8])[:120]
        raise InputError(
            f'no column {role!r} ({needed}); the table has {have}: name it, columns="{role}={columns[-1]}"',
            option=OPTION,
        )
    return found[0] if found else None


def counters(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns of row numbers, which are no models.

    >>> counters(["Unnamed: 0", "ds", "index", "lstm"])
    ('Unnamed: 0', 'index')
    """
    return tuple(name for name in columns if COUNTERS.fullmatch(name))


def own_quantiles(columns: Sequence[str]) -> dict[str, tuple[str, float]]:
    """{column: (model, level)} of columns NAME_q025 .. NAME_q975, NAME_q0.05 and NAME-q-5; single ones are models.

    >>> own_quantiles(["garch_q05", "garch_q95", "x_q10"])
    {'garch_q05': ('garch', 0.05), 'garch_q95': ('garch', 0.95)}
    """
    found: dict[str, tuple[str, float]] = {}
    for name in columns:
        stem, mark, level = name.rpartition("_q")
        if stem and mark + level in QUANTILES:
            found[name] = (stem, LEVELS[QUANTILES.index(mark + level)])
        elif stem and re.fullmatch(r"0?\.\d+", level) and 0 < float(level) < 1:
            found[name] = (stem, float(level))
    stems = Counter(stem for stem, _ in found.values())
    return {name: one for name, one in found.items() if stems[one[0]] > 1}
