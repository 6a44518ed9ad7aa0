"""Joining feature sets: user functions, refusals, what is left out, and that nothing is filled."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from beatnaive.core.errors import InputError, UnknownName, UserCodeFailed
from beatnaive.core.types import BARS
from beatnaive.features import compute, feature_set

DAYS = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]")
RISING = np.column_stack([np.arange(10.0, 10 + len(DAYS))] * 4 + [np.full(len(DAYS), 100.0)])
NO_VOLUME = np.column_stack([RISING[:, :4], np.full(len(DAYS), np.nan)])

SOURCE = """
import pandas as pd
def gap(frame): return (frame["Open"] / frame["Close"].shift() - 1).rename("gap")
def close(frame): return frame[["Close"]]
def turnover(frame): return (frame["Volume"] * frame["Close"]).rename("turnover")
def short(frame): return frame.iloc[1:]
def words(frame): return frame.assign(day="Monday")
def array(frame): return frame.to_numpy()
def typo(frame): return frame["Clsoe"]
def vandal(frame):
    frame["Close"] = 0.0
    return frame[["Close"]].rename(columns={"Close": "zero"})
def infinite(frame): return (frame["Close"] / 0).rename("infinite")
def tomorrow(frame): return frame["Close"].shift(-1).rename("tomorrow")
def centred(frame): return frame["Close"].rolling(5, center=True).mean().rename("centred")
def scaled(frame): return ((frame["Close"] - frame["Close"].mean()) / frame["Close"].std()).rename("scaled")
def drawn(frame):
    import numpy as np
    return pd.Series(np.random.default_rng().normal(size=len(frame)), frame.index, name="drawn")
def honest(frame): return frame["Close"].ewm(span=5).mean().rename("honest")
def needs_fifty(frame):
    if len(frame) < 50: raise ValueError("too short")
    return frame["Close"].rename("needs_fifty")
number = 3
"""


@pytest.fixture
def mine(tmp_path: Path) -> str:
    path = tmp_path / "mine.py"
    path.write_text(SOURCE)
    return str(path)


def run(bars: np.ndarray, *names: str) -> tuple[tuple[str, ...], np.ndarray]:
    columns, x, _ = compute(bars, DAYS, names, symbol="TEST")
    return columns, x


def test_a_users_function_joins_a_shipped_set(mine: str) -> None:
    columns, x = run(RISING, "published", f"{mine}:gap")
    assert columns[-1] == "gap"
    assert x[1:, -1] == pytest.approx(1 / RISING[:-1, 3])
    assert np.isnan(x[0, -1])


def test_two_columns_of_one_name_are_refused(mine: str) -> None:
    with pytest.raises(InputError, match=r"two columns named 'Close' in features published, .*: rename or drop one"):
        run(RISING, "published", f"{mine}:close")


def test_columns_without_their_input_are_left_out_with_a_note() -> None:
    columns, x, findings = compute(NO_VOLUME, DAYS, ["published"], symbol="TEST")
    assert not [name for name in columns if name.startswith("Volume")]
    assert x.shape == (len(DAYS), 32)
    assert [(f.severity, f.kind, f.symbol, f.count) for f in findings] == [("note", "features_left_out", "TEST", 7)]


def test_a_users_function_that_needs_a_missing_bar_column_is_one_line(mine: str) -> None:
    with pytest.raises(InputError, match="turnover needs Volume, which TEST lacks"):
        run(NO_VOLUME, f"{mine}:turnover")


def test_a_users_own_key_error_is_not_disguised(mine: str) -> None:
    with pytest.raises(UserCodeFailed, match=r"typo\(bars\) raised KeyError: .Clsoe.; mine.py, line \d+: "):
        run(RISING, f"{mine}:typo")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("short", "short returned 59 rows for 60 sessions"),
        ("words", "words returned column 'day' that holds no numbers"),
        ("array", "array returned ndarray"),
        ("number", "is not a feature function"),
    ],
)
def test_broken_contracts_are_one_line(mine: str, name: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        run(RISING, f"{mine}:{name}")
    assert "\n" not in str(caught.value)


def test_a_function_cannot_change_what_the_next_one_sees(mine: str) -> None:
    _, x = run(RISING, f"{mine}:vandal", f"{mine}:close")
    assert x[:, 0].tolist() == [0.0] * len(DAYS)
    assert x[:, 1].tolist() == RISING[:, 3].tolist()


def test_infinities_count_as_missing(mine: str) -> None:
    assert np.isnan(run(RISING, f"{mine}:infinite")[1]).all()


def test_unknown_sets_offer_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'published'"):
        feature_set("publishd")


def test_no_sets_give_no_columns() -> None:
    columns, x = run(RISING)
    assert (columns, x.shape) == ((), (len(DAYS), 0))


def test_the_frame_carries_bars_dates_and_symbol(tmp_path: Path) -> None:
    (tmp_path / "look.py").write_text(
        "seen = []\ndef look(frame):\n    seen.append(frame)\n    return frame['Close'].rename('c')\n"
    )
    run(RISING, f"{tmp_path / 'look.py'}:look")
    import sys

    frame = sys.modules["beatnaive_user_look"].seen[0]
    assert tuple(frame.columns) == BARS
    assert isinstance(frame.index, pd.DatetimeIndex)
    assert frame.attrs["symbol"] == "TEST"


@pytest.mark.parametrize("name", ["tomorrow", "centred", "scaled", "drawn"])
def test_a_users_function_that_looks_ahead_is_refused_with_column_and_day(mine: str, name: str) -> None:
    with pytest.raises(InputError, match=rf"{name} looks ahead: {name} of 2024-\d\d-\d\d changes when .* audit"):
        run(RISING, f"{mine}:{name}")


@pytest.mark.parametrize("name", ["gap", "honest", "infinite", "needs_fifty"])
def test_a_users_function_that_does_not_is_let_in(mine: str, name: str) -> None:
    columns, _ = run(RISING, f"{mine}:{name}")
    assert columns == (name,)
