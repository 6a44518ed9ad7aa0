"""Synthetic prices have the truth that they claim; expected figures are computed from the definitions."""

import numpy as np
import pytest

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.prices import Source, Synthetic, load
from beatnaive.prices.calendars import sessions_between
from beatnaive.prices.synthetic import truth

MODELS = ("random_walk", "garch", "ar1", "planted", "memory", "seasonal")


def made(model: str, n: int = 20_000, seed: int = 5, **options: float):
    synthetic = Synthetic(model, n=n, seed=seed, **options)  # type: ignore[arg-type]
    (prices,) = load(Source("synthetic", synthetic=synthetic))
    return prices, np.diff(np.log(prices.bars[:, 3])), synthetic


@pytest.mark.parametrize("model", MODELS)
def test_returns_have_no_drift_and_the_stated_volatility(model: str) -> None:
    _, r, _ = made(model)
    assert abs(r.mean()) < 4 * 0.01 / np.sqrt(len(r))
    assert r.std() == pytest.approx(0.01, rel=0.06 if model == "garch" else 0.02)


@pytest.mark.parametrize("model", MODELS)
def test_bars_are_consistent_and_sessions_exact(model: str) -> None:
    prices, _, _ = made(model, n=3000)
    open_, high, low, close, volume = prices.bars.T
    assert (high >= np.maximum(open_, close)).all()
    assert (low <= np.minimum(open_, close)).all()
    assert (low > 0).all()
    assert (volume > 0).all()
    assert (prices.sessions == sessions_between("XNYS", prices.sessions[0], prices.sessions[-1])).all()


def autocorrelation(x: np.ndarray) -> float:
    return float(np.corrcoef(x[1:], x[:-1])[0, 1])


def test_a_random_walk_has_no_memory_and_garch_only_in_its_squares() -> None:
    _, walk, _ = made("random_walk")
    _, garch, _ = made("garch")
    assert abs(autocorrelation(walk)) < 0.03
    assert abs(autocorrelation(walk**2)) < 0.03
    assert abs(autocorrelation(garch)) < 0.04
    assert autocorrelation(garch**2) > 0.1


def test_ar1_and_planted_returns_are_as_predictable_as_stated() -> None:
    for model, strength, r2 in (
        ("ar1", 0.3, 0.09),
        ("planted", 0.2, 0.2),
        ("memory", 0.05, 0.05),
        ("seasonal", 0.1, 0.1),
    ):
        prices, r, options = made(model, strength=strength)
        expected = truth(prices, options)[:-1]
        fit = np.corrcoef(expected[1:], r[1:])[0, 1] ** 2
        assert fit == pytest.approx(r2, abs=0.02), model
        slope = np.polyfit(expected[1:], r[1:], 1)[0]
        assert slope == pytest.approx(1, abs=0.05), model


def test_the_truth_without_a_signal_is_zero_and_uses_no_later_row() -> None:
    prices, _, options = made("planted", n=100)
    head = prices.take(slice(0, 40))
    assert (truth(head, options) == truth(prices, options)[:40]).all()
    walk, _, flat = made("random_walk", n=100)
    assert (truth(walk, flat) == 0).all()


def test_high_and_low_are_those_of_a_brownian_day() -> None:
    """Parkinson: the mean of log(high/low)^2 / (4 log 2) is the variance of the trading day."""
    prices, _, _ = made("random_walk")
    open_, high, low, close, _ = np.log(prices.bars.T)
    intraday = 0.7 * 0.01**2
    assert np.mean((close - open_) ** 2) == pytest.approx(intraday, rel=0.03)
    assert np.mean(np.maximum(high - open_, 0) * (high - close) + (low - open_) * (low - close)) == pytest.approx(
        intraday, rel=0.03
    )  # Rogers and Satchell's estimator, unbiased for the same variance


def test_seed_and_symbol_decide_the_numbers() -> None:
    def closes(symbols: tuple[str, ...], seed: int) -> list[list[float]]:
        source = Source("synthetic", symbols=symbols, synthetic=Synthetic("garch", n=50, seed=seed))
        return [prices.bars[:, 3].tolist() for prices in load(source)]

    assert closes(("A", "B"), 1) == closes(("A", "B"), 1)
    assert closes(("A", "B"), 1)[1] == closes(("B",), 1)[0]
    assert closes(("A",), 1) != closes(("A",), 2)
    assert closes(("A",), 1)[0] != closes(("B",), 1)[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [({"n": 0}, "n = 0"), ({"volatility": 0.0}, "volatility"), ({"strength": 1.0}, "from 0 to below 1")],
)
def test_wrong_options_are_one_clear_line(options: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        made("ar1", **{"n": 10, **options})  # type: ignore[arg-type]


def test_an_unknown_model_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'garch'"):
        made("garsh", n=10)
