"""The verdict: a ruling per model, the evidence it rests on, and what verdict.json says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from beatnaive.core import notebook_html
from beatnaive.core.phrases import p_text
from beatnaive.core.types import Finding, Losses

if TYPE_CHECKING:
    from beatnaive.judging.significance import Examination
    from beatnaive.judging.tables.checked import CheckedTable
    from beatnaive.judging.tables.intervals import IntervalScore

Ruling: TypeAlias = Literal["better", "worse", "cannot tell", "naive", "invalid"]


@dataclass(frozen=True)
class ModelRuling:
    """One model's ruling, the reasons for it, and doubts about the model itself; each a phrase."""

    ruling: Ruling
    because: tuple[str, ...]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """Rulings per model, the evidence they rest on, all findings, those that bear on the rulings, and the words.

    `symbols` holds a panel's verdict per symbol; the panel's own rulings are the pooled ones. Of a table that somebody
    brought: intervals {model: what its quantiles were worth}, reading: how it was read, the losses, and the table.
    """

    examination: Examination
    rulings: Mapping[str, ModelRuling]
    words: str
    findings: tuple[Finding, ...] = ()
    bearing: tuple[Finding, ...] = ()
    symbols: Mapping[str, Verdict] = field(default_factory=dict)
    intervals: Mapping[str, IntervalScore] = field(default_factory=dict)
    reading: tuple[str, ...] = ()
    losses: Losses | None = field(default=None, repr=False, compare=False)
    table: CheckedTable | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        return self.words

    def __repr__(self) -> str:
        return f"<Verdict on {self.examination.symbol}, {self.examination.n} rows: {self.words}>"

    def _repr_html_(self) -> str:
        return table_of(self.to_json(), self.words)

    def named(self, ruling: Ruling) -> tuple[str, ...]:
        """The models that were ruled so."""
        return tuple(name for name, one in self.rulings.items() if one.ruling == ruling)

    def to_json(self) -> dict[str, Any]:
        """The object of verdict.json; a value that does not apply is None, and an invalid model's are all None."""
        found = self.examination
        data = {
            "n": found.n,
            "horizon": found.ahead or found.horizon,
            "loss": found.loss,
            "benchmark": found.benchmark,
            "naive": asdict(found.naive),
            "trials": {
                "counted": found.counted,
                "runs": list(found.trials.runs),
                "by_bonferroni": found.uncounted,
                "unjoined": dict(found.trials.unjoined),
                "varied": list(found.trials.varied),
            },
            "models": {name: self._model(name, ruling) for name, ruling in self.rulings.items()},
            "any_better": {"p_value": found.p_any},
            "confidence_set": {"level": 0.9, "included": list(found.included)},
            "findings": [asdict(finding) | {"dates": list(finding.dates)} for finding in self.bearing],
            "evidence": [
                {"test": x.test, "model": x.model, "statistic": x.statistic, "p_value": x.p_value, "words": x.words}
                for x in found.evidence
            ],
            "words": self.words,
        }
        if self.reading:
            data["reading"] = list(self.reading)
            data["intervals"] = {name: one.to_json() for name, one in self.intervals.items()}
        if self.symbols:
            data["symbols"] = {name: verdict.to_json() for name, verdict in self.symbols.items()}
        return data

    def _model(self, name: str, one: ModelRuling) -> dict[str, Any]:
        x = self.examination.models.get(name)
        dm, cw, pt = (x.dm, x.cw, x.pt) if x else ((None,) * 3, (None,) * 2, (None,) * 2)
        return {
            "n": self.examination.n if x else None,
            **(asdict(x.accuracy) if x else dict.fromkeys(("mae", "rmse", "mape", "r2"))),
            "skill_pct": x.skill_pct if x else None,
            "skill_ci90": list(x.skill_ci90) if x and x.skill_ci90 else None,
            "dm": dict(zip(("statistic", "p_value", "p_better"), dm, strict=True)),
            "cw": {"statistic": cw[0], "p_value": cw[1], "p_adjusted": x.cw_adjusted if x else None},
            "pt": {"statistic": pt[0], "p_value": pt[1], "p_adjusted": x.pt_adjusted if x else None},
            "p_adjusted": x.p_adjusted if x else None,
            "p_adjusted_this_run": x.p_this_run if x else None,
            "mde_pct": x.mde_pct if x else None,
            "mde_single_pct": x.mde_single_pct if x else None,
            "r2_vs_naive": x.explained if x else None,
            "r2_vs_mean": x.r2_vs_mean if x else None,
            "slope": x.slope if x else None,
            "seeds_better": x.seeds_better if x else None,
            "ruling": one.ruling,
            "because": [*one.because, *one.doubts],
        }


def table_of(data: Mapping[str, Any], words: str) -> str:
    """A verdict's object as a table for a notebook, naive first, and the words below it."""

    def number(value: float | None, form: str = "#.4g") -> str:
        return "" if value is None else f"{value:{form}}"

    rows = [[data["benchmark"], f"{data['n']:,}", number(data["naive"]["rmse"]), "", "", "", "to beat"]]
    for name, one in data["models"].items():
        low, high = one["skill_ci90"] or (None, None)
        span = "" if low is None else f"{low:+.2f} to {high:+.2f}"
        p = "" if one["p_adjusted"] is None else p_text(one["p_adjusted"]).removeprefix("p ").removeprefix("= ")
        skill = number(one["skill_pct"], "+.2f")
        rows.append([name, number(one["n"], ","), number(one["rmse"]), skill, span, p, one["ruling"]])
    head = ("model", "n", "RMSE", "skill %", "90 % interval", "p adjusted", "ruling")
    title = f"n = {data['n']:,}, horizon {data['horizon']}, loss {data['loss']}"
    return notebook_html.page(title, head, rows, (words,))
