"""The sections of a run's page, in the order of a good paper's results."""

from __future__ import annotations

from collections.abc import Iterable

from beatnaive.core.types import RunData
from beatnaive.report import charts, tables, worth
from beatnaive.report.answers import again, answers
from beatnaive.report.facts import Facts
from beatnaive.report.html import Code, Figure, Page, Section, Table, figure
from beatnaive.report.methods import methods


def run_page(data: RunData) -> Page:
    """Title, verdict and all sections of one run."""
    facts = Facts(data)
    ahead = "the next session" if facts.horizon == 1 else f"{facts.horizon} sessions ahead"
    what = "volatility" if facts.volatility else "close"
    when = f" on {data.record['finished']}" if data.record.get("finished") else ""
    made = f"{f'Made by BeatNaive {facts.version}'.strip()}{when}."
    return Page(
        title=f"Does anything beat naive on {facts.subject}?",
        kicker=f"BeatNaive: study {facts.name}, forecasts of the {what}, {ahead}",
        lead=[str(data.verdict["words"])] if data.verdict.get("words") else [],
        sections=tuple(sections(facts)),
        footer=f"{made} This page holds all it needs and fetches nothing. It is not investment advice.",
    )


def sections(facts: Facts) -> Iterable[Section]:
    """The parts of the page, one after the other; those that hold nothing are left out by the page."""
    yield Section("questions", "In short", answers=answers(facts), methods=methods("naive"))
    tested = _some(tables.rulings(facts), tables.evidence(facts), tables.sentences(facts))
    yield Section("results", "Results", tables=tested,
                  figures=_charts(facts, "skill"), methods=methods("skill", "stepdown", "mde", "dm"))  # fmt: skip
    yield Section("symbols", "Symbol by symbol", tables=_some(tables.symbols(facts)),
                  figures=_charts(facts, "skill_by_symbol"))  # fmt: skip
    yield Section("forecasts", "Forecast against actual",
                  figures=_charts(facts, "close_with_forecasts", "returns_scatter"),
                  methods=methods("levels", "returns"))  # fmt: skip
    yield Section("against-naive", f"Against {facts.benchmark} over time",
                  figures=_charts(facts, "cumulative_loss", "fluctuation", "errors_over_time"),
                  methods=methods("cumulative"))  # fmt: skip
    told = facts.verdict.get("information") or {}
    yield Section("information", "Does knowing more help?", tables=_some(tables.information(facts)),
                  lines=(str(told["words"]),) if told.get("words") else (), figures=_charts(facts, "information"),
                  methods=methods("information") if told else ())  # fmt: skip
    yield Section("where", "By year, volatility and weekday",
                  figures=_charts(facts, "errors_by_year", "errors_by_volatility", "errors_by_weekday"),
                  methods=methods("groups"))  # fmt: skip
    yield Section("intervals", "Prediction intervals", tables=_some(tables.intervals(facts)),
                  figures=_charts(facts, "coverage", "coverage_by_volatility", "calibration", "interval_width", "crps"),
                  methods=methods("intervals", "conformal", "crps"))  # fmt: skip
    yield Section("worth", "Would it have paid?", lines=worth.words(facts.data),
                  tables=_some(worth.strategies(facts.data), worth.costs(facts.data), worth.ranks(facts.data),
                               worth.portfolios(facts.data)),
                  figures=_charts(facts, "wealth", "cost_curve", "rank_correlations"),
                  methods=methods("worth") if worth.words(facts.data) else ())  # fmt: skip
    yield Section("seeds", "Errors and the spread of seeds", tables=(tables.errors(facts),),
                  figures=_charts(facts, "rmse_bar"), methods=methods("seeds"))  # fmt: skip
    # how networks learned, and what more data would bring; each method is explained where its chart is
    drawn = {"training": _charts(facts, "loss_curves"), "learning": _charts(facts, "learning_curve")}
    yield Section("training", "Training", figures=[one for figures in drawn.values() for one in figures],
                  methods=methods(*(name for name, figures in drawn.items() if figures)))  # fmt: skip
    yield Section("reasons", "Reasons", tables=_some(tables.reasons(facts)), methods=methods("diagnosis"))
    found = tables.findings(facts.findings)
    yield Section("data", "The data", tables=_some(found), methods=methods("findings", "timing"),
                  lines=() if found else ("The check of the prices found nothing more to report." if facts.data.findings
                                          else "The check of the prices found nothing to report.",))  # fmt: skip
    record = facts.data.record
    stated = {key: record[key] for key in ("study_sha256", "data_sha256", "started", "finished") if record.get(key)}
    lines = [f"{key} = {value}" for key, value in {**stated, **(record.get("versions") or {})}.items()]
    yield Section("again", "Run it again", code=[
        Code("In a terminal", again(facts)),
        Code("study.toml, complete", study_text(facts.data)),
        Code("Identity and versions", "\n".join(lines)),
    ])  # fmt: skip


def _some(*found: Table | None) -> tuple[Table, ...]:
    return tuple(table for table in found if table is not None)


def _charts(facts: Facts, *names: str) -> tuple[Figure, ...]:
    """The named charts that exist and apply."""
    made = {name: charts.specification(name, facts.data) for name in names if name in charts.CHARTS}
    return tuple(figure(name, spec) for name, spec in made.items() if spec is not None)


def study_text(data: RunData) -> str:
    """study.toml as it lies in the folder; written anew where only the parsed study is at hand."""
    import tomli_w

    path = data.folder / "study.toml"
    if path.is_file():
        return path.read_text(encoding="utf-8").strip()
    return tomli_w.dumps({key: value for key, value in data.study.items() if key != "name"}).strip()
