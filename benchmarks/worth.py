"""How often does `worth` call a strategy "paid"? Size on worlds without skill, power on worlds with it.

python benchmarks/worth.py [STUDIES] [REPLICATIONS]

Walks: random walks with a drift, 5 basis points, seven models (a long one, a constant 1.5-fold one, five of noise that
leans on the drift). Power: AR(1) 0.25 of daily returns, n = 1,000, no costs, the true coefficient, alone and beside six
models of noise. Shares in %, with two standard errors.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.signal import lfilter

from beatnaive.payoff.accounts import accounts
from beatnaive.payoff.book import Book, Tape, book
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.ruling import ruled


def world(returns: np.ndarray, forecast: dict[str, np.ndarray]) -> Book:
    """A book of one symbol whose log returns are these (n + 1 of them, the first before the first origin)."""
    n = len(returns) - 1
    days, zero = np.datetime64("2000-01-01") + np.arange(n + 1), np.zeros(n + 1, np.int32)
    tape = Tape.of_closes(("A",), zero, days, 100 * np.exp(returns.cumsum()))
    tape = replace(tape, yearly=252.0, variance=np.full(n + 1, 1e-4))
    return book(tape, symbols=("A",), symbol=zero[1:], session=days[:-1], forecast=forecast, horizon=1)


def walk(rng: np.random.Generator, n: int) -> Book:
    """A random walk with drift, and seven models that know the drift and nothing else."""
    returns = rng.normal(0.0004, 0.01, n + 1)
    lean = {f"noise{k}": 0.0004 + 0.0004 * k * rng.normal(size=n) for k in range(1, 6)}
    persistent = lfilter([1], [1, -0.95], rng.normal(size=n)) * 0.0003
    return world(returns, {"long": np.full(n, 0.0004), "slow": 0.0004 + persistent, **lean})


def constant(rng: np.random.Generator, n: int) -> Book:
    """A drift that is easily seen, and 1.5 times the market."""
    return world(rng.normal(0.001, 0.01, n + 1), {"half_more": np.full(n, 0.01)})


def autoregression(rng: np.random.Generator, n: int, rivals: int) -> Book:
    """Returns that follow the last one by a quarter, the model that knows, and rivals that do not."""
    shocks = rng.normal(0, 0.01, n + 201)
    returns = lfilter([1], [1, -0.25], shocks)[200:]
    noise = {f"noise{k}": rng.normal(0, 0.0025, n) for k in range(rivals)}
    return world(returns, {"knows": 0.25 * returns[:-1], **noise})


def share(
    make: Callable[[np.random.Generator], Book], plan: Plan, studies: int, replications: int, of: str = ""
) -> str:
    """In how many studies is any model, or the one named, ruled "paid"?"""
    paid = 0
    for study in range(studies):
        found = ruled(accounts(make(np.random.default_rng(study)), plan), replications=replications, seed=study)
        paid += any(one.ruling == "paid" for name, one in found.items() if of in ("", name))
    p = paid / studies
    return f"{100 * p:5.1f} +/- {200 * (p * (1 - p) / studies) ** 0.5:.1f}"


def main() -> None:
    """Print a line per case."""
    given = [int(word) for word in sys.argv[1:]]
    studies, replications = (*given, *(2000, 499)[len(given) :])
    for n in (239, 1000):
        for rule in ("sign", "scaled"):
            for short in (False, True):
                count = studies if (rule, short) == ("sign", False) else studies // 4
                text = share(lambda rng, n=n: walk(rng, n), Plan(rule=rule, short=short), count, replications)
                print(f"drift, seven models, n={n}, {rule}{' short' * short}, {count} studies: {text}", flush=True)
    for n in (1000, 2500):
        text = share(lambda rng, n=n: constant(rng, n), Plan(rule="scaled"), studies // 4, replications)
        print(f"constant 1.5 on a drift, n={n}, {studies // 4} studies: {text}", flush=True)
    for rivals in (0, 6):
        text = share(
            lambda rng, rivals=rivals: autoregression(rng, 1000, rivals), Plan(cost=0, short=True), studies // 4,
            replications, "knows",
        )  # fmt: skip
        print(f"AR 0.25 found, n=1000, {rivals} rivals, {studies // 4} studies: {text}", flush=True)


if __name__ == "__main__":
    main()
