"""Resampled t against direct loops over rows, for parts that share sessions and parts that lack some."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beatnaive.core import threads
from beatnaive.judging.significance import resampled
from beatnaive.judging.significance.bootstrap import blocks
from beatnaive.judging.significance.resampled import Differences, resampled_rows, resampled_t


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 40), st.floats(1, 12), st.integers(0, 2**31))
def test_rows_follow_their_blocks(n, block, seed):
    starts, lengths = blocks(n, block, 10, np.random.default_rng(seed))
    direct = [
        [(s + k) % n for s, many in zip(*row, strict=True) for k in range(many)]
        for row in zip(starts, lengths, strict=True)
    ]
    assert resampled_rows(n, block, 10, np.random.default_rng(seed)).tolist() == direct


def slow(parts, replications, seed):
    """Every t by its definition, in double precision."""
    union = sorted({int(s) for part in parts for s in part.sessions})
    block = max(part.block for part in parts)
    found = [[] for _ in parts]
    for first in range(0, replications, 64):
        count = min(64, replications - first)
        for rows in resampled_rows(len(union), block, count, np.random.default_rng([seed, first // 64])):
            for into, part in zip(found, parts, strict=True):
                place = {int(s): i for i, s in enumerate(part.sessions)}
                d = part.gain - part.gain.mean(0)
                taken = np.array([d[place[union[r]]] for r in rows if union[r] in place])
                n = len(taken)
                terms = [
                    sum(np.sqrt(2 / n) * taken[i] * np.cos(np.pi * j * (i + 0.5) / n) for i in range(n))
                    for j in range(1, part.count + 1)
                ]
                into.append(np.sqrt(n) * taken.mean(0) / np.sqrt(np.mean(np.square(terms), axis=0)))
    return [np.array(each) for each in found]


def parts_of(rng):
    whole = Differences(rng.normal(2.0, 5.0, size=(40, 3)), np.arange(40) * 3, 8, 3.4)
    some = Differences(rng.standard_t(4, size=(25, 2)), np.sort(rng.choice(40, 25, replace=False)) * 3, 6, 10.0)
    return [whole, some]


def test_t_is_that_of_the_resampled_rows():
    parts = parts_of(np.random.default_rng(0))
    fast = resampled_t(parts, replications=70, seed=5)
    for quick, direct in zip(fast, slow(parts, 70, 5), strict=True):
        assert quick == pytest.approx(direct, rel=2e-4, abs=2e-4)


def test_bits_do_not_depend_on_the_number_of_cores_and_hardly_on_the_buffer(monkeypatch):
    parts = parts_of(np.random.default_rng(1))
    wanted = resampled_t(parts, replications=300, seed=0)
    for cores, buffer in ((1, resampled._BUFFER), (3, resampled._BUFFER), (2, 500)):
        monkeypatch.setattr(threads, "cores", lambda cores=cores: cores)
        monkeypatch.setattr(resampled, "_BUFFER", buffer)
        monkeypatch.setattr(resampled, "_WORTH", 0)
        same = buffer > 500
        for one, other in zip(wanted, resampled_t(parts, replications=300, seed=0), strict=True):
            # a t near zero is a difference of sums: it has the rounding of a t of one, and no digits of its own
            np.testing.assert_allclose(one, other, rtol=0 if same else 1e-6, atol=0 if same else 1e-6)


def test_a_column_alone_has_the_draws_that_it_has_among_others():
    part = parts_of(np.random.default_rng(2))[0]
    (every,) = resampled_t([part], replications=128, seed=3)
    (alone,) = resampled_t([Differences(part.gain[:, 1:2], part.sessions, 8, 3.4)], replications=128, seed=3)
    assert alone[:, 0] == pytest.approx(every[:, 1], rel=1e-4, abs=1e-5)


def test_a_part_without_any_drawn_session_and_a_constant_column_stay_finite():
    gain = np.column_stack([np.zeros(30), np.eye(30)[:, 4]])
    short = Differences(np.array([[1.0], [2.0], [4.0]]), np.arange(3), 2, 2.0)
    for t in resampled_t([Differences(gain, np.arange(30), 8, 2.0), short], replications=200, seed=0):
        assert np.isfinite(t).all()


def test_memory_stays_bounded_and_long_bases_exact():
    n, count = 5000, 117
    from beatnaive.judging.significance.cosines import cosines

    assert resampled._basis(n, count)[1:] == pytest.approx(cosines(n, count), abs=1e-8)
