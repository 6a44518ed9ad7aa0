"""How often does the verdict err, and how often does it see what is there? Writes the table of docs/honesty.md.

usage: python benchmarks/honesty.py [--studies 2000] [--jobs 2] [--only TEXT] [--cache FOLDER] [--write]

Every case is a simulated market whose truth is known. Each study runs the shipped step-down (`adjusted.adjusted`), with
1,999 instead of 9,999 bootstrap replications: that moves a p-value of 0.05 by 0.005 at most (one standard error) and
the rate over all studies hardly at all, since every fifty studies draw their own samples.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # parallel by process

import honesty_markets as markets
import numpy as np
from numpy.typing import NDArray

from beatnaive.judging.significance.adjusted import adjusted
from beatnaive.judging.significance.contest import Contest, drawn_together
from beatnaive.judging.significance.detectable import SINGLE, detectable
from beatnaive.judging.significance.diebold_mariano import diebold_mariano
from beatnaive.judging.significance.many_symbols import benjamini_hochberg, level_inside, replications_for

Array = NDArray[np.float64]
BATCH = 50
REPLICATIONS = 1999
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Bar:
    """What a rate must keep: between `low` and `high`; `upper`: the upper 95 % limit must keep `high`."""

    low: float = 0.0
    high: float = 1.0
    upper: bool = False

    def words(self) -> str:
        if self.low == 0 and self.high == 1:
            return "shown"
        if self.low == 0:
            return f"{'upper limit ' if self.upper else ''}at most {100 * self.high:g} %"
        return f"at least {100 * self.low:g} %" if self.high == 1 else f"{100 * self.low:g} to {100 * self.high:g} %"

    def kept(self, hits: int, studies: int) -> bool:
        rate = interval(hits, studies)[1] if self.upper else hits / studies
        return self.low <= rate <= self.high


@dataclass(frozen=True)
class Case:
    """A market, a procedure, and the bars of what is counted. run(rng, studies) -> {measure: hits}."""

    name: str
    run: Callable[[np.random.Generator, int], dict[str, int]]
    bars: dict[str, Bar]
    batch: int = BATCH


def contests(outcomes: Array, forecasts: Array, horizon: int, rng: np.random.Generator) -> list[Contest]:
    """A contest per study in squared log-return error, naive = 0, all on one draw of bootstrap samples."""
    seed = int(rng.integers(2**31))
    made = [
        contest_of((y**2)[:, None], (y[:, None] - f) ** 2, horizon, seed)
        for y, f in zip(outcomes, forecasts, strict=True)
    ]
    return list(drawn_together(made))


def contest_of(against: Array, loss: Array, horizon: int, seed: int, replications: int = REPLICATIONS) -> Contest:
    """A contest of these losses alone: no skill to show, no direction to call."""
    none = np.empty((len(loss), 0))
    names = tuple(f"model {k}" for k in range(loss.shape[1]))
    return Contest(
        symbol="X", horizon=horizon, loss_name="squared", benchmarks=("naive",), models=names, against=against,
        loss=loss, shown=none, root=True, level=np.zeros(len(loss)), move=np.empty(0), call=none,
        adjusted=none, slope=np.empty(0), replications=replications, seed=seed,
    )  # fmt: skip


def better(one: Contest) -> Array:
    """(k,) which models are ruled better."""
    return adjusted(one).p_better < 0.05


def null_fitted(rng: np.random.Generator, studies: int, market: str, n: int, horizon: int) -> dict[str, int]:
    """Seven fitted models on a driftless random walk: some "better" is an error."""
    train = 4 * n if n < 500 else 2 * n
    returns = markets.MARKETS[market](rng, studies, markets.BURN + train + n + horizon)
    made = contests(*markets.seven(returns, train, n, horizon), horizon, rng)
    return {"some better": sum(bool(better(one).any()) for one in made)}


def null_least_favourable(rng: np.random.Generator, studies: int, n: int, horizon: int) -> dict[str, int]:
    """Seven forecasts as accurate as naive: some "better" is an error; each single DM beside it."""
    made = contests(*markets.as_accurate_as_naive(rng, studies, n, horizon), horizon, rng)
    counts = {"some better": sum(bool(better(one).any()) for one in made)}
    if horizon == 1:
        single = np.array([diebold_mariano(one.gain).p_better < 0.05 for one in made])
        counts |= {f"DM of model {k}": int(single[:, k].sum()) for k in range(7)}
        counts["any DM"] = int(single.any(1).sum())
    return counts


def power(rng: np.random.Generator, studies: int, market: str, coefficient: float, n: int) -> dict[str, int]:
    """A linear regression on five lags among seven models, on an autoregression: "better" is right."""
    innovations = markets.MARKETS[market](rng, studies, markets.BURN + 2000 + n + 1)
    returns = markets.autoregression(innovations, coefficient)
    made = contests(*markets.seven(returns, 2000, n, 1), 1, rng)
    return {"linear better": sum(bool(better(one)[markets.LINEAR]) for one in made)}


def at_detectable(rng: np.random.Generator, studies: int, n: int) -> dict[str, int]:
    """At the zero-gain null, one model's differences shifted by their own minimum detectable effect."""
    outcomes, forecasts = markets.as_accurate_as_naive(rng, studies, n, 1)
    made = contests(outcomes, forecasts, 1, rng)
    found = {"step-down": 0, "single test": 0}
    for one in made:
        result = adjusted(one).better[0]
        shift = np.zeros(7)
        shift[0] = max(
            detectable(result.error, result.critical)[0], detectable(diebold_mariano(one.gain).error, SINGLE)[0]
        )
        # a constant shift leaves the centred draws as they are
        moved = replace(contest_of(one.against, one.loss - shift, 1, one.seed), drawn=one.drawn)
        found["step-down"] += bool(better(moved)[0])
        gain = one.gain[:, 0] + detectable(diebold_mariano(one.gain[:, 0]).error, SINGLE)
        found["single test"] += bool(diebold_mariano(gain).p_better[0] < 0.05)
    return found


def forty(rng: np.random.Generator, studies: int) -> dict[str, int]:
    """Forty linear variants on a random walk, judged together and each as if it were alone."""
    returns = markets.garch(rng, studies, markets.BURN + 2000 + 500 + 1)
    outcomes, forecasts = markets.variants(rng, returns, 2000, 500, 40)
    made = contests(outcomes, forecasts, 1, rng)
    alone = 0
    for one in made:
        draws = one.draws[:, 1:]
        gain, error = one.gain.mean(0), draws.std(0)
        # a step-down over one model: the share of its own draws that reach its gain
        alone += bool((((-draws >= gain).sum(0) + 1) / (REPLICATIONS + 1) < 0.05)[error > 0].any())
    return {"counted": sum(bool(better(one).any()) for one in made), "uncounted": alone}


def many(rng: np.random.Generator, studies: int, symbols: int) -> dict[str, int]:
    """Null symbols with a common factor, three fitted models: the pooled ruling, and any symbol that stands out."""
    seed, replications = int(rng.integers(2**31)), replications_for(symbols, 9999)
    pooled, asked = [], []
    for _ in range(studies):
        returns = markets.factor_panel(rng, symbols, markets.BURN + 500 + 239 + 1)
        outcomes, forecasts = markets.three(returns, 500, 239)
        against, loss = outcomes**2, (outcomes[:, :, None] - forecasts) ** 2
        scale = against.mean(1, keepdims=True)
        mean = (against / scale).mean(0)[:, None], (loss / scale[:, :, None]).mean(0)
        pooled.append(contest_of(*mean, 1, seed, replications))
        chosen = promising(against[:, :, None] - loss)
        asked.append([contest_of(against[k][:, None], loss[k], 1, seed, replications) for k in chosen])
    drawn = iter(drawn_together([*pooled, *(one for part in asked for one in part)]))
    pooled = [next(drawn) for _ in pooled]
    asked = [[next(drawn) for _ in part] for part in asked]
    return {
        "pooled": sum(bool(better(one).any()) for one in pooled),
        "some symbol": sum(some_symbol(part, symbols) for part in asked),
    }


def promising(d: Array) -> NDArray[np.int64]:
    """The symbols with some plain t above 2: only these need their bootstrap.

    The others' p exceeds 0.01, which Benjamini-Hochberg rejects only where it rejects a fifth of all symbols.
    """
    t = d.mean(1) / (d.std(1) / np.sqrt(d.shape[1]))
    chosen = np.flatnonzero((t > 2).any(1))
    return chosen if len(chosen) < 0.2 * len(d) else np.arange(len(d))


def some_symbol(asked: list[Contest], symbols: int) -> bool:
    """Does any symbol hold a model that is ruled better when all symbols are counted?"""
    p = np.ones(symbols)
    p[: len(asked)] = [adjusted(one).p_better.min() for one in asked]
    selected = benjamini_hochberg(p)
    return bool((p[selected] <= level_inside(selected)).any())


def cases() -> Iterator[Case]:
    """Every case of the project's promises about size and power, with its bar."""
    below5, below6 = Bar(high=0.05, upper=True), Bar(high=0.06)
    for market in markets.MARKETS:
        for n in (239, 1000):
            yield Case(
                f"random walk, {market}, n = {n}",
                partial(null_fitted, market=market, n=n, horizon=1),
                {"some better": below5},
            )
    singles = {f"DM of model {k}": Bar(0.04, 0.075) for k in range(7)} | {"any DM": Bar()}
    for n in (239, 1000):
        bars = {"some better": Bar(high=0.065), **singles}
        yield Case(f"least favourable null, n = {n}", partial(null_least_favourable, n=n, horizon=1), bars)
    for horizon in (5, 20):
        for n in (239, 1000):
            for market in markets.MARKETS:
                run = partial(null_fitted, market=market, n=n, horizon=horizon)
                yield Case(f"random walk, {market}, horizon {horizon}, n = {n}", run, {"some better": below6})
            run = partial(null_least_favourable, n=n, horizon=horizon)
            yield Case(f"least favourable null, horizon {horizon}, n = {n}", run, {"some better": below6})
    for market, coefficient, n, bar in (
        ("normal", 0.25, 1000, Bar(low=0.9)), ("GARCH-t", 0.30, 2500, Bar(low=0.9)), ("normal", 0.15, 1000, Bar()),
        ("GARCH-t", 0.15, 2500, Bar()),
    ):  # fmt: skip
        run = partial(power, market=market, coefficient=coefficient, n=n)
        yield Case(f"power, AR(1) {coefficient:.2f}, {market}, n = {n}", run, {"linear better": bar})
    for n in (239, 1000):
        bars = {"step-down": Bar(0.77, 0.83), "single test": Bar(0.77, 0.83)}
        yield Case(f"power at the minimum detectable effect, n = {n}", partial(at_detectable, n=n), bars)
    yield Case("forty variants on a random walk", forty, {"counted": below6, "uncounted": Bar()})
    for symbols in (200, 506):
        yield Case(
            f"{symbols} null symbols", partial(many, symbols=symbols), {"pooled": below6, "some symbol": below6}, 10
        )


def count(case: Case, studies: int, jobs: int = 1) -> dict[str, int]:
    """Hits per measure over `studies` studies; the seeds depend on the case's name and the batch only."""
    batches = [(case, k, min(case.batch, studies - k * case.batch)) for k in range(-(-studies // case.batch))]
    if jobs == 1:
        results = [_batch(*arguments) for arguments in batches]
    else:
        with ProcessPoolExecutor(jobs) as pool:
            results = list(pool.map(_batch, *zip(*batches, strict=True)))
    return {measure: sum(result[measure] for result in results) for measure in case.bars}


def _batch(case: Case, number: int, studies: int) -> dict[str, int]:
    key = int.from_bytes(hashlib.sha256(case.name.encode()).digest()[:4], "big")
    return case.run(np.random.default_rng([key, number]), studies)


def interval(hits: int, studies: int, level: float = 0.95) -> tuple[float, float]:
    """Clopper-Pearson interval of a rate."""
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(hits, studies - hits + 1, tail)) if hits else 0.0
    return low, float(betaincinv(hits + 1, studies - hits, 1 - tail)) if hits < studies else 1.0


def table(results: dict[str, dict[str, int]], studies: dict[str, int]) -> str:
    """Markdown: a row per case and measure."""
    lines = ["| case | measured | rate | 95 % interval | bar | kept |", "|---|---|---|---|---|---|"]
    for case in cases():
        for measure, bar in case.bars.items() if case.name in results else ():
            hits, n = results[case.name][measure], studies[case.name]
            low, high = (100 * x for x in interval(hits, n))
            kept = "" if bar == Bar() else "yes" if bar.kept(hits, n) else "NO"
            rate = f"{100 * hits / n:.1f} % | {low:.1f} to {high:.1f} %"
            lines.append(f"| {case.name} | {measure} | {rate} | {bar.words()} | {kept} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "beatnaive-honesty")
    parser.add_argument("--write", action="store_true", help="put the table into docs/honesty.md")
    asked = parser.parse_args()
    asked.cache.mkdir(parents=True, exist_ok=True)
    results, studies = {}, {}
    for case in cases():
        if asked.only not in case.name:
            continue
        file = asked.cache / f"{hashlib.sha256(f'{case.name} {asked.studies}'.encode()).hexdigest()[:16]}.json"
        if not file.exists():
            started = time.perf_counter()
            found = count(case, asked.studies, asked.jobs)
            file.write_text(json.dumps({"case": case.name, "hits": found, "seconds": time.perf_counter() - started}))
        cached = json.loads(file.read_text())
        results[case.name], studies[case.name] = cached["hits"], asked.studies
        print(f"{cached['seconds']:6.1f} s  {case.name}: {cached['hits']}", flush=True)
    print(table(results, studies))
    if asked.write:
        write(table(results, studies))


def write(text: str) -> None:
    """Replace what stands between the two marks of docs/honesty.md."""
    page = ROOT / "docs" / "honesty.md"
    before, _, rest = page.read_text(encoding="utf-8").partition("<!-- table -->\n")
    _, _, after = rest.partition("<!-- end of table -->")
    page.write_text(f"{before}<!-- table -->\n{text}\n<!-- end of table -->{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
