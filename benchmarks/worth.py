"""How often does `worth` call a strategy "paid"? Size on worlds without skill, power on worlds with it.

python benchmarks/worth.py [--studies 2000] [--only TEXT] [--missing] [--cache FOLDER] [--write] [--speed]

Every case is a world whose truth is known; each study draws 499 resamples instead of 9,999, and none where a model's
own p is at 5 % or above already, because counting never lowers it. Slow cases have fewer studies than asked for.
--cache keeps finished cases, so that it can be stopped; --write puts what was counted into the table of docs/worth.md;
--missing counts only what that table lacks. Rates in %, exact 95 % limits (Clopper and Pearson). --speed counts
nothing: it times three rules on 506 symbols, rulings included.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.signal import lfilter
from scipy.stats import beta

from beatnaive.judging.significance.cosines import cosine_count, mean_test
from beatnaive.judging.significance.joint import judgement
from beatnaive.payoff.accounts import Accounts, accounts
from beatnaive.payoff.book import Book, Tape, book
from beatnaive.payoff.break_even import break_even
from beatnaive.payoff.cross_section import rank_field
from beatnaive.payoff.fills import Moves, held
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.positions import positions
from beatnaive.payoff.ruling import LEVEL, field_of, ruled
from beatnaive.payoff.worth import worth

PAGE = Path(__file__).resolve().parent.parent / "docs" / "worth.md"
REPLICATIONS = 499


def world(returns: np.ndarray, forecast: dict[str, np.ndarray], rng: np.random.Generator | None = None) -> Book:
    """A book of log returns (n + 1, S), the first before the first origin; with opens where a generator is given."""
    n, width = len(returns) - 1, returns.shape[1]
    close = 100 * np.exp(returns.cumsum(0))
    night = np.full(close.shape, np.nan) if rng is None else np.log(close) - returns * rng.random(close.shape)
    at, code = np.repeat(np.arange(n + 1), width), np.tile(np.arange(width, dtype=np.int32), n + 1)
    names, days = tuple(f"S{k:03d}" for k in range(width)), np.datetime64("2000-01-01") + np.arange(n + 1)
    tape = Tape(
        symbols=names, symbol=code, session=days[at], open=np.exp(night).ravel(), close=close.ravel(),
        variance=np.full(code.size, 1e-4), filled=np.zeros(code.size, bool), yearly=252.0,
    )  # fmt: skip
    rows = at < n
    flat = {name: values.ravel() for name, values in forecast.items()}
    return book(tape, symbols=names, symbol=code[rows], session=days[at[rows]], forecast=flat, horizon=1)


def leaning(rng: np.random.Generator, n: int, drift: float = 0.0004, width: int = 1) -> Book:
    """A random walk with drift, and seven models that know the drift and nothing else: mostly long."""
    returns = rng.normal(drift, 0.01, (n + 1, width))
    lean = {f"noise{k}": drift + 0.0004 * k * rng.normal(size=(n, width)) for k in range(1, 6)}
    slow = drift + 0.0003 * lfilter([1], [1, -0.95], rng.normal(size=(n, width)), axis=0)
    return world(returns, {"long": np.full((n, width), drift), "slow": slow, **lean}, rng)


def free(rng: np.random.Generator, n: int, drift: float = 0.0004, width: int = 1, common: float = 0.0) -> Book:
    """The same walk, a common part of the symbols' variance, and seven models that lean nowhere.

    Noise, noise that lasts, the last return and its reverse, means of 5 and 20 returns, and a calendar.
    """
    factor = rng.normal(0, 1, (n + 21, 1))
    returns = drift + 0.01 * (np.sqrt(common) * factor + np.sqrt(1 - common) * rng.normal(0, 1, (n + 21, width)))
    known = {k: lfilter(np.ones(k) / k, [1], returns, axis=0)[20:-1] * np.sqrt(k) / 3 for k in (1, 5, 20)}
    forecast = {
        "noise": rng.normal(0, 0.003, (n, width)),
        "lasting": 0.001 * lfilter([1], [1, -0.95], rng.normal(size=(n, width)), axis=0),
        "momentum": known[1], "reversal": -known[1], "week": known[5], "month": -known[20],
        "calendar": np.where(np.arange(n)[:, None] % 10 < 5, 0.003, -0.003) * np.ones((1, width)),
    }  # fmt: skip
    return world(returns[20:], forecast, rng)


def constant(rng: np.random.Generator, n: int, width: int = 1) -> Book:
    """A drift that is easily seen, and a model that never doubts: long under `sign`, 1.5 times under `scaled`."""
    return world(rng.normal(0.001, 0.01, (n + 1, width)), {"up": np.full((n, width), 0.01)})


def autoregression(rng: np.random.Generator, n: int, rivals: int) -> Book:
    """Returns that follow the last one by a quarter, the model that knows, and rivals that do not."""
    returns = lfilter([1], [1, -0.25], rng.normal(0, 0.01, n + 201))[200:, None]
    noise = {f"noise{k}": rng.normal(0, 0.0025, (n, 1)) for k in range(rivals)}
    return world(returns, {"knows": 0.25 * returns[:-1], **noise})


def paid(made: Accounts, seed: int, of: str = "") -> bool:
    """Is any model, or the one named, ruled "paid"?"""
    if field_of(made).test_of_hardest().p_better.min() >= LEVEL:
        return False
    found = ruled(made, replications=REPLICATIONS, seed=seed)
    return any(one.ruling == "paid" for name, one in found.items() if of in ("", name))


Study = Callable[[np.random.Generator, int], int]


@dataclass(frozen=True)
class Case:
    """name; study: a generator and a number give how many hit; bar: what the rate must be, low and high, %.

    studies: at most, where one is slow; together: so many are made at once.
    """

    name: str
    study: Study
    bar: tuple[float, float]
    studies: int = 500
    together: int = 1


def trading(make: Callable[[np.random.Generator], Book], plan: Plan, of: str = "") -> Study:
    """A study of a world's book under a plan."""
    return lambda rng, seed: paid(accounts(make(rng), plan), seed, of)


def column(books: Book, s: int) -> Book:
    """One study of many that were made side by side, each a symbol of the same book."""
    own = {name: getattr(books, name)[:, s : s + 1] for name in ("close", "open", "variance", "present", "tradable")}
    forecast = {name: values[:, s : s + 1] for name, values in books.forecast.items()}
    return replace(books, symbols=books.symbols[s : s + 1], forecast=forecast, **own)


def gains(books: Book, plan: Plan) -> np.ndarray:
    """(n, 3, k, S) what `Accounts.gains` says of each study alone: over cash, holding, and a constant short one."""

    def net(position: np.ndarray) -> np.ndarray:
        one = held(Moves.of(books, plan.fill), position)
        return np.asarray(one.gross - 1e-4 * plan.cost * one.turnover)

    found, whole = [], np.ones(books.present.shape)
    market = net(whole)
    for model in books.models:
        wanted = positions(books, model, plan.rule, plan.terms)
        exposure = np.where(np.ptp(wanted, axis=0) == 0, wanted[0], wanted.mean(0))
        level = np.maximum(1.0, exposure)
        holding = market if (level == 1).all() else net(whole * level)
        short = np.where(exposure < 0, net(whole * np.minimum(exposure, 0.0)), 0.0) if (exposure < 0).any() else 0.0
        gain = net(wanted)[:, None] - np.stack([0 * market, holding, short + 0 * market], axis=1)
        found.append(np.where(np.abs(gain) > 1e-12, gain, 0.0))
    return np.stack(found, axis=2)


def side_by_side(make: Callable[[np.random.Generator], Book], plan: Plan) -> Study:
    """Studies of one symbol each, made as symbols of one book; those that may have paid are ruled on one by one."""

    def study(rng: np.random.Generator, seed: int) -> int:
        books = make(rng)
        every = gains(books, plan)
        n, b, k, s = every.shape
        alone = accounts(column(books, 0), plan).gains()
        assert np.allclose(every[:, : alone.shape[1], :, 0], alone, rtol=0, atol=1e-12)
        test = mean_test(every.reshape(n, -1), cosine_count(n))
        t, p = test.t.reshape(b, k, s), test.p_better.reshape(b, k, s)
        own = np.take_along_axis(p, t.argmin(0)[None], axis=0)[0]
        maybe = np.flatnonzero((own < LEVEL).any(0))
        return sum(paid(accounts(column(books, int(one)), plan), 1000 * seed + int(one)) for one in maybe)

    return study


def ranked(make: Callable[[np.random.Generator], Book]) -> Study:
    """Is any model said to rank?"""

    def study(rng: np.random.Generator, seed: int) -> bool:
        found = rank_field(make(rng))
        if found is None or found[0].test_of_hardest().p_better.min() >= LEVEL:
            return False
        return bool((judgement(found[0], replications=REPLICATIONS, seed=seed).p_better < LEVEL).any())

    return study


def covered(rng: np.random.Generator, seed: int) -> bool:
    """Does the break-even's 90 % interval hold the true cost of a sign rule with a known edge, n = 600?"""
    x = rng.normal(0, 0.01, 601)
    w = (0.1 * x[1:] + rng.normal(0, 0.01, 600) > 0).astype(float)
    found = break_even(w * x[1:], np.abs(np.diff(w, prepend=0.0)))
    true = 1e4 * 0.001 / np.sqrt(1.01) / np.sqrt(2 * np.pi) / 0.5  # E[w x] over E|w_t - w_t-1|
    return found.low is not None and found.high is not None and found.low <= true <= found.high


def cases() -> list[Case]:
    """Sizes, the two that must never beat themselves, power, and coverage."""
    found, most = [], (0.0, 5.0)
    for n in (239, 1000):
        for label, make in (("lean long", leaning), ("lean nowhere", free)):
            for rule in ("sign", "threshold", "scaled"):
                for short in (False, True):
                    for fill in ("close", "open"):
                        plan = Plan(rule=rule, short=short, fill=fill)
                        name = f"walk, models {label}, {rule}{' short' * short}, {fill}, n = {n}"
                        study = side_by_side(lambda rng, n=n, make=make: make(rng, n, width=100), plan)
                        found.append(Case(name, study, most, 2000, 100))
    hard = Plan(cost=0, short=True)
    found += [
        Case("walk without drift or costs, models lean nowhere, sign short, close, n = 1000",
             side_by_side(lambda rng: free(rng, 1000, 0.0, 100), hard), most, 2000, 100),
        Case("walk that falls, models lean nowhere, sign short, close, n = 1000",
             side_by_side(lambda rng: free(rng, 1000, -0.0004, 100), Plan(short=True)), most, 2000, 100),
        Case("20 symbols, models lean nowhere, sign, close, n = 1000",
             trading(lambda rng: free(rng, 1000, width=20, common=0.3), Plan()), most),
        Case("20 symbols without drift or costs, models lean nowhere, sign short, close, n = 1000",
             trading(lambda rng: free(rng, 1000, 0.0, 20, 0.3), hard), most),
        Case("20 symbols, ranks of models that lean nowhere, n = 1000",
             ranked(lambda rng: free(rng, 1000, width=20, common=0.3)), (0.0, 6.5)),
        *(Case(f"1.5 times a walk with drift, n = {n}", side_by_side(lambda rng, n=n: constant(rng, n, 100),
               Plan(rule="scaled")), most, 2000, 100) for n in (1000, 2500, 5000)),
        Case("long throughout on a walk with drift, n = 1000",
             side_by_side(lambda rng: constant(rng, 1000, 100), Plan()), most, 2000, 100),
        Case("AR 0.25, no costs, found alone, sign, n = 1000",
             trading(lambda rng: autoregression(rng, 1000, 0), Plan(cost=0), "knows"), (95.0, 100.0)),
        Case("AR 0.25, no costs, found alone, sign short, n = 1000",
             trading(lambda rng: autoregression(rng, 1000, 0), hard, "knows"), (95.0, 100.0)),
        Case("AR 0.25, no costs, found among seven, sign, n = 1000",
             trading(lambda rng: autoregression(rng, 1000, 6), Plan(cost=0), "knows"), (78.0, 100.0)),
        Case("AR 0.25, no costs, found among seven, sign short, n = 1000",
             trading(lambda rng: autoregression(rng, 1000, 6), hard, "knows"), (78.0, 100.0)),
        Case("break-even's 90 % interval holds the truth, n = 600", covered, (88.0, 92.0), 2000),
    ]  # fmt: skip
    return found


def limits(hits: int, n: int) -> tuple[float, float]:
    """Exact 95 % limits of a rate, %."""
    low = 100 * float(beta.ppf(0.025, hits, n - hits + 1)) if hits else 0.0
    return low, 100 * float(beta.ppf(0.975, hits + 1, n - hits)) if hits < n else 100.0


def row(case: Case, hits: int, n: int) -> str:
    """A row of the table; what the bar is, and whether the rate keeps it."""
    low, high = limits(hits, n)
    bar = f"{case.bar[0]:g} to {case.bar[1]:g} %" if case.bar[0] else f"at most {case.bar[1]:g} %"
    kept = "yes" if case.bar[0] <= 100 * hits / n <= case.bar[1] else "NO"
    return f"| {case.name} | {100 * hits / n:.1f} % | {low:.1f} to {high:.1f} % | {n:,} | {bar} | {kept} |"


def speed() -> None:
    """Seconds by the wall clock of three rules on a panel, with rulings, ranks and portfolios, and the peak memory."""
    rng = np.random.default_rng(0)
    returns = rng.normal(0.0003, 0.015, (2501, 506))
    forecast = {f"m{k}": 0.0003 + 0.001 * rng.normal(size=(2500, 506)) for k in range(7)}
    panel = world(returns, forecast, rng)
    start = time.perf_counter()
    for rule in ("sign", "threshold", "scaled"):
        worth(panel, Plan(rule=rule), benchmark=())
        print(f"{rule}: {time.perf_counter() - start:.1f} s in all", flush=True)
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def main() -> None:
    """Count every case that is not in the cache, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--only", default="")
    parser.add_argument("--missing", action="store_true")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "beatnaive-worth")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--speed", action="store_true")
    asked = parser.parse_args()
    if asked.speed:
        speed()
        return
    asked.cache.mkdir(parents=True, exist_ok=True)
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition("<!-- table -->\n")
    table, _, after = rest.partition("<!-- end of table -->")
    head, known = table.splitlines()[:2], {line.split(" | ")[0].removeprefix("| "): line for line in table.splitlines()}
    for case in cases():
        if asked.only not in case.name or (asked.missing and case.name in known):
            continue
        count = min(asked.studies, case.studies)
        file = asked.cache / f"{case.name.replace(' ', '_').replace('%', '')}_{count}.json"
        if not file.exists():
            times = range(-(-count // case.together))
            hits = sum(case.study(np.random.default_rng([seed, 19]), seed) for seed in times)
            file.write_text(json.dumps(int(hits)))
        known[case.name] = row(case, json.loads(file.read_text()), count)
        print(known[case.name], flush=True)
    if asked.write:
        lines = [*head, *(known[case.name] for case in cases() if case.name in known)]
        rows = "\n".join(lines)
        PAGE.write_text(f"{before}<!-- table -->\n{rows}\n<!-- end of table -->{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
