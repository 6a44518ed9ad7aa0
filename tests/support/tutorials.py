"""The shapes in which LSTM tutorials forecast a stock, each with what it does wrong and with that mended, as notebooks.

Written from the patterns. The network is an LSTM, or a ridge regression over the same windows, which trains in no time.
"""

from pathlib import Path

import nbformat

GET = """
import numpy as np
import pandas as pd
import yfinance as yf
from sklearn.preprocessing import MinMaxScaler, StandardScaler
data = yf.download('AAPL', start='2014-01-01', end='2017-01-01')
close = data['Close'].values.reshape(-1, 1)
steps, split = 20, int(0.8 * len(close))
"""
WINDOWS = """
def windows(values, first, last):
    x = np.array([values[k - steps:k] for k in range(first, last)])
    y = np.array([values[k, 0] for k in range(first, last)])
    return x, y
"""
NETWORKS = {
    "ridge": """
from sklearn.linear_model import Ridge
class Network:
    def fit(self, x, y, **options):
        self.model = Ridge(1e-3).fit(x.reshape(len(x), -1), y)
        return self
    def predict(self, x):
        return self.model.predict(x.reshape(len(x), -1)).reshape(-1, 1)
def network(x):
    return Network()
""",
    "lstm": """
!pip install tensorflow
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import LSTM, Dense, Input
def network(x):
    model = Sequential([Input(x.shape[1:]), LSTM(8), Dense(1)])
    model.compile(optimizer='adam', loss='mse')
    return model
""",
}
TRAIN = """
model = network(x_train)
model.fit(x_train, y_train, epochs=20, batch_size=32)
"""
PRICES = "\npredictions = scaler.inverse_transform(model.predict(x_test)){}\n"
SCALED = {
    True: "scaler = MinMaxScaler()\nscaled = scaler.fit_transform(close)\n",
    False: "scaler = MinMaxScaler()\nscaler.fit(close[:split])\nscaled = scaler.transform(close)\n",
}


def _usual(cells: list[str], network: str, ending: str) -> list[str]:
    return [GET, *cells, NETWORKS[network], TRAIN, ending]


def scaler_before_split(wrong: bool, network: str) -> list[str]:
    parts = "x_train, y_train = windows(scaled, steps, split)\nx_test, y_test = windows(scaled, split, len(scaled))\n"
    return _usual([SCALED[wrong], WINDOWS, parts], network, PRICES.format(""))


def shuffled_split(wrong: bool, network: str) -> list[str]:
    parts = (
        "from sklearn.model_selection import train_test_split\nx, y = windows(scaled, steps, len(scaled))\n"
        f"x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=1, shuffle={wrong})\n"
    )
    fitted = "scaler = MinMaxScaler()\nscaler.fit(close[:300])\nscaled = scaler.transform(close)\n"
    return _usual([fitted, WINDOWS, parts], network, PRICES.format(""))


def tests_as_validation(wrong: bool, network: str) -> list[str]:
    parts = "x_train, y_train = windows(scaled, steps, split)\nx_test, y_test = windows(scaled, split, len(scaled))\n"
    held = "x_test, y_test" if wrong else "x_train[-80:], y_train[-80:]"
    chosen = (
        "x_fit, y_fit = x_train[:-80], y_train[:-80]\nbest = None\n"
        "for epochs in range(1, 11):\n    trained = network(x_fit)\n"
        "    trained.fit(x_fit[:45 * epochs], y_fit[:45 * epochs], epochs=epochs)\n"
        f"    held_x, held_y = {held}\n"
        "    error = np.mean((trained.predict(held_x).ravel() - held_y) ** 2)\n"
        "    if best is None or error < best[0]:\n        best = error, trained\nmodel = best[1]\n"
    )
    return [GET, SCALED[False], WINDOWS, parts, NETWORKS[network], chosen, PRICES.format("")]


def same_day_features(wrong: bool, network: str) -> list[str]:
    lag = 0 if wrong else 1
    parts = (
        f"features = data[['Open', 'High', 'Low', 'Volume']].pct_change().shift({lag})\n"
        "target = data['Close'].pct_change()\n"
        "x = features.values[2:]\ny = target.values[2:].ravel()\nsplit = int(0.8 * len(x))\n"
        "scaler = StandardScaler().fit(x[:split])\nx = scaler.transform(x)[:, None, :]\n"
        "x_train, y_train, x_test = x[:split], y[:split], x[split:]\n"
    )
    return _usual([parts], network, "\npredictions = model.predict(x_test)\n")


def windows_across_the_split(wrong: bool, network: str) -> list[str]:
    # the mean of the next five sessions is the label; a forecast is for the first of them
    gap = 0 if wrong else 5
    parts = (
        "def labelled(first, last):\n    rows = range(first, last)\n"
        "    x = np.array([scaled[k - steps:k] for k in rows])\n"
        "    y = np.array([scaled[k:k + 5, 0].mean() for k in rows])\n    return x, y\n"
        f"x_train, y_train = labelled(steps, split - {gap})\nx_test, y_test = labelled(split, len(scaled))\n"
    )
    return _usual([SCALED[False], parts], network, PRICES.format(""))


def whole_sample_indicator(wrong: bool, network: str) -> list[str]:
    mean = (
        "series.rolling(9, center=True, min_periods=1).mean()" if wrong else "series.rolling(9, min_periods=1).mean()"
    )
    parts = (
        f"series = pd.Series(close.ravel())\nsmooth = {mean}.values.reshape(-1, 1)\n"
        "scaler = MinMaxScaler()\nscaler.fit(close[:split])\nscaled = scaler.transform(smooth)\n"
        "x_train, y_train = windows(scaled, steps, split - 5)\nx_test, y_test = windows(scaled, split, len(scaled))\n"
    )
    return _usual([WINDOWS, parts], network, PRICES.format(""))


def dated_series_from_a_file(wrong: bool, network: str) -> list[str]:
    get = GET.replace(
        "data = yf.download('AAPL', start='2014-01-01', end='2017-01-01')",
        "data = pd.read_csv('prices.csv', parse_dates=['Date'], index_col='Date')",
    )
    parts = "x_train, y_train = windows(scaled, steps, split)\nx_test, y_test = windows(scaled, split, len(scaled))\n"
    dated = PRICES.format(".ravel()") + "predictions = pd.Series(predictions, index=data.index[split:])\n"
    return [get, SCALED[wrong], WINDOWS, parts, NETWORKS[network], TRAIN, dated]


def selection_on_all_rows(wrong: bool, network: str) -> list[str]:
    rows = "" if wrong else ".iloc[:split]"
    parts = (
        "change = data[['Open', 'High', 'Low', 'Close', 'Volume']].pct_change()\n"
        "change.columns = ['Open', 'High', 'Low', 'Close', 'Volume']\n"
        "lags = pd.concat({(c, k): change[c].shift(k) for c in change for k in range(1, 6)}, axis=1).iloc[7:]\n"
        "target = change['Close'].iloc[7:]\nsplit = int(0.8 * len(lags))\n"
        f"best = lags{rows}.corrwith(target{rows}).abs().nlargest(4).index\n"
        "x = 30 * lags[best].values[:, None, :]\ny = target.values\n"
        "x_train, y_train, x_test = x[:split], y[:split], x[split:]\n"
    )
    return _usual([parts], network, "\npredictions = model.predict(x_test)\n")


SHAPES = {
    one.__name__: one
    for one in (
        scaler_before_split, shuffled_split, tests_as_validation, same_day_features, windows_across_the_split,
        whole_sample_indicator, dated_series_from_a_file, selection_on_all_rows,
    )
}  # fmt: skip
REPAIRS = {
    "scaler_before_split": "scaler.fit(data[:split])", "shuffled_split": "shuffle=False",
    "tests_as_validation": "validation_split", "same_day_features": "shift(1)",
    "windows_across_the_split": "[:split - horizon]", "dated_series_from_a_file": "scaler.fit(data[:split])",
    "selection_on_all_rows": "scaler.fit(data[:split])",
}  # fmt: skip
"""Part of the repair that the audit must name."""


def write(folder: Path, shape: str, *, wrong: bool, network: str) -> Path:
    """The notebook of a shape in a folder of its own."""
    cells = [nbformat.v4.new_code_cell(source.strip("\n")) for source in SHAPES[shape](wrong, network)]
    path = folder / f"{shape}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Tutorial"), *cells]), path)
    if shape == "dated_series_from_a_file":
        from beatnaive.checks import walk_frame

        walk_frame(700, seed=3).to_csv(folder / "prices.csv")
    return path
