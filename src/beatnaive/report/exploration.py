"""The page of a first look at one symbol's prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from beatnaive.prices.explore.released import Released, sentence
from beatnaive.report import tables
from beatnaive.report.charts import to_spec
from beatnaive.report.facts import p_value
from beatnaive.report.html import Cell, Method, Page, Row, Section, Table, figure, render_page
from beatnaive.report.methods import methods
from beatnaive.report.tables import cell

if TYPE_CHECKING:
    from beatnaive.prices.explore import Exploration


STATIONARITY = Method(
    "What is stationarity, and how is it ruled on?",
    "A stationary series keeps its mean and its spread; a random walk wanders off and never has to return. ADF and "
    "Phillips-Perron start from a random walk and ask whether the data refuse it; KPSS starts from stationarity; the "
    "variance ratio compares the spread over 16 sessions with that of a random walk. The ruling is 'stationary' when "
    "both unit-root tests refuse at 0.1 % and KPSS (1 %) or the variance ratio agrees, 'not stationary' when neither "
    "refuses at 1 % and KPSS (5 %) or the variance ratio agrees, else 'the tests disagree'. A slow return to the mean "
    "cannot be told from a random walk by any test on a few years of data.",
)


def exploration_page(seen: Exploration, charts: Mapping[str, Any], releases: Sequence[Released] = ()) -> str:
    """The page as HTML text, from an exploration and its charts by name, and what was seen of releases beside it."""
    first, last, n = seen.sessions[0], seen.sessions[-1], len(seen.sessions)
    missing = f" {seen.missing} rows of the source have no close." if seen.missing else ""
    found = tables.findings(seen.findings)
    return render_page(Page(
        title=f"A first look at {seen.symbol}",
        kicker="BeatNaive: explore",
        lead=[f"{n:,} sessions from {first} to {last}.{missing}"],
        sections=(
            Section("meaning", "What this means for forecasting", lines=seen.words),
            Section("data", "Findings about the prices", tables=(found,) if found else (),
                    lines=() if found else ("The check of the prices found nothing to report.",),
                    methods=methods("findings")),
            Section("charts", "Charts", figures=[figure(name, to_spec(chart)) for name, chart in charts.items()]),
            Section("stationarity", "Stationarity", tables=stationarity_tests(seen), methods=(STATIONARITY,),
                    lines=(f"Log price. {seen.price.words}", f"Log return. {seen.change.words}")),
            *releases_section(releases),
            Section("events", "Days to know", tables=events(seen)),
        ),
        footer="This page holds all it needs and fetches nothing. It is not investment advice.",
    ))  # fmt: skip


def stationarity_tests(seen: Exploration) -> tuple[Table, ...]:
    """The four tests of log price and of log return, a row each; no table where both series are too short."""
    rows = []
    for name, one in (("log price", seen.price), ("log return", seen.change)):
        if one.tests is not None:
            tests = one.tests
            p_values = (Cell(p_value(p), p) for p in (tests.adf, tests.pp, tests.kpss))
            numbers = (cell(tests.ratio, ".3f"), cell(tests.z, "+.2f"), cell(tests.lag1, "+.3f"))
            rows.append(Row((Cell(name), Cell(one.ruling, None, "text"), *p_values, *numbers)))
    names = ("series", "ruling", "ADF p", "Phillips-Perron p", "KPSS p", "variance ratio", "its z", "lag-1 correlation")
    return (Table("The four tests", tables.columns(*names, text=("series", "ruling")), tuple(rows)),) if rows else ()


def releases_section(releases: Sequence[Released]) -> tuple[Section, ...]:
    """Two tables: when each series was known, and what followed; no section where there is none."""
    if not releases:
        return ()
    known, followed = [], []
    for one in releases:
        numbers = (cell(value, ",.1f") for value in (one.lags[0], one.lags[2], one.lags[3], one.lags[4]))
        known.append(Row((
            Cell(one.name), cell(one.values, ",d"), Cell(one.first), Cell(one.last), *numbers,
            cell(one.revisions, ",d"), cell(one.revised, ".2g"), Cell(one.assumed or "no", None, "text"),
        )))  # fmt: skip
        for what, found in (("at every close", one.held), ("on its first session", one.fresh)):
            low, high = found.ci90 or (None, None)
            followed.append(Row((
                Cell(one.name), Cell(what, None, "text"), cell(found.r, "+.3f"), cell(low, "+.3f"), cell(high, "+.3f"),
                cell(found.n, ",d"),
            )))  # fmt: skip
    names = (
        "series", "values", "first published", "last", "lag, days: least", "median", "95 %", "most", "revisions",
        "median size, %", "assumed",
    )  # fmt: skip
    return (
        Section("releases", "Releases", lines=tuple(map(sentence, releases)), tables=(
            Table("When they were known", tables.columns(*names, text=("series", "assumed")), tuple(known)),
            Table(
                "Correlation of what was known at the close with the next return, 90 % interval",
                tables.columns("series", "counted", "r", "from", "to", "sessions", text=("series", "counted")),
                tuple(followed),
            ),
        )),
    )  # fmt: skip


def events(seen: Exploration) -> tuple[Table, ...]:
    """Outliers, drawdowns, and the last crossings of the averages, with their dates; empty tables are left out."""
    far = [("log return, %", 100 * one.value, one) for one in seen.far_returns]
    far += [("volume, shares", one.value, one) for one in seen.far_volumes]
    outliers = [
        Row((Cell(one.session), Cell(what, None, "text"), cell(value, ",.5g"), cell(one.distance, "+.1f")))
        for what, value, one in far
    ]
    falls = [
        Row((Cell(one.peak), Cell(one.trough, None, "text"), Cell(one.recovery or "not yet", None, "text"),
             cell(100 * one.depth, ".1f"), cell(one.sessions, ",d")))
        for one in seen.drawdowns
    ]  # fmt: skip
    turns = [
        Row((Cell(one.session), Cell(one.direction, None, "text"), cell(one.close, ",.6g")))
        for one in seen.crossings[-12:]
    ]
    beyond = "Outliers: beyond five robust deviations from the median"
    averages = "The last crossings of the 7- and 50-day averages"
    named = (
        (beyond, ("session", "what", "value", "deviations"), outliers),
        ("The deepest drawdowns", ("peak", "trough", "recovered", "depth, %", "sessions"), falls),
        (averages, ("session", "direction", "close"), turns),
    )
    words = ("session", "what", "peak", "trough", "recovered", "direction")
    return tuple(
        Table(caption, tables.columns(*names, text=words), tuple(rows)) for caption, names, rows in named if rows
    )
