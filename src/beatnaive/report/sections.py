"""The sections of a run's page, in the order of a good paper's results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from beatnaive.core.types import RunData
from beatnaive.report import charts, tables
from beatnaive.report.answers import again, answers
from beatnaive.report.facts import Facts
from beatnaive.report.html import Code, Figure, Page, Section, Table, figure
from beatnaive.report.methods import methods


def run_page(data: RunData) -> Page:
    """Title, verdict and all sections of one run."""
    facts = Facts(data)
    ahead = "the next session" if facts.horizon == 1 else f"{facts.horizon} sessions ahead"
    what = "volatility" if facts.volatility else "close"
    return Page(
        title=f"Does anything beat naive on {facts.subject}?",
        kicker=f"BeatNaive: study {facts.name}, forecasts of the {what}, {ahead}",
        lead=[str(data.verdict["words"])] if data.verdict.get("words") else [],
        sections=tuple(_sections(facts)),
        footer=_footer(data.record),
    )


def _sections(facts: Facts) -> Iterable[Section]:
    yield Section("questions", "In short", answers=answers(facts), methods=methods("naive"))
    yield Section("results", "Results", tables=_some(tables.rulings(facts), tables.evidence(facts)),
                  figures=_charts(facts, "skill"), methods=methods("skill", "stepdown", "mde", "dm"))  # fmt: skip
    yield Section("symbols", "Symbol by symbol", tables=_some(tables.symbols(facts)),
                  figures=_charts(facts, "skill_by_symbol"))  # fmt: skip
    yield Section("forecasts", "Forecast against actual",
                  figures=_charts(facts, "close_with_forecasts", "returns_scatter"),
                  methods=methods("levels", "returns"))  # fmt: skip
    yield Section("against-naive", f"Against {facts.benchmark} over time",
                  figures=_charts(facts, "cumulative_loss", "errors_over_time"),
                  methods=methods("cumulative"))  # fmt: skip
    yield Section("where", "By year, volatility and weekday",
                  figures=_charts(facts, "errors_by_year", "errors_by_volatility", "errors_by_weekday"),
                  methods=methods("groups"))  # fmt: skip
    yield Section("intervals", "Prediction intervals",
                  figures=_charts(facts, "coverage", "coverage_by_volatility", "calibration", "interval_width", "crps"),
                  methods=methods("intervals", "conformal", "crps"))  # fmt: skip
    yield Section("seeds", "Errors and the spread of seeds", tables=(tables.errors(facts),),
                  figures=_charts(facts, "rmse_bar"), methods=methods("seeds"))  # fmt: skip
    yield _training_section(facts)
    yield Section("reasons", "Reasons", tables=_some(tables.reasons(facts)), methods=methods("diagnosis"))
    yield _data_section(facts)
    yield _again_section(facts)


def _some(*found: Table | None) -> tuple[Table, ...]:
    return tuple(table for table in found if table is not None)


def _charts(facts: Facts, *names: str) -> tuple[Figure, ...]:
    """The named charts that exist and apply."""
    drawn = {name: charts.draw(name, facts.data) for name in names if name in charts.CHARTS}
    return tuple(figure(name, charts.to_spec(chart)) for name, chart in drawn.items() if chart is not None)


def _training_section(facts: Facts) -> Section:
    """How networks learned, and what more data would bring; each method explained where its chart is."""
    explained = {"loss_curves": "training", "learning_curve": "learning"}
    drawn = {name: _charts(facts, name) for name in explained}
    shown = [name for name, figures in drawn.items() if figures]
    figures = tuple(chart for name in shown for chart in drawn[name])
    return Section("training", "Training", figures=figures, methods=methods(*(explained[name] for name in shown)))


def _data_section(facts: Facts) -> Section:
    found = tables.findings(facts.data.findings)
    clean = () if found else ("The check of the prices found nothing to report.",)
    return Section("data", "The data", lines=clean, tables=_some(found), methods=methods("findings", "timing"))


def _again_section(facts: Facts) -> Section:
    record = facts.data.record
    stated = {key: record[key] for key in ("study_sha256", "data_sha256", "started", "finished") if record.get(key)}
    versions = record.get("versions") or {}
    lines = [f"{key} = {value}" for key, value in {**stated, **versions}.items()]
    code = [
        Code("In a terminal", again(facts)),
        Code("study.toml, complete", study_text(facts.data)),
        Code("Identity and versions", "\n".join(lines)),
    ]
    return Section("again", "Run it again", code=code)


def study_text(data: RunData) -> str:
    """study.toml as it lies in the folder; written anew where only the parsed study is at hand."""
    import tomli_w

    path = data.folder / "study.toml"
    if path.is_file():
        return path.read_text(encoding="utf-8").strip()
    return tomli_w.dumps({key: value for key, value in data.study.items() if key != "name"}).strip()


def _footer(record: Mapping[str, Any]) -> str:
    version = (record.get("versions") or {}).get("beatnaive", "")
    made = f"Made by BeatNaive {version}".strip()
    when = f" on {record['finished']}" if record.get("finished") else ""
    return f"{made}{when}. This page holds all it needs and fetches nothing. It is no investment advice."
