"""Each check catches the fault it is for, names it in one line, and lets a sound object pass."""

import contextlib
import pickle
import socket
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beatnaive import checks
from beatnaive.checks import ContractBroken, markets
from beatnaive.core.errors import InputError
from beatnaive.core.types import Fit, Fitted, Forecast, Inputs, Ints, Prices, Samples
from beatnaive.features import FeatureSet
from beatnaive.models.baselines import MovingAverage, Naive
from beatnaive.prices import Source, load

WALK = checks.walk_frame(1200, seed=0)
MARKET = checks.samples_of({"A": checks.walk_frame(200, seed=1), "B": checks.walk_frame(200, seed=2)})


def feature(function: object, **facts: object) -> FeatureSet:
    return FeatureSet("mine", function, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("check", "features", "message"),
    [
        (checks.prefix_invariant, feature(lambda f: f["Close"].shift(-1)), "looks ahead"),
        (checks.prefix_invariant, feature(lambda f: f["Close"] / f["Close"].max()), "looks ahead"),
        (checks.prefix_invariant, feature(lambda f: f["Close"].rolling(30).mean().bfill()), "looks ahead"),
        (checks.exact_lookback, feature(lambda f: f["Close"].rolling(30).mean()), "declares no lookback"),
        (checks.exact_lookback, feature(lambda f: f["Close"].rolling(30).mean(), lookback=29), "lookback 29"),
        (checks.exact_lookback, feature(lambda f: f["Close"].ewm(span=9).mean(), lookback=9), "mark it recursive"),
        (
            checks.exact_lookback,
            feature(lambda f: f["Volume"].cumsum(), lookback=1, recursive=frozenset({"Volume"})),
            "lookback 1",
        ),
        (checks.input_untouched, feature(lambda f: f.insert(0, "new", 1.0)), "changes the frame"),
        (checks.columns_declared, feature(lambda f: f[["Close"]], columns=("Close", "Open")), "1 columns, 2 declared"),
        (checks.homogeneous, feature(lambda f: np.exp(f["Close"] / 100)), "unit of prices"),
    ],
)
def test_feature_checks_catch(check: object, features: FeatureSet, message: str) -> None:
    with pytest.raises(ContractBroken, match=message) as caught:
        check(features, WALK)  # type: ignore[operator]
    assert "\n" not in str(caught.value)


def test_a_recursive_column_that_forgets_passes() -> None:
    smooth = feature(
        lambda f: f["Close"].ewm(span=9, adjust=False).mean().to_frame("s"), lookback=1, recursive=frozenset({"s"})
    )
    checks.exact_lookback(smooth, WALK)


def test_a_short_frame_says_needed_and_given() -> None:
    with pytest.raises(ContractBroken, match="needs 1030 sessions to be checked, 100 given"):
        checks.exact_lookback(feature(lambda f: f["Close"], lookback=30), WALK.iloc[:100])


@dataclass(frozen=True, eq=False)
class Fitted5:
    """The mean of five returns, plus what a fault adds."""

    shift: float = 0.0
    facts: Fit = field(default_factory=Fit)

    def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
        closes = inputs.close[inputs.history(rows, 6)]
        return Forecast(np.log(closes[:, -1] / closes[:, 0]) / 5 + self.shift)

    def save(self, folder: Path) -> None:
        (folder / "model.json").write_text("{}")


class Sound:
    def fit(self, train: Samples, rng: np.random.Generator) -> Fitted:
        return Fitted5(float(train.y.mean() + rng.normal()))

    def load(self, folder: Path) -> Fitted:
        return Fitted5()


class Peeking(Sound):
    class Made(Fitted5):
        def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
            later = inputs.ahead(rows, 1)
            return Forecast(np.where(later >= 0, inputs.close[later] / inputs.close[rows] - 1, 0.0))

    def fit(self, train: Samples, rng: np.random.Generator) -> Fitted:
        return self.Made()


class Batched(Sound):
    class Made(Fitted5):
        def predict(self, inputs: Inputs, rows: Ints) -> Forecast:
            mean = super().predict(inputs, rows).mean
            return Forecast((mean - mean.mean()) / (mean.std() or 1.0))

    def fit(self, train: Samples, rng: np.random.Generator) -> Fitted:
        return self.Made()


class Unseeded(Sound):
    def fit(self, train: Samples, rng: np.random.Generator) -> Fitted:
        return Fitted5(float(np.random.default_rng().normal()))


class Dollars(Sound):
    def fit(self, train: Samples, rng: np.random.Generator) -> Fitted:
        return Fitted5(float(np.mean(train.inputs.close)))


class OneObject(Sound):
    def __init__(self) -> None:
        self.made = Fitted5()

    def fit(self, train: Samples, rng: np.random.Generator) -> Fitted:
        return self.made


class Remembering(Sound):
    def __init__(self) -> None:
        self.fits = 0

    def fit(self, train: Samples, rng: np.random.Generator) -> Fitted:
        self.fits += 1
        return Fitted5(float(self.fits))


class Pickled(Sound):
    class Made(Fitted5):
        def save(self, folder: Path) -> None:
            (folder / "model.json").write_bytes(pickle.dumps(self.shift))

    def fit(self, train: Samples, rng: np.random.Generator) -> Fitted:
        return self.Made()


class Curt(Sound):
    def fit(self, train: Samples, rng: np.random.Generator) -> Fitted:
        if len(train) < 50:
            raise InputError("too short")
        return super().fit(train, rng)


@pytest.mark.parametrize(
    ("check", "model", "message"),
    [
        (checks.no_peeking, Peeking(), "looks beyond a row's origin"),
        (checks.label_blind, Peeking(), "reads labels when it predicts"),
        (checks.independent_of_batch, Batched(), "influence each other"),
        (checks.seeded, Unseeded(), "differs between two fits with one seed"),
        (checks.fits_are_independent, OneObject(), "returns an object it already gave"),
        (checks.fits_are_independent, Remembering(), "the second of two equal fits"),
        (checks.survives_saving, Sound(), "forecasts something else after saving"),
        (checks.survives_saving, Pickled(), "may run code"),
        (checks.says_what_it_needs, Curt(), "name what is needed and what is given"),
    ],
)
def test_model_checks_catch(check: object, model: object, message: str) -> None:
    with pytest.raises(ContractBroken, match=message) as caught:
        check(model, MARKET)  # type: ignore[operator]
    assert "\n" not in str(caught.value)


def test_a_model_in_dollars_is_caught_and_one_in_returns_is_not() -> None:
    frames = {"A": checks.walk_frame(200, seed=1)}
    before, scaled = (checks.samples_of(frames, factor=factor) for factor in (1.0, 7.0))
    checks.scale_equivariant(MovingAverage(), before, scaled)
    with pytest.raises(ContractBroken, match="depends on the unit of prices"):
        checks.scale_equivariant(Dollars(), before, scaled)


def test_a_sound_model_of_ones_own_passes() -> None:
    for check in (
        checks.no_peeking, checks.label_blind, checks.seeded, checks.independent_of_batch, checks.fits_are_independent,
        checks.says_what_it_needs,
    ):  # fmt: skip
        check(Sound(), MARKET)


def test_quick_shrinks_only_what_is_there() -> None:
    assert checks.quick(MovingAverage(window=50)) == MovingAverage(window=12)
    assert checks.quick(Naive()) == Naive()
    own = Sound()
    assert checks.quick(own) is own


@pytest.fixture
def prices() -> Prices:
    (found,) = load(Source(symbols=("^GSPC",), years=1))
    return found


@pytest.mark.parametrize(
    ("check", "fault", "message"),
    [
        (checks.sessions_increase, lambda p: {"sessions": p.sessions[::-1].copy()}, "sessions do not increase"),
        (checks.states_provenance, lambda p: {"provenance": replace(p.provenance, sha256="")}, "sha256 ''"),
        (checks.bars_agree, lambda p: {"splits": p.splits[1:].copy()}, "splits for"),
        (checks.bars_agree, lambda p: {"bars": p.bars / 0.0}, "infinite price"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")  # the fault itself
def test_source_checks_catch(prices: Prices, check: object, fault: object, message: str) -> None:
    check(prices)  # type: ignore[operator]
    with pytest.raises(ContractBroken, match=message):
        check(replace(prices, **fault(prices)))  # type: ignore[operator]


def test_a_source_that_needs_the_network_again_is_caught(prices: Prices) -> None:
    def read() -> tuple[Prices, ...]:
        with socket.socket() as line, contextlib.suppress(OSError):
            line.connect(("127.0.0.1", 9))
        return (prices,)

    with pytest.raises(ContractBroken, match="the cache should have answered"):
        checks.reads_offline(read)
    read()  # the network is given back


def test_a_source_that_reads_something_else_the_second_time_is_caught(prices: Prices) -> None:
    readings = iter([(prices,), (replace(prices, bars=prices.bars * 1.01),)])
    with pytest.raises(ContractBroken, match="a second reading gives other prices"):
        checks.reads_offline(lambda: next(readings))


def test_shuffling_keeps_the_bars_and_their_order_of_high_and_low() -> None:
    mixed = markets.shuffled(WALK, seed=4)
    assert ((mixed["High"] >= mixed["Close"]) & (mixed["Low"] <= mixed["Open"])).all()
    for frame in (WALK, mixed):
        assert frame.index.equals(WALK.index)
    steps = [np.sort(np.diff(np.log(frame["Close"].to_numpy()))) for frame in (WALK, mixed)]
    np.testing.assert_allclose(steps[0], steps[1], atol=1e-12)


@pytest.mark.parametrize("future", markets.FUTURES)
def test_another_future_keeps_the_past(future: markets.Future) -> None:
    other = markets.with_future(WALK, 700, future)
    pd.testing.assert_frame_equal(other.iloc[:700], WALK.iloc[:700])
    assert (other["Close"].iloc[700:] != WALK["Close"].iloc[700:]).all()
    assert (other["High"] >= other["Low"]).all()
