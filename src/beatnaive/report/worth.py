"""Would it have paid? The page's tables, from the run's worth.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from beatnaive.core.types import RunData
from beatnaive.report.charts.worth import found_in
from beatnaive.report.html import Cell, Row, Table
from beatnaive.report.tables import cell, columns, ruling_cell


def words(data: RunData) -> list[str]:
    """What was found, in sentences; nothing for a run without worth.json."""
    if (found := found_in(data)) is None:
        return []
    sham = found.get("placebo")
    return [str(found["words"]), *([str(sham["words"])] if sham else [])]


def strategies(data: RunData) -> Table | None:
    """Cash and holding, then a row per model: returns, break-even, Sharpe ratio, drawdown, ruling."""
    if (found := found_in(data)) is None:
        return None
    plan, cash = found["plan"], 100 * found["cash"]
    other = "at the open" if plan["fill"] == "close" else "at the close"
    names = ("strategy", "ruling", "gross, %", f"net at {plan['cost']:g} bp, %", f"filled {other}, %", "break-even, bp",
             "90 % interval", "to holding, bp", "held", "trades", "Sharpe", "error", "above zero, %", "drawdown, %",
             "under water", "alpha, %", "beta", "at random, %", "certain, %", "p paid")  # fmt: skip
    rows = [
        Row((Cell("cash"), Cell("to beat"), cell(cash, "+.1f"), cell(cash, "+.1f"), *[Cell("")] * 16), reference=True)
    ]
    rows.append(Row((Cell("holding"), Cell("to beat"), *_cells(found["holding"], market=True)), reference=True))
    rows += [Row((Cell(name), ruling_cell(one["ruling"]), *_cells(one))) for name, one in found["models"].items()]
    caption = (
        f"{found['n']:,} sessions from {found['first']} to {found['last']}, % a year of {found['sessions_a_year']:g} "
        f"sessions, {found['trials']} trials counted; headings sort. Under water: most sessions in a row below a peak; "
        "above zero: probability that the Sharpe ratio is above what the best of so many worthless trials shows; at "
        "random: the same exposure at another time; certain: certainty equivalent at risk aversion 3."
    )
    return Table(caption, columns(*names, text=("strategy", "ruling", "90 % interval")), tuple(rows))


def _cells(one: Mapping[str, Any], *, market: bool = False) -> list[Cell]:
    """The numbers of a strategy; the market has no break-even, no other fill and no p."""
    even, rival = one["break_even"], one["break_even_holding"]
    ends = None if market or even["low"] is None or even["high"] is None else even
    percent = {name: None if one[name] is None else 100 * one[name] for name in
               ("gross", "net", "drawdown", "alpha", "random_net", "certainty", "probability")}  # fmt: skip
    other = None if market or one.get("other_fill") is None else 100 * one["other_fill"]
    return [
        cell(percent["gross"], "+.1f"), cell(percent["net"], "+.1f"), cell(other, "+.1f"),
        cell(None if market else even["cost"], ".1f"),
        Cell(f"{ends['low']:.1f} to {ends['high']:.1f}", float(ends["low"])) if ends else Cell(""),
        cell(None if market else rival["cost"], ".1f"), cell(one["exposure"], ".2f"), cell(one["turnover"], ".0f"),
        cell(one["sharpe"], ".2f"), cell(one["sharpe_error"], ".2f"), cell(percent["probability"], ".0f"),
        cell(percent["drawdown"], ".1f"), cell(one["under_water"], ".0f"),
        cell(None if market else percent["alpha"], "+.1f"), cell(None if market else one["beta"], ".2f"),
        cell(None if market else percent["random_net"], "+.1f"), cell(percent["certainty"], "+.1f"),
        cell(None if market else one["p_paid"], ".3f"),
    ]  # fmt: skip


def costs(data: RunData) -> Table | None:
    """Net return of every model at 0, 1, 5, 10 and 25 basis points."""
    if (found := found_in(data)) is None:
        return None
    steps = [f"{cost:g} bp" for cost, _ in found["holding"]["at_cost"]]
    rows = [
        Row((Cell(name), *(cell(100 * net, "+.1f") for _, net in one["at_cost"])), reference=name == "holding")
        for name, one in (("holding", found["holding"]), *found["models"].items())
    ]
    return Table(
        "Net return, % a year, by the cost of a trade.", columns("strategy", *steps, text=("strategy",)), tuple(rows)
    )


def ranks(data: RunData) -> Table | None:
    """A panel's rank correlations: mean, error, decay, years and regimes."""
    found = found_in(data)
    if found is None or not (panel := found["cross_section"]) or not panel["models"]:
        return None
    first = next(iter(panel["models"].values()))
    ahead, years, regimes = list(first["ahead"]), list(first["years"]), list(first["regimes"])
    rows = []
    for name, one in panel["models"].items():
        ends = "" if one["low"] is None else f"{one['low']:+.3f} to {one['high']:+.3f}"
        groups = [one[kind].get(key, {}).get("ic") for kind, keys in (("ahead", ahead), ("years", years),
                  ("regimes", regimes)) for key in keys]  # fmt: skip
        rows.append(Row((
            Cell(name), ruling_cell(one["ruling"]), cell(one["ic"]["ic"], "+.3f"), cell(one["ic"]["error"], ".3f"),
            Cell(ends), cell(one["ic"]["n"], ",.0f"), cell(one["left_out"], ",.0f"),
            *(cell(value, "+.3f") for value in groups),
            cell(one["p_better"], ".3f"),
        )))  # fmt: skip
    names = ("model", "ruling", "mean", "error", "90 % interval", "sessions", "left out",
             *(f"{h} ahead" for h in ahead), *years, *regimes, "p adj.")  # fmt: skip
    caption = (
        f"Rank correlation of forecasts and outcomes over {panel['symbols']} symbols, session by session; by sessions "
        "ahead, by year, and by thirds of the market's variance at the origin."
    )
    return Table(caption, columns(*names, text=("model", "ruling", "90 % interval")), tuple(rows))


def portfolios(data: RunData) -> Table | None:
    """A panel's portfolios by rank, after costs, beside equal weights."""
    found = found_in(data)
    if found is None or not (panel := found["cross_section"]) or not panel["models"]:
        return None
    rows = []
    for name, one in panel["models"].items():
        even = one["break_even"]["cost"]
        rows.append(Row((
            Cell(name), *(cell(100 * net, "+.1f") for net in one["quantiles"]), cell(100 * one["top"], "+.1f"),
            cell(100 * panel["market"], "+.1f"), cell(100 * one["gain"], "+.1f"),
            Cell(f"{100 * one['gain_low']:+.1f} to {100 * one['gain_high']:+.1f}", one["gain_low"]),
            cell(even, ".1f"), cell(one["turnover"], ".0f"), cell(one["rises"], ".0f"), cell(one["slope_p"], ".3f"),
        )))  # fmt: skip
    steps = [f"{k + 1} of {panel['count']}" for k in range(panel["count"])]
    names = ("model", *steps, f"top {panel['top']}", "equal weights", "highest less equal", "90 % interval",
             "break-even, bp", "trades", "steps up", "p of the slope")  # fmt: skip
    caption = (
        f"Portfolios by rank, lowest forecasts first, % a year after {found['plan']['cost']:g} basis points a trade. "
        "Stocks that fell out of the universe before it was drawn up are in none of them."
    )
    return Table(caption, columns(*names, text=("model", "90 % interval")), tuple(rows))
