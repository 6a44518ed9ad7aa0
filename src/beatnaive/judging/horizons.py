"""Several horizons: each judged by itself, then together by Holm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from beatnaive.core import notebook_html
from beatnaive.core.phrases import listing, p_text
from beatnaive.core.types import Finding, Floats
from beatnaive.judging.significance.tails import holm
from beatnaive.judging.verdict import ModelRuling, Ruling, Verdict
from beatnaive.judging.verdict_words import LEVEL


@dataclass(frozen=True, kw_only=True)
class HorizonsVerdict:
    """The verdict on several horizons.

    horizons {rows ahead: its own verdict}; rulings: over all of them; p_better, p_worse {model: {horizon: p}} of each
    horizon, adjusted for the field there and by Holm for the number of horizons; words; findings.
    """

    horizons: Mapping[int, Verdict]
    rulings: Mapping[str, ModelRuling]
    p_better: Mapping[str, Mapping[int, float]]
    p_worse: Mapping[str, Mapping[int, float]]
    words: str
    findings: tuple[Finding, ...] = ()
    reading: tuple[str, ...] = ()
    symbols: Mapping[str, Verdict] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.words

    def __repr__(self) -> str:
        return f"<Verdict on {len(self.horizons)} horizons: {self.words}>"

    def _repr_html_(self) -> str:
        rows = []
        for name, one in self.rulings.items():
            cells = []
            for verdict in self.horizons.values():
                x = verdict.examination.models.get(name)
                cells.append("" if x is None or x.skill_pct is None else f"{x.skill_pct:+.2f} ({p_text(x.p_adjusted)})")
            rows.append([name, *cells, one.ruling])
        first = next(iter(self.horizons.values())).examination
        errors = [f"{verdict.examination.naive.rmse:.4g}" for verdict in self.horizons.values()]
        head = ["model", *(f"h = {h} (n = {v.examination.n:,})" for h, v in self.horizons.items()), "all horizons"]
        title = "Skill against naive, %, and its adjusted p, by horizon"
        return notebook_html.page(title, head, [[f"{first.benchmark}, RMSE", *errors, "to beat"], *rows], (self.words,))

    def named(self, ruling: Ruling) -> tuple[str, ...]:
        """The models that were ruled so over all horizons."""
        return tuple(name for name, one in self.rulings.items() if one.ruling == ruling)

    def to_json(self) -> dict[str, Any]:
        """The object that judge gives as JSON: what holds over all horizons; under "horizons" each one's own object.

        What belongs to one horizon is None on the outside.
        """
        own = {str(h): verdict.to_json() for h, verdict in self.horizons.items()}
        first = next(iter(own.values()))
        lacking = dict.fromkeys(first)
        kept = {name: first[name] for name in ("loss", "benchmark", "trials")}
        fields: dict[str, Any] = dict.fromkeys(next(iter(first["models"].values())))
        p_better, p_worse = self.p_better, self.p_worse
        models = {
            name: fields
            | {
                "n": sum(
                    verdict.examination.n for verdict in self.horizons.values() if name in verdict.examination.models
                )
                or None,
                "p_adjusted": min(p_better[name].values()) if name in p_better else None,
                "ruling": one.ruling,
                "because": [*one.because, *one.doubts],
                "horizons_better": [h for h, p in p_better.get(name, {}).items() if p < LEVEL],
                "horizons_worse": [h for h, p in p_worse.get(name, {}).items() if p < LEVEL],
            }
            for name, one in self.rulings.items()
        }
        smallest = min((p for each in p_better.values() for p in each.values()), default=1.0)
        return lacking | kept | {
            "n": sum(verdict.examination.n for verdict in self.horizons.values()),
            "models": models, "any_better": {"p_value": smallest}, "findings": first["findings"], "evidence": [],
            "words": self.words, "reading": list(self.reading), "horizons": own,
        }  # fmt: skip


def together(horizons: Mapping[int, Verdict], reading: tuple[str, ...] = ()) -> HorizonsVerdict:
    """One verdict on all horizons: a model is better (or worse) where it is at some horizon after Holm over horizons.

    Each horizon's p is adjusted for its field already. A model is ruled better when it is so at one horizon at least
    and worse at none, worse the other way round, naive where it is naive at all of them.
    """
    names = list(dict.fromkeys(name for verdict in horizons.values() for name in verdict.rulings))
    p_better: dict[str, dict[int, float]] = {}
    p_worse: dict[str, dict[int, float]] = {}
    rulings: dict[str, ModelRuling] = {}
    for name in names:
        own = {
            h: verdict.examination.models[name] for h, verdict in horizons.items() if name in verdict.examination.models
        }
        short = {h for h in own if horizons[h].examination.too_short}
        judged = [h for h in own if h not in short]
        if judged:
            p_better[name] = dict(zip(judged, adjusted([own[h].p_adjusted for h in judged]), strict=True))
            p_worse[name] = dict(zip(judged, adjusted([own[h].p_worse for h in judged]), strict=True))
        each = {h: verdict.rulings[name] for h, verdict in horizons.items() if name in verdict.rulings}
        rulings[name] = over_all(each, p_better.get(name, {}), p_worse.get(name, {}))
    findings = tuple(dict.fromkeys(one for verdict in horizons.values() for one in verdict.bearing))
    words = paragraph(horizons, rulings, p_better, p_worse, findings)
    return HorizonsVerdict(
        horizons=horizons, rulings=rulings, p_better=p_better, p_worse=p_worse, words=words, findings=findings,
        reading=reading,
    )  # fmt: skip


def adjusted(p: list[float]) -> list[float]:
    """Holm's over horizons.

    >>> [round(one, 2) for one in adjusted([0.01, 0.04, 0.5])]
    [0.03, 0.08, 0.5]
    """
    found: Floats = holm(np.array(p))
    return [float(one) for one in found]


def over_all(each: Mapping[int, ModelRuling], better: Mapping[int, float], worse: Mapping[int, float]) -> ModelRuling:
    """One model's ruling over its horizons; its seeds' and other reasons of a single horizon count there alone."""
    doubts = tuple(dict.fromkeys(text for one in each.values() for text in one.doubts))
    kinds = {one.ruling for one in each.values()}
    if len(kinds) == 1 and (kind := kinds.pop()) in ("naive", "invalid"):
        return ModelRuling(kind, next(iter(each.values())).because, doubts)
    up = [h for h, p in better.items() if p < LEVEL and each[h].ruling == "better"]
    down = [h for h, p in worse.items() if p < LEVEL and each[h].ruling == "worse"]
    told = [
        f"{kind} at horizon {listing(list(map(str, found)))}"
        for kind, found in (("better", up), ("worse", down))
        if found
    ]
    if bool(up) != bool(down):
        p = min((better if up else worse).values())
        return ModelRuling("better" if up else "worse", (f"{told[0]}, all horizons counted ({p_text(p)})",), doubts)
    if up:
        return ModelRuling("cannot tell", (f"{' and '.join(told)}, all horizons counted",), doubts)
    smallest = min([*better.values(), *worse.values()], default=1.0)
    reason = f"no horizon stands out when all {len(each)} are counted ({p_text(smallest)})"
    return ModelRuling("cannot tell", (reason if better else next(iter(each.values())).because[0],), doubts)


def paragraph(
    horizons: Mapping[int, Verdict], rulings: Mapping[str, ModelRuling], better: Mapping[str, Mapping[int, float]],
    worse: Mapping[str, Mapping[int, float]], findings: tuple[Finding, ...],
) -> str:  # fmt: skip
    """What can be said of all horizons together, in words."""
    span = f"{len(horizons)} horizons ({min(horizons)} to {max(horizons)})"
    rows = sum(verdict.examination.n for verdict in horizons.values())
    where = next(iter(horizons.values())).examination
    place = f"the panel of {len(where.symbols)} symbols" if where.symbols else where.symbol
    winners = [name for name, one in rulings.items() if one.ruling == "better"]
    losers = [name for name, one in rulings.items() if one.ruling == "worse"]
    same = [name for name, one in rulings.items() if one.ruling == "naive"]
    who = f"{listing(winners)} beat{'s' if len(winners) == 1 else ''}" if winners else "No model beat"
    how = f"judged one by one and then together by Holm ({rows:,} rows)"
    parts = [f"{who} naive (no change) on {place}{', of' if winners else ' at any of'} {span}, {how}."]
    parts += [f"{name}: {rulings[name].because[0]}." for name in winners[:4]]
    if losers:
        names = listing(losers) if len(losers) <= 4 else f"{len(losers)} models"
        parts.append(
            f"{names} {'was' if len(losers) == 1 else 'were'} worse than naive at some horizon, beyond chance."
        )
    if same:
        parts.append(f"{listing(same)} {'is' if len(same) == 1 else 'are'} naive: the same forecasts, skill 0.")
    open_ = {name: min(p.values()) for name, p in better.items() if rulings[name].ruling == "cannot tell"}
    if open_ and not winners:
        name = min(open_, key=lambda one: open_[one])
        parts.append(f"{name} came closest (smallest p over horizons {p_text(open_[name])}), which may well be chance.")
    short = [h for h, verdict in horizons.items() if verdict.examination.too_short]
    if short:
        why = horizons[short[0]].examination.too_short
        parts.append(f"{len(short)} horizon{'s are' if len(short) > 1 else ' is'} too short to be ruled on ({why}).")
    parts += [f"{name}: {text}." for name, one in rulings.items() for text in one.doubts][:4]
    parts += [f"{name} is invalid: {one.because[0]}." for name, one in rulings.items() if one.ruling == "invalid"][:4]
    parts += [f"Doubt: {one.message}." for one in findings]
    return " ".join(parts)
