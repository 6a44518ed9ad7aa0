"""Bets against slow loops, sets and exact probabilities."""

import itertools
import json

import numpy as np
import pytest

from beatnaive.judging.significance.always_valid import Row, Standing, words
from beatnaive.judging.significance.coverage_process import COVERAGES, EVERY, Coverage
from beatnaive.judging.significance.e_process import Bets, closed, interleaved, log_wealth

NOTHING = np.full((1, 3), np.nan)


def test_the_check_values():
    d, c = np.full(14, 0.5), np.ones(14)
    assert np.exp(log_wealth(d, c, 1 / (2 * c)))[[12, 13]] == pytest.approx([18.19, 22.74], abs=0.005)


def test_closed_testing_is_the_smallest_mean_over_all_sets():
    rng = np.random.default_rng(0)
    for k in range(1, 7):
        e = np.exp(rng.normal(0, 3, (20, k)))
        for row, found in zip(e, np.exp(closed(np.log(e))), strict=True):
            for i in range(k):
                sets = [s for r in range(1, k + 1) for s in itertools.combinations(range(k), r) if i in s]
                assert found[i] == pytest.approx(min(np.mean(row[list(s)]) for s in sets))


def test_bets_of_many_paths_are_those_of_each():
    rng = np.random.default_rng(1)
    d = rng.standard_t(3, (80, 4, 3))
    d[10:20, :, 1] = np.nan
    bets = Bets.none(4, 3)
    for row in d:
        bets = bets.after(row)
    for path in range(4):
        for k in range(3):
            wealth, squares, weight, seen, cut = 1.0, 0.0, 0.0, 0, 0
            for value in d[:, path, k]:
                if np.isnan(value):
                    continue
                if seen >= 20:
                    c = 8 * np.sqrt(squares / weight)
                    wealth *= 1 + max(-c, min(c, value)) / (2 * c)
                    cut += abs(value) > c
                squares, weight, seen = 0.99 * squares + value**2, 0.99 * weight + 1, seen + 1
            assert np.exp(bets.better[path, k]) == pytest.approx(wealth)
            assert bets.clipped[path, k] == cut


def test_processes_that_take_turns_are_merged_by_twice_the_mean_p():
    e = np.array([[40.0], [100.0], [0.5]])
    assert np.exp(interleaved(np.log(e)))[0] == pytest.approx(1 / min(1, 2 * np.mean([1 / 40, 1 / 100, 1.0])))
    assert np.exp(interleaved(np.log(e[:1])))[0] == pytest.approx(40)


def test_beyond_horizon_one_each_process_sees_every_hth_row():
    rng = np.random.default_rng(2)
    d = rng.standard_normal((150, 1)) + 0.3
    whole = Standing(["a"], 3)
    for t, row in enumerate(d):
        whole.add(Row(session=f"{t:04}", d=row, inside=NOTHING))
    peaks = []
    for turn in range(3):
        one = Standing(["a"])
        for t, row in enumerate(d[turn::3]):
            one.add(Row(session=f"{t:04}", d=row, inside=NOTHING))
        peaks.append(one.ruled()[0].peak)
    assert whole.ruled()[0].peak == pytest.approx(1 / min(1, 2 * np.mean(1 / np.array(peaks))))


def test_a_model_better_in_one_half_was_better_at_some_time():
    rng = np.random.default_rng(3)
    standing = Standing(["a", "b"])
    for t in range(900):
        shift = 0.4 if t < 400 else -0.3
        d = np.array([rng.standard_normal() + shift, rng.standard_normal()])
        standing.add(Row(session=f"{t:04}", d=d, inside=np.full((2, 3), np.nan)))
        if t == 399:
            ruled = standing.ruled()[0]
            assert (ruled.ruling, ruled.since["better"][1]) == ("better", "0399")
            assert words(ruled).startswith("a: better than naive since 0")
    ruled, other = standing.ruled()
    assert ruled.ruling == "was better"
    assert "was better than naive at some time" in words(ruled)
    assert "since 0" in words(ruled)
    assert "it is not" in words(ruled)
    assert other.ruling == "cannot tell"
    assert "20 decides" in words(other)


def test_ahead_needs_a_positive_mean_too():
    # small gains on most days, one loss that outweighs them and is cut off
    standing = Standing(["a"])
    for t in range(400):
        d = -500.0 if t == 399 else 1.0
        standing.add(Row(session=f"{t:04}", d=np.array([d]), inside=NOTHING))
    ruled = standing.ruled()[0]
    assert ruled.odds > 20
    assert ruled.mean is not None
    assert ruled.mean < 0
    assert ruled.ruling == "was better"
    assert ruled.clipped == pytest.approx(1 / 400)


def test_kept_and_read_again_it_goes_on_to_the_bit():
    rng = np.random.default_rng(4)
    one = Standing(["a"], 2)
    for t in range(60):
        one.add(Row(session=f"{t:04}", d=rng.standard_normal(1), inside=rng.random((1, 3)).round()))
    other = Standing.from_json(json.loads(json.dumps(one.to_json())))
    one.joined_by(["a", "b"])
    other.joined_by(["a", "b"])
    for t in range(60, 120):
        row = Row(session=f"{t:04}", d=rng.standard_normal(2), inside=rng.random((2, 3)).round())
        one.add(row)
        other.add(row)
    assert one.to_json() == other.to_json()
    assert one.ruled()[1].rows == 60


def test_coverage_bets_are_likelihood_ratios_that_start_every_month():
    rng = np.random.default_rng(5)
    inside = (rng.random((50, 3)) < np.array(COVERAGES)).astype(float)
    coverage = Coverage.none(1)
    for row in inside:
        coverage = coverage.after(row[None])
    for m, p in enumerate(COVERAGES):
        e = 0.0
        for factor in (0.5, 2.0):
            odds = factor * p / (1 - p)
            q = odds / (1 + odds)
            ratio = np.where(inside[:, m] == 1, q / p, (1 - q) / (1 - p))
            for j in range(1, 4):
                e += 0.5 / (j * (j + 1)) * np.prod(ratio[(j - 1) * EVERY :])
            e += 0.5 / 4
        assert np.exp(coverage.log_e[0, m]) == pytest.approx(e)


def test_coverage_evidence_is_fair_where_the_promise_holds():
    # the mean of E over all outcomes of three sessions, weighted by their probabilities, is 1
    p, mean = 0.95, 0.0
    for outcome in itertools.product((0.0, 1.0), repeat=3):
        coverage = Coverage.none(1)
        for x in outcome:
            coverage = coverage.after(np.full((1, 3), x))
        mean += np.exp(coverage.log_e[0, 2]) * np.prod([p if x else 1 - p for x in outcome])
    assert mean == pytest.approx(1.0)


def test_intervals_that_hold_too_few_are_named():
    rng = np.random.default_rng(6)
    standing = Standing(["a"])
    for t in range(300):
        z = abs(1.6 * rng.standard_normal())
        inside = np.array([[z <= 0.6745, z <= 1.2816, z <= 1.96]], dtype=float)
        standing.add(Row(session=f"{t:04}", d=np.array([rng.standard_normal()]), inside=inside))
    drifted = standing.ruled()[0].drifted
    assert drifted
    assert {side for _, _, side in drifted} == {"too few"}


def test_some_false_better_on_any_of_five_hundred_days_is_rare():
    rng = np.random.default_rng(7)
    paths, k = 300, 5
    bets, ever = Bets.none(paths, k), np.zeros(paths, bool)
    for _ in range(500):
        bets = bets.after(rng.standard_t(4, (paths, k)))
        near = bets.better.max(axis=1) >= np.log(20)
        ever[near] |= (closed(bets.better[near]) >= np.log(20)).any(axis=1)
    assert ever.mean() <= 0.05
