"""Positions: which of some are among others, whatever they are."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from beatnaive.core.arrays import among

POSITIONS = st.sets(st.integers(0, 40)).map(lambda found: np.array(sorted(found), np.int64))
RUNS = st.tuples(st.integers(0, 40), st.integers(0, 20)).map(lambda ends: np.arange(ends[0], sum(ends)))


@given(some=POSITIONS, rows=st.one_of(POSITIONS, RUNS))
def test_among_finds_what_a_look_at_each_finds(some, rows):
    assert among(some, rows).tolist() == [place for place, one in enumerate(some) if one in set(rows.tolist())]
