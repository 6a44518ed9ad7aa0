"""Several runs on one page: what each found, what differs between their studies, and skill side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from beatnaive.core.types import RunData
from beatnaive.report import charts, tables
from beatnaive.report.facts import Facts
from beatnaive.report.html import Cell, Page, Row, Section, Table, figure
from beatnaive.report.methods import methods


def comparison_page(runs: Sequence[RunData]) -> Page:
    """Title and sections of a comparison."""
    facts = [Facts(run) for run in runs]
    chart = charts.compare({label(one): one.data for one in facts})
    drawn = (figure("comparison", charts.to_spec(chart)),) if chart is not None else ()
    differing = differences(facts)
    words = [f"{label(one)}: {one.verdict['words']}" for one in facts if one.verdict.get("words")]
    return Page(
        title=f"{len(runs)} runs compared",
        kicker="BeatNaive: comparison of runs",
        lead=["Skills of different runs are comparable only where symbols, sessions and horizon agree."],
        sections=(
            Section("words", "What each found", lines=words),
            Section("table", "Runs and models", tables=(models(facts),), figures=drawn,
                    methods=methods("skill", "stepdown", "mde")),
            Section("differences", "What differs between the studies", tables=differing,
                    lines=() if differing else ("Nothing: all runs have the same study.",)),
        ),
        footer="This page holds all it needs and fetches nothing.",
    )  # fmt: skip


def label(facts: Facts) -> str:
    """What a run is called: its folder's name."""
    return facts.data.folder.name


def models(runs: Sequence[Facts]) -> Table:
    """A row per model of every run: ruling, skill (%), adjusted p, detectable effect (%), n, RMSE."""
    rows = []
    for run in runs:
        for name in run.models:
            score, entry, reference = run.scores[name], run.rulings.get(name) or {}, name == run.benchmark
            rows.append(Row((
                Cell(label(run)), Cell(name, None, "text"),
                Cell("the benchmark", None, "text") if reference else tables.ruling_cell(entry.get("ruling")),
                tables.skill_cell(run, name), tables.p_cell(entry.get("p_adjusted")),
                tables.cell(entry.get("mde_pct"), ".2f"), tables.cell(score["n"], ",.0f"),
                tables.cell(score["rmse"], ",.6g"),
            ), reference))  # fmt: skip
    names = ("run", "model", "ruling", "skill, %", "adjusted p", "detectable from, %", "n", "RMSE")
    caption = "Every model of every run. Click a heading to sort."
    return Table(caption, tables.columns(*names, text=("run", "model", "ruling")), tuple(rows))


def differences(runs: Sequence[Facts]) -> tuple[Table, ...]:
    """Keys of the studies whose values are not the same in all runs."""
    flat = [flatten(run.data.study) for run in runs]
    keys = [key for key in dict.fromkeys(key for one in flat for key in one) if len({one.get(key) for one in flat}) > 1]
    rows = tuple(Row((Cell(key), *(Cell(one.get(key, ""), None, "text wrap") for one in flat))) for key in keys)
    names = [label(run) for run in runs]
    columns = tables.columns("setting", *names, text=("setting", *names))
    return (Table("Settings that are not the same in all runs", columns, rows),) if rows else ()


def flatten(study: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested keys joined by dots, values as text.

    >>> flatten({"split": {"kind": "single"}, "seeds": 5})
    {'split.kind': 'single', 'seeds': '5'}
    """
    flat: dict[str, str] = {}
    for key, value in study.items():
        if isinstance(value, Mapping) and value:
            flat.update(flatten(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = "" if isinstance(value, Mapping) else str(value)
    return flat
