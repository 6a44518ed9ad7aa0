"""First-order recursions: SciPy's filters, and small examples by hand."""

import numpy as np
import pytest

from beatnaive.core.recursions import faded, innovations

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("p", "q"), [(0, 0), (2, 0), (0, 1), (2, 3)])
def test_recursions_equal_scipys_filters(p: int, q: int) -> None:
    from scipy.signal import lfilter

    w, ar, ma = RNG.normal(size=60), RNG.uniform(-0.3, 0.3, p), RNG.uniform(-0.3, 0.3, q)
    expected = lfilter(np.r_[1.0, -ar], np.r_[1.0, ma], w)
    np.testing.assert_allclose(innovations(w, ar.tolist(), ma.tolist()), expected, atol=1e-13)
    np.testing.assert_array_equal(faded(w, 0.9, before=2.0), lfilter([1.0], [1.0, -0.9], w, zi=[0.9 * 2.0])[0])


def test_what_came_before_fades_first():
    assert faded(np.array([1.0, 0.0, 0.0]), 0.5, before=4.0).tolist() == [3.0, 1.5, 0.75]


def test_white_noise_is_its_own_innovations():
    values = np.array([1.0, -2.0, 3.0])
    assert innovations(values, [], []).tolist() == values.tolist()
    assert innovations(values, [1.0], []).tolist() == [1.0, -3.0, 5.0]
    assert values.tolist() == [1.0, -2.0, 3.0]


def test_the_moving_average_sees_its_own_errors():
    """e = 1, then 1 - 0.5 * 1, then 1 - 0.5 * 0.5."""
    assert innovations(np.ones(3), [], [0.5]).tolist() == [1.0, 0.5, 0.75]


@pytest.mark.parametrize("lags", [([0.5], []), ([], [0.5])])
def test_nothing_gives_nothing(lags):
    assert innovations(np.array([]), *lags).tolist() == []
