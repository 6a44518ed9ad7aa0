"""Sizes and powers of the always-valid ruling, looked at every day: python benchmarks/always_valid.py [--paths 2000]

Simulated markets whose truth is known; every path is looked at after each of 2,500 sessions. The bets are those of
the ledger (`beatnaive.judging.significance.e_process`, `coverage_process`); beside them a Diebold-Mariano test of the
same differences, once at the end and every day.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator

import numpy as np

from beatnaive.judging.significance.coverage_process import COVERAGES, Coverage
from beatnaive.judging.significance.e_process import DECIDES, Bets, closed, interleaved, reached

DAYS = (250, 1000, 2500)
TOGETHER = 500
"""Paths side by side."""
FIRST_LOOK = 30
ONE_SIDED = 1.645


def shocks(rng: np.random.Generator, paths: int, market: str) -> Iterator[np.ndarray]:
    """(paths,) one day's return after the other: GARCH(1,1) with t(5) innovations, or a deviation that switches."""
    variance, level = np.ones(paths), rng.integers(0, 3, paths)
    levels = np.array([0.5, 1.0, 2.0])
    while True:
        z = rng.standard_t(5, paths) / np.sqrt(5 / 3)
        if market == "garch":
            shock = np.sqrt(variance) * z
            variance = 0.02 + 0.08 * shock**2 + 0.90 * variance
        else:
            jumps = rng.random(paths) < 1 / 250
            level = np.where(jumps, rng.integers(0, 3, paths), level)
            shock = levels[level] * z
        yield shock


def differences(rng: np.random.Generator, paths: int, case: dict) -> Iterator[np.ndarray]:
    """(paths, models) per session: naive's squared error less the model's, by the variance expected at the origin."""
    models, r2, h = case["models"], case.get("r2"), case.get("horizon", 1)
    market = shocks(rng, paths, case["market"])
    weight, squares = 1.0, np.ones(paths)
    share = 0.01 if r2 is None else r2
    forecasts: list[np.ndarray] = []
    recent: list[np.ndarray] = []
    day = 0
    while True:
        noise = next(market)
        s2 = squares / weight
        f = rng.standard_normal((models, paths)) * np.sqrt(share * s2)
        if case.get("skewed"):  # a constant forecast, exactly as accurate as naive, of returns that crash
            crash = rng.random(paths) < 1 / 65
            y = np.where(crash, -7.94, 0.126) * 0.97 + 0.25 * rng.standard_normal(paths)
            f = np.full((models, paths), 0.1)
            y, s2 = y + 0.05 - SKEW_MEAN, np.ones(paths)
        elif case.get("halves"):
            y = noise + (f[0] if day < case["halves"] else 0.0)
        elif r2 is None:
            y = noise + f.sum(axis=0) / 2
        else:
            y = noise + f[0] + f[1:].sum(axis=0) / 2
        squares, weight = 0.94 * squares + y**2, 0.94 * weight + 1
        day += 1
        if h == 1:
            yield ((2 * y * f - f**2) / s2).T
            continue
        # h sessions ahead: the sum of daily parts, known at the origin; settled h days later
        forecasts.append(f)
        recent.append(y)
        if len(recent) >= h:
            total, made = sum(recent[-h:]), sum(forecasts[-h:])
            yield ((2 * total * made - made**2) / (h * s2)).T


SKEW_MEAN = (1 - 1 / 65) * 0.126 * 0.97 - 7.94 * 0.97 / 65


def looks(case: dict, paths: int, seed: int) -> dict[str, list[float]]:
    """Shares of paths, by 250, 1,000 and 2,500 days."""
    rng = np.random.default_rng(seed)
    h, k = case.get("horizon", 1), case["models"]
    bets = [Bets.none(paths, k) for _ in range(h)]
    peaks = np.zeros((2, h, paths, k))
    total, squares = np.zeros((paths, k)), np.zeros((paths, k))
    hit = {name: np.zeros(paths, bool) for name in ("better", "worse", "uncounted", "DM daily")}
    found: dict[str, list[float]] = {name: [] for name in (*hit, "DM once", "clipped", "still")}
    for day, d in enumerate(differences(rng, paths, case), 1):
        turn = day % h
        bets[turn] = bets[turn].after(d)
        total, squares = total + d, squares + d**2
        one = bets[turn]
        if h == 1:
            now = [decided(one.better), decided(one.worse)]
        else:
            for side, log_e in enumerate((one.better, one.worse)):
                peaks[side, turn] = np.maximum(peaks[side, turn], closed(log_e))
            now = [interleaved(peaks[0]), interleaved(peaks[1])]
        # with a true model the first is it; a false winner is any model where nobody is better
        true = slice(0, 1) if case.get("r2") is not None else slice(None)
        holds = reached(now[0], total)
        hit["better"] |= holds[:, true].any(axis=1)
        hit["worse"] |= reached(now[1], -total)[:, true].any(axis=1)
        hit["uncounted"] |= (one.better >= np.log(DECIDES)).any(axis=1)
        t = total / np.sqrt(np.maximum(squares - total**2 / day, 1e-300))
        if day >= FIRST_LOOK:
            hit["DM daily"] |= t[:, 0] > ONE_SIDED
        if day in DAYS:
            for name, flags in hit.items():
                found[name].append(float(flags.mean()))
            found["DM once"].append(float((t[:, 0] > ONE_SIDED).mean()))
            found["clipped"].append(float(sum(b.clipped.sum() for b in bets) / (day * paths * k)))
            found["still"].append(float(holds[:, true].any(axis=1).mean()))
        if day == DAYS[-1]:
            return found
    raise AssertionError


def decided(log_e: np.ndarray) -> np.ndarray:
    """`closed` where it can matter: on paths where some model alone has reached 20."""
    found = np.zeros_like(log_e)
    near = log_e.max(axis=1) >= np.log(DECIDES)
    if near.any():
        found[near] = closed(log_e[near])
    return found


def coverage_looks(case: dict, paths: int, seed: int) -> list[float]:
    """Share of paths whose intervals are announced as off, by 250, 1,000 and 2,500 days.

    Symbols move together (correlation 0.3); from day `from` on the outcomes are `wider` times as wide as stated.
    """
    from scipy.stats import norm

    rng = np.random.default_rng(seed)
    bounds = norm.ppf(0.5 + np.array(COVERAGES) / 2)
    coverage, hit, found = Coverage.none(paths, 1), np.zeros(paths, bool), []
    for day in range(1, DAYS[-1] + 1):
        common = rng.standard_normal((paths, 1))
        z = np.sqrt(0.3) * common + np.sqrt(0.7) * rng.standard_normal((paths, case["symbols"]))
        z = z * (case["wider"] if day > case["from"] else 1.0)
        inside = (np.abs(z)[..., None] <= bounds).mean(axis=1)
        coverage = coverage.after(inside[:, None, :])
        hit |= np.logaddexp.reduce(coverage.log_e[:, 0], axis=-1) - np.log(len(COVERAGES)) >= np.log(DECIDES)
        if day in DAYS:
            found.append(float(hit.mean()))
    return found


LONG = {"garch": "GARCH-t", "switch": "volatility switch"}
CASES = {
    **{f"nobody better, seven models, {LONG[m]}": {"market": m, "models": 7} for m in LONG},
    **{f"nobody better, one model, {LONG[m]}": {"market": m, "models": 1} for m in LONG},
    **{
        f"one true model of seven, R2 {100 * r2:g} %, {LONG[m]}": {"market": m, "models": 7, "r2": r2}
        for m in LONG
        for r2 in (0.01, 0.02, 0.05)
    },
    **{
        f"one true model alone, R2 {100 * r2:g} %, GARCH-t": {"market": "garch", "models": 1, "r2": r2}
        for r2 in (0.01, 0.02, 0.05)
    },
    "nobody better, three models, five sessions ahead, GARCH-t": {"market": "garch", "models": 3, "horizon": 5},
    "one true model alone, R2 2 %, five sessions ahead, GARCH-t": {
        "market": "garch", "models": 1, "r2": 0.02, "horizon": 5,
    },
    "a constant forecast where returns crash (skew -8), as accurate as naive": {
        "market": "garch", "models": 1, "skewed": True,
    },
    "R2 5 % for 1,000 sessions, nothing after, GARCH-t": {"market": "garch", "models": 1, "r2": 0.05, "halves": 1000},
}  # fmt: skip
COVERAGE_CASES = {
    f"intervals that hold, {n} symbol{'s' if n > 1 else ''}": {"symbols": n, "wider": 1.0, "from": 0} for n in (1, 20)
} | {
    f"outcomes {w:g} times as wide from session {start + 1} on, {n} symbol{'s' if n > 1 else ''}": {
        "symbols": n, "wider": w, "from": start,
    }
    for n, w, start in ((1, 1.25, 0), (1, 1.5, 0), (1, 1.5, 500), (20, 1.25, 500))
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paths", type=int, default=2000)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    asked = parser.parse_args()
    parts = [TOGETHER] * (asked.paths // TOGETHER) or [asked.paths]
    print(
        f"| case | what | by 250 | by 1,000 | by 2,500 sessions |\n|---|---|---|---|---|  <!-- {sum(parts):,} paths -->"
    )
    for name, case in CASES.items():
        if asked.only not in name:
            continue
        seed = zlib.crc32(name.encode())
        results = [looks(case, size, seed + k) for k, size in enumerate(parts)]
        for what in results[0]:
            shares = np.mean([one[what] for one in results], axis=0)
            print(f"| {name} | {what} | {' | '.join(f'{100 * share:.1f} %' for share in shares)} |", flush=True)
    for name, case in COVERAGE_CASES.items():
        if asked.only not in name:
            continue
        seed = zlib.crc32(name.encode())
        shares = np.mean([coverage_looks(case, size, seed + k) for k, size in enumerate(parts)], axis=0)
        print(f"| {name} | announced | {' | '.join(f'{100 * share:.1f} %' for share in shares)} |", flush=True)


if __name__ == "__main__":
    main()
