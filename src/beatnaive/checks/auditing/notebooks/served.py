"""Inside the notebook's kernel: prices come from us, generators are seeded, and a variable is read at the end.

Nothing here runs in the audit's own process; `install` is called in a cell before the notebook's first.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.machinery
import inspect
import json
import random
import sys
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from beatnaive.checks.auditing.own_data import DATES
from beatnaive.checks.markets import Future, index_frame, walk_frame, with_future
from beatnaive.core.jax_environment import prepare

if TYPE_CHECKING:
    import pandas as pd

SESSIONS = {"1mo": 21, "3mo": 63, "6mo": 126, "1y": 252, "2y": 504, "5y": 1260, "10y": 2520, "max": 4000, "ytd": 200}
"""Sessions of a period as yfinance names it."""
MOST = 5000


class Server:
    """The prices that a notebook is given. settings: cut (an instant or null), future, data, flat, folder, report."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings, self.sessions = settings, cast("list[str]", [])

    def changed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame, by instant, with other values after the cut; its sessions are noted."""
        import pandas as pd

        index: Any = frame.index
        days = index.tz_localize(None) if index.tz is not None else index
        if len(days) > len(self.sessions):
            self.sessions = [str(day) for day in days]
        cut = self.settings["cut"]
        known = len(frame) if cut is None else int((days <= pd.Timestamp(cut)).sum())
        if known == len(frame) or not len(frame):
            return frame
        return with_future(frame, max(known, 1), cast("Future", self.settings["future"]))

    def bars(self, ticker: str, start: Any, end: Any, period: str | None) -> pd.DataFrame:
        """A market of this name over the days asked for: the embedded index, drifting by a path of its own."""
        import pandas as pd

        last = pd.Timestamp.today().normalize() if end is None else pd.Timestamp(end).tz_localize(None)
        if start is None:
            days = pd.bdate_range(end=last, periods=SESSIONS.get(period or "1mo", 252))
        else:
            days = pd.bdate_range(pd.Timestamp(start).tz_localize(None), last, inclusive="left")
        days = days[-MOST:]
        if self.settings["data"]:
            from beatnaive.checks.auditing.own_data import market_of

            frame = market_of(self.settings["data"]).iloc[-len(days) :]
            frame.index = days[len(days) - len(frame) :]
        else:
            frame = index_frame(len(days))
            path = walk_frame(len(frame), seed=zlib.crc32(ticker.encode()), deviation=0.004)["Close"].to_numpy() / 100.0
            for name in ("Open", "High", "Low", "Close"):
                frame[name] *= path
            frame.index = days[len(days) - len(frame) :]
        return self.changed(frame.rename_axis("Date"))

    def download(
        self, tickers: Any, start: Any = None, end: Any = None, *, period: str | None = None,
        multi_level_index: bool = True, group_by: str = "column", auto_adjust: bool | None = None, **others: Any,
    ) -> pd.DataFrame:  # fmt: skip
        """What `yfinance.download` answers with."""
        import pandas as pd

        names = tickers.replace(",", " ").split() if isinstance(tickers, str) else list(tickers)
        frames = {name: self.bars(name, start, end, period) for name in names}
        if auto_adjust is False:
            frames = {name: one.assign(**{"Adj Close": one["Close"]}) for name, one in frames.items()}
        if len(names) == 1 and (self.settings["flat"] or not multi_level_index):
            return frames[names[0]]
        joined = pd.concat(frames, axis=1, names=["Ticker", "Price"])
        return joined if group_by == "ticker" else joined.swaplevel(axis=1).sort_index(axis=1)

    def history(self, period: str = "1mo", start: Any = None, end: Any = None, ticker: str = "") -> pd.DataFrame:
        """What `yfinance.Ticker(...).history` answers with."""
        frame = self.bars(ticker, start, end, None if start is not None else period)
        made = frame.assign(Dividends=0.0, **{"Stock Splits": 0.0})
        index: Any = made.index
        return made.set_axis(index.tz_localize("America/New_York"), axis=0)

    def reading(self, read: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
        """`pandas.read_csv` or `read_parquet`, with other values after the cut where the file holds prices."""

        @functools.wraps(read)
        def reads(path: Any, *given: Any, **named: Any) -> pd.DataFrame:
            table = read(path, *given, **named)
            inside = isinstance(path, str | Path) and Path(path).resolve().is_relative_to(self.settings["folder"])
            return self._of_file(table) if inside else table

        return reads

    def _of_file(self, table: Any) -> Any:
        """Its rows in their order, whatever that is; a file without dates or a price column is left as it is."""
        import pandas as pd

        if not isinstance(table, pd.DataFrame) or not any(
            "close" in str(one).lower() or str(one).lower() == "price" for one in table
        ):
            return table
        column = next((one for one in table.columns if str(one).lower() in DATES), None)
        days = table.index if column is None else pd.to_datetime(table[column], errors="coerce")
        if not isinstance(days, pd.DatetimeIndex):
            try:
                days = pd.DatetimeIndex(pd.to_datetime(days, errors="raise"))
            except (ValueError, TypeError):
                return table
        if days.hasnans or pd.api.types.is_numeric_dtype(table.index if column is None else table[column]):
            return table
        order = np.argsort(days.to_numpy(), kind="stable")
        numbers = [name for name in table if name != column and pd.api.types.is_numeric_dtype(table[name])]
        made = self.changed(table[numbers].iloc[order].set_axis(days[order], axis=0))
        whole = table.copy()
        for name in numbers:
            values = np.empty(len(table))
            values[order] = made[name].to_numpy(np.float64)
            whole[name] = values
        return whole

    def answer(self, name: str, namespace: dict[str, Any]) -> None:
        """Write down what the variable holds, and the sessions that were served."""
        import pandas as pd

        if name not in namespace:
            known = [one for one, value in namespace.items() if not one.startswith("_") and hasattr(value, "__len__")]
            raise NameError(f"no variable {name!r} at the end of the notebook; there are {', '.join(known[-12:])}")
        value = namespace[name]
        dates = None
        if isinstance(value, pd.Series | pd.DataFrame) and isinstance(value.index, pd.DatetimeIndex):
            days = value.index.tz_localize(None) if value.index.tz is not None else value.index
            dates = [str(day) for day in days]
        if hasattr(value, "detach"):
            value = value.detach().cpu()
        values = np.asarray(value, dtype=np.float64)
        told = {"values": values.reshape(len(values), -1)[:, 0].tolist(), "dates": dates, "sessions": self.sessions}
        Path(self.settings["report"]).write_text(json.dumps(told))


def install(settings: dict[str, Any], mentions: Sequence[str]) -> Server:
    """Serve prices, seed what the notebook mentions (keras, tensorflow, torch), and train for `epochs` at most."""
    import pandas as pd
    import yfinance

    prepare()
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - the notebook's own generator, whose state is global
    server = Server(settings)
    yfinance.download = server.download

    def history(
        self: Any, period: str = "1mo", interval: str = "1d", start: Any = None, end: Any = None, **_: Any
    ) -> Any:
        return server.history(period, start, end, ticker=str(self.ticker))

    yfinance.Ticker.history = history
    library: Any = pd
    library.read_csv, library.read_parquet = server.reading(pd.read_csv), server.reading(pd.read_parquet)
    _reader(server)
    if {"keras", "tensorflow"} & set(mentions):
        _seed_keras(settings["epochs"])  # here Keras looks for TensorFlow, and must not find what stands in for it
        if importlib.machinery.PathFinder.find_spec("tensorflow") is None:
            sys.meta_path.insert(0, _TensorFlow())
    if "torch" in mentions and importlib.machinery.PathFinder.find_spec("torch") is not None:
        importlib.import_module("torch").manual_seed(0)
    return server


def _seed_keras(epochs: int | None) -> None:
    import keras

    keras.utils.set_random_seed(0)
    fit = keras.Model.fit
    parameters = inspect.signature(fit)

    @functools.wraps(fit)
    def shorter(*given: Any, **named: Any) -> Any:
        options = parameters.bind(*given, **named).arguments  # by name or by place: `model.fit(x, y, 32, 100)`
        options.setdefault("verbose", 0)
        if epochs is not None:
            options["epochs"] = min(int(options.get("epochs", 1)), epochs)
        return fit(**options)

    keras.Model.fit = shorter


def _reader(server: Server) -> None:
    """pandas_datareader, installed or not."""
    module: Any = ModuleType("pandas_datareader")
    data: Any = ModuleType("pandas_datareader.data")

    def reader(name: Any, data_source: Any = None, start: Any = None, end: Any = None, **others: Any) -> pd.DataFrame:
        return server.download(name, start or "2012-01-01", end, multi_level_index=False, auto_adjust=False)

    data.DataReader = data.get_data_yahoo = module.DataReader = module.get_data_yahoo = reader
    module.data = data
    sys.modules.update({"pandas_datareader": module, "pandas_datareader.data": data})


class _TensorFlow(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """`tensorflow.keras` is Keras where TensorFlow is not installed; nothing else of it is there."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name == "tensorflow" or name.startswith("tensorflow.keras"):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        if spec.name != "tensorflow":
            return importlib.import_module(spec.name.removeprefix("tensorflow."))
        import keras

        module: Any = ModuleType("tensorflow")
        module.keras, module.__version__ = keras, f"{keras.__version__} (Keras)"
        module.random = ModuleType("tensorflow.random")
        module.random.set_seed = keras.utils.set_random_seed
        return cast("ModuleType", module)

    def exec_module(self, module: ModuleType) -> None:
        """It was executed when Keras was imported."""
