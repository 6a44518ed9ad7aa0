"""What a run says, ready to be put into sentences and tables: names, rulings, scores, times, networks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from beatnaive.core.types import Finding, RunData

LOSSES = {
    "squared": "squared error of the log return",
    "absolute": "absolute error of the log return",
    "scaled": "squared error of the log return, scaled by its variance",
    "qlike": "QLIKE of the variance",
    "pinball": "pinball loss of the quantiles",
    "crps": "CRPS of the distribution",
    "winkler": "Winkler score of the 95 % interval",
}


@dataclass(frozen=True, eq=False)
class Facts:
    """A run, asked by name."""

    data: RunData

    @property
    def name(self) -> str:
        """The study's name."""
        return str(self.data.record.get("study") or self.data.study.get("name") or self.data.folder.name)

    @property
    def version(self) -> str:
        """The BeatNaive that made the run; empty where its record does not say."""
        return str((self.data.record.get("versions") or {}).get("beatnaive", ""))

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """Every symbol that was forecast."""
        return tuple(sorted({str(name) for name in self.data.scores["symbol"].unique()} - {"*"}))

    @property
    def subject(self) -> str:
        """The symbol, or how many there are."""
        return self.symbols[0] if len(self.symbols) == 1 else f"{len(self.symbols)} symbols"

    @property
    def volatility(self) -> bool:
        """Whether variances were forecast instead of returns."""
        return (self.data.study.get("target") or {}).get("kind") == "volatility"

    @property
    def horizon(self) -> int:
        """Sessions ahead."""
        return int((self.data.study.get("target") or {}).get("horizon", 1))

    @property
    def verdict(self) -> Mapping[str, Any]:
        """verdict.json."""
        return self.data.verdict

    @property
    def rulings(self) -> Mapping[str, Mapping[str, Any]]:
        """The verdict's entry per model."""
        found: Mapping[str, Mapping[str, Any]] = self.data.verdict.get("models") or {}
        return found

    @property
    def benchmark(self) -> str:
        """What "better" must beat, in words."""
        named = self.data.verdict.get("benchmark") or "naive"
        return named if isinstance(named, str) else ", ".join(named)

    @property
    def loss(self) -> str:
        """The loss on which the verdict rules, in words."""
        kind = str(self.data.verdict.get("loss", "qlike" if self.volatility else "squared"))
        return LOSSES.get(kind, kind)

    def ruled(self, ruling: str) -> tuple[str, ...]:
        """The models with this ruling."""
        return tuple(name for name, entry in self.rulings.items() if entry.get("ruling") == ruling)

    @cached_property
    def scores(self) -> dict[str, dict[str, Any]]:
        """Rows of scores.csv by model: the only symbol's, or the panel's (symbol *)."""
        table = self.data.scores
        whole = table[table["symbol"] == "*"]
        rows = whole if len(whole) else table[table["symbol"] == table["symbol"].iloc[0]]
        return {str(row["model"]): {str(key): row[key] for key in row} for row in rows.to_dict("records")}

    @cached_property
    def models(self) -> tuple[str, ...]:
        """Benchmark models first, then the study's order."""
        order = [self.benchmark, "naive", *self.data.study.get("models", {}), *self.scores]
        return tuple(name for name in dict.fromkeys(order) if name in self.scores)

    @cached_property
    def seconds(self) -> dict[str, float]:
        """Fit seconds per model, over all folds and seeds."""
        table = self.data.timings
        if not {"model", "seconds"} <= set(table.columns):
            return {}
        return {str(name): float(total) for name, total in table.groupby("model")["seconds"].sum().items()}

    @cached_property
    def networks(self) -> tuple[str, ...]:
        """Models that were trained in epochs."""
        trained = [str(fit["model"]) for fit in self.data.fits if len(fit.get("history", {}).get("loss", ())) > 1]
        return tuple(dict.fromkeys(trained))

    def fits_of(self, model: str) -> list[Mapping[str, Any]]:
        """The fits of one model whose forecasts were scored (fold -1 only warms the intervals up)."""
        return [fit for fit in self.data.fits if fit["model"] == model and fit["fold"] >= 0]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the check of the prices found, without what the verdict's own words already say."""
        words = str(self.verdict.get("words") or "")
        return tuple(one for one in self.data.findings if not (one.message and one.message in words))

    def reasons(self, model: str | None = None) -> list[Mapping[str, Any]]:
        """The run's diagnosis, of one model or of all; empty where the run has none."""
        found: Iterable[Mapping[str, Any]] = self.data.verdict.get("diagnosis") or ()
        return [entry for entry in found if model in (None, entry.get("model"))]


def number(value: Any, form: str = ".4g") -> str:
    """A number as text; empty where there is none. A zero has no minus.

    >>> number(4.305190, ",.4f"), number(None), number(float("nan")), number(-0.001, "+.2f")
    ('4.3052', '', '', '+0.00')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    text = format(value, form)
    if text.startswith("-") and not any(digit in text for digit in "123456789"):
        return ("+" if form.startswith("+") else "") + text[1:]
    return text


def p_value(p: float | None) -> str:
    """A p-value, never zero.

    >>> p_value(0.3047), p_value(0.00001), p_value(None)
    ('0.30', '< 0.001', '')
    """
    if p is None:
        return ""
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.0995 else f"{p:.2f}"


def listed(names: Iterable[str]) -> str:
    """Names in a sentence.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = list(names)
    return f"{', '.join(most)} and {last}" if most else last
