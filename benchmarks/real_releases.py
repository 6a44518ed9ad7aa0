"""Do VIX, the ten-year yield, consumer prices and headlines help on the S&P 500? Reported as it comes out.

    python benchmarks/real_releases.py [--headlines CSV] [--questions macro,headlines]

macro: the embedded releases, 2009-2018, refitted every month after the first 1,000 sessions, on returns (linear, ridge)
and on volatility (har). headlines: a CSV of headlines with dates (columns Title and Date), 2008-2018, VADER, refitted
every quarter; the join by publication counts a dated headline from the next session on, the join by date, which is the
leak premium, counts it on its own. Both print the words of the report and a line per pair.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import numpy as np

from beatnaive.releases import ReleaseSpec
from beatnaive.runs.record import run
from beatnaive.study.spec import Study, parse

MACRO = {name: ReleaseSpec(name) for name in ("vix", "us10y", "cpi")}


def study_of(start: date, first: int, refit: int, releases: dict[str, ReleaseSpec], *, volatility: bool) -> Study:
    """A walk-forward study of ^GSPC up to the end of the embedded sample."""
    split = {"kind": "walk_forward", "window": "expanding", "first": first, "refit_every": refit}
    names = ("har",) if volatility else ("linear", "ridge")
    columns = tuple(column for name, spec in releases.items() for column in columns_of(name, spec))
    models = {name: {"columns": list(columns)} if volatility else {} for name in names}
    if volatility:
        benchmarks = {name: {} for name in ("last_value", "mean_20", "expanding_mean")}
        text = {"target": {"kind": "volatility", "horizon": 1}, "features": [], "models": {**benchmarks, **models}}
    else:
        text = {"features": ["returns"], "models": {"naive": {}, **models}}
    source = {"kind": "sample", "symbols": ["^GSPC"], "start": start, "end": date(2018, 12, 31)}
    made = parse({"source": source, "split": split, "seed": 0, **text}, "real releases")
    return Study(**{**vars(made), "releases": releases, "leak_premium": True})


def columns_of(name: str, spec: ReleaseSpec) -> tuple[str, ...]:
    """The columns of a release that enter by default."""
    from beatnaive.features.released import Joined

    return Joined.read({name: spec}, ["^GSPC"]).columns[name]


def tell(title: str, study: Study) -> None:
    """Run a study in memory and print what its releases were worth."""
    result = run(study, jobs=1)
    assert result.information is not None
    print(f"\n{title}", flush=True)
    for one in result.information.gains:
        low, high = one.ci90 or (np.nan, np.nan)
        premium = f"; premium {one.premium.pct:+.2f} %, p {one.premium.p_value:.3f}" if one.premium else ""
        print(
            f"{one.release:10} {one.model:7} n {one.n}: {one.gain_pct:+.2f} % ({low:+.2f} to {high:+.2f}), {one.test} "
            f"p {one.p_value:.4f}, adjusted {one.p_adjusted:.3f}, detectable {one.mde_pct:.2f} %: "
            f"{one.answer}{premium}",
            flush=True,
        )
    print(result.information.words, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--headlines", default="../shared/data/news/sp500_headlines_2008_2024.csv")
    parser.add_argument("--questions", default="macro,headlines")
    given = parser.parse_args()
    if "macro" in given.questions:
        for volatility in (True, False):
            study = study_of(date(2005, 1, 3), 1000, 21, MACRO, volatility=volatility)
            tell(f"macro, {study.target.kind}", study)
    if "headlines" in given.questions and Path(given.headlines).is_file():
        news = {"news": ReleaseSpec("news", {"path": given.headlines})}
        for volatility in (False, True):
            study = study_of(date(2008, 1, 2), 750, 63, news, volatility=volatility)
            tell(f"headlines, {study.target.kind}", study)
