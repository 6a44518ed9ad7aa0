"""The tables of the page: scores with rulings, the tests one by one, symbols, reasons, findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from beatnaive.core.types import Finding
from beatnaive.report.facts import Facts, number, p_value
from beatnaive.report.html import Cell, Column, Row, Table


def cell(value: Any, form: str = ".4g") -> Cell:
    """A numeric cell; empty where there is no number."""
    text = number(value, form)
    return Cell(text, float(value) if text else None)


def p_cell(p: float | None) -> Cell:
    """A p-value's cell."""
    return Cell(p_value(p), p)


def ruling_cell(ruling: str | None) -> Cell:
    """A ruling, coloured and in words."""
    return Cell(ruling or "", None, f"text ruling-{ruling.replace(' ', '-')}" if ruling else "text")


def columns(*names: str, text: Sequence[str] = ()) -> tuple[Column, ...]:
    """Headings; those named in `text` hold words."""
    return tuple(Column(name, text=name in text) for name in names)


def rulings(facts: Facts) -> Table:
    """A row per model: ruling, skill with interval (%), adjusted p, detectable effect (%), n, RMSE."""
    names = ("model", "ruling", "skill, %", "90 % interval", "p of better, adjusted", "detectable from, %", "n", "RMSE")
    rows = []
    for name in facts.models:
        score, entry = facts.scores[name], facts.rulings.get(name) or {}
        reference, pair = name == facts.benchmark, entry.get("skill_ci90")
        rows.append(Row((
            Cell(name),
            Cell("the benchmark", None, "text") if reference else ruling_cell(entry.get("ruling")),
            skill_cell(facts, name),
            Cell(f"{pair[0]:+.2f} to {pair[1]:+.2f}", float(pair[0])) if pair else Cell(""),
            p_cell(entry.get("p_adjusted")), cell(entry.get("mde_pct"), ".2f"),
            cell(score["n"], ",.0f"), cell(score["rmse"], ",.6g"),
        ), reference))  # fmt: skip
    unit = "variance" if facts.volatility else "price"
    caption = (
        f"Rulings, on the {facts.data.verdict.get('n') or 'same'} rows that all models share; headings sort. RMSE is "
        f"the {unit}'s; skill, interval, p and detectable skill are those of the loss that rules, the {facts.loss}."
    )
    return Table(caption, columns(*names, text=("model", "ruling")), tuple(rows))


def information(facts: Facts) -> Table | None:
    """A row per model and release: the gain over the twin without it, and what a join by date would have added."""
    gains = (facts.verdict.get("information") or {}).get("gains") or ()
    if not gains:
        return None
    names = ("release", "model", "answer", "gain, %", "90 % interval", "p, adjusted", "detectable from, %",
             "leak premium, %", "n")  # fmt: skip
    rows = []
    for one in gains:
        pair, premium = one.get("ci90"), one.get("premium") or {}
        rows.append(Row((
            Cell(one["release"]), Cell(one["model"], None, "text"), Cell(one["answer"], None, "text"),
            cell(one["gain_pct"], "+.2f"),
            Cell(f"{pair[0]:+.2f} to {pair[1]:+.2f}", float(pair[0])) if pair else Cell(""),
            p_cell(one["p_adjusted"]), cell(one["mde_pct"], ".2f"), cell(premium.get("pct"), "+.2f"),
            cell(one["n"], ",.0f"),
        )))  # fmt: skip
    caption = (
        "Gain: error of the twin that does not know the release less the model's own, % of the twin's. Leak premium: "
        "what a join by reference date would have seemed to add; it is the future, and invalid."
    )
    return Table(caption, columns(*names, text=("release", "model", "answer")), tuple(rows))


def skill_cell(facts: Facts, name: str) -> Cell:
    """A model's skill against the run's best benchmark, %, in the loss that rules."""
    if name == facts.benchmark:
        return cell(0.0, "+.2f")
    ruled = facts.rulings.get(name) or facts.scores[name]
    return cell(ruled.get("skill_pct"), "+.2f")


def errors(facts: Facts) -> Table:
    """A row per model: every error measure, the seeds' spread, size and cost."""
    names = ("model", "MAE", "RMSE", "MAPE, %", "R2 of levels", "R2 against naive", "right direction, %",
             "RMSE of seeds", "parameters", "fit, s")  # fmt: skip
    rows = []
    for name in facts.models:
        score = facts.scores[name]
        hits = score.get("hit_rate")
        rows.append(Row((
            Cell(name), cell(score["mae"], ",.6g"), cell(score["rmse"], ",.6g"), cell(score["mape"], ".4f"),
            cell(score["r2"], ".4f"), cell(score["r2_vs_naive"], "+.4f"),
            cell(None if hits is None else 100 * hits, ".1f"), seeds_cell(score),
            cell(score["parameters"], ",.0f"), cell(facts.seconds.get(name), ".2f"),
        ), name == facts.benchmark))  # fmt: skip
    unit = "those of the variance" if facts.volatility else "those of the close"
    caption = f"Errors over the test period, MAE and RMSE {unit}; fit: seconds over all folds and seeds."
    return Table(caption, columns(*names, text=("model",)), tuple(rows))


def seeds_cell(score: Mapping[str, Any]) -> Cell:
    """Lowest and highest RMSE of the single seeds; one number where there is one, empty where there is none.

    >>> seeds_cell({"seed_rmse_min": 1.5, "seed_rmse_max": 2.0}).text, seeds_cell({"seed_rmse_min": 1.5}).text
    ('1.5 to 2', '1.5')
    """
    found = [number(score.get(key), ",.5g") for key in ("seed_rmse_min", "seed_rmse_max")]
    return Cell(" to ".join(filter(None, dict.fromkeys(found))), float(score["seed_rmse_min"]) if found[0] else None)


def evidence(facts: Facts) -> Table | None:
    """Test by test: what each says about each model; None for a run without rulings."""
    if not facts.rulings:
        return None
    names = ("model", "because", "in confidence set", "DM statistic", "DM p", "Clark-West p", "direction p", "slope",
             "seeds ahead, %")  # fmt: skip
    included = (facts.verdict.get("confidence_set") or {}).get("included") or ()
    rows = []
    for name, entry in facts.rulings.items():
        ahead = entry.get("seeds_better")
        rows.append(Row((
            Cell(name), Cell("; ".join(entry.get("because") or ()), None, "text wrap"),
            Cell("yes" if name in included else "no", None, "text"), cell(entry["dm"]["statistic"], "+.2f"),
            p_cell(entry["dm"]["p_value"]), p_cell(entry["cw"]["p_value"]), p_cell(entry["pt"]["p_value"]),
            cell(entry.get("slope"), "+.2f"), cell(None if ahead is None else 100 * ahead, ".0f"),
        )))  # fmt: skip
    caption = f"The evidence, test by test, against {facts.benchmark}; p-values here are of single tests."
    return Table(caption, columns(*names, text=("model", "in confidence set", "because")), tuple(rows))


TOLD = {
    "clark_west": "information", "giacomini_white": "conditional ability", "pesaran_timmermann": "direction",
    "fluctuation": "over time",
}  # fmt: skip
"""The tests whose sentences say more than their numbers."""


def sentences(facts: Facts) -> Table | None:
    """What the tests beside the ruling say of each model, in words; None for a run that recorded none."""
    found = [one for one in facts.verdict.get("evidence") or () if one["test"] in TOLD]
    rows = tuple(
        Row((Cell(one["model"]), Cell(TOLD[one["test"]], None, "text"), Cell(one["words"], None, "text wrap")))
        for one in found
    )
    names = ("model", "asked about", "what the test says")
    return Table("The tests beside the ruling, in words", columns(*names, text=names), rows) if rows else None


def intervals(facts: Facts) -> Table | None:
    """Whether each model's 95 % interval held as often as promised, misses not in clusters; in panels by symbol."""
    rows = tuple(
        Row((Cell(one["model"]), p_cell(one["p_value"]), Cell(one["words"], None, "text wrap")))
        for one in facts.verdict.get("intervals") or ()
    )
    names = ("model", "p", "conditional coverage")
    caption = "Conditional coverage of the 95 % intervals: misses as rare as promised, and not in clusters."
    return Table(caption, columns(*names, text=("model", "conditional coverage")), rows) if rows else None


def symbols(facts: Facts) -> Table | None:
    """A row per symbol of a panel: the model that came closest, and its ruling; None for a single symbol."""
    rows = []
    for name, entry in sorted((facts.verdict.get("symbols") or {}).items()):
        models = {key: value for key, value in entry["models"].items() if value.get("p_adjusted") is not None}
        best = min(models, key=lambda key: models[key]["p_adjusted"], default=None)
        own = models[best] if best is not None else {}
        rows.append(Row((
            Cell(name), cell(entry.get("n"), ",.0f"), Cell(best or "", None, "text"),
            cell(own.get("skill_pct"), "+.2f"), p_cell(own.get("p_adjusted")), ruling_cell(own.get("ruling")),
        )))  # fmt: skip
    names = ("symbol", "n", "closest model", "skill, %", "adjusted p", "ruling")
    caption = (
        "Symbol by symbol, the model that came closest; some look good by chance, so the pooled ruling comes first."
    )
    return Table(caption, columns(*names, text=("symbol", "closest model", "ruling")), tuple(rows)) if rows else None


def reasons(facts: Facts) -> Table | None:
    """The diagnosis; None where the run has none."""
    found = facts.reasons()
    rows = tuple(
        Row((Cell(str(entry.get("model", ""))), Cell(str(entry.get("kind", "")).replace("_", " "), None, "text"),
             cell(entry.get("number")), Cell(str(entry.get("words", "")), None, "text wrap")))
        for entry in found
    )  # fmt: skip
    names = ("model", "symptom", "number", "what it means")
    return (
        Table("Symptoms, model by model", columns(*names, text=("model", "symptom", "what it means")), rows)
        if rows
        else None
    )


def findings(found: Sequence[Finding]) -> Table | None:
    """What the check of the prices found, at most four dates each; None where it found nothing."""
    rows = []
    for one in found:
        dates = ", ".join(one.dates[:4]) + (f" and {len(one.dates) - 4} more" if len(one.dates) > 4 else "")
        rows.append(Row((
            Cell(one.symbol), Cell(one.severity, None, f"text {one.severity}"), Cell(one.message, None, "text wrap"),
            cell(one.count, ",d"), Cell(dates, None, "text wrap"), Cell(one.mend, None, "text wrap"),
        )))  # fmt: skip
    names = ("symbol", "weight", "finding", "count", "dates", "what can be done")
    words = ("symbol", "weight", "finding", "dates", "what can be done")
    return Table("Findings about the prices", columns(*names, text=words), tuple(rows)) if rows else None
