"""freqtrade's lookahead-analysis on files of the audit's catalogue: the part of audit_peers.py that runs in its place.

    peers/bin/python benchmarks/audit_in_freqtrade.py CANDLES.csv FOLDER FILE...

Strategies are analysed as they are. A feature function is put into one: its columns are indicators, and it is bought
while the first of them rises, sold when it falls. CANDLES.csv has date, open, high, low, close, volume; a candle a day,
or of the strategy's own timeframe. No exchange is asked: the one market that there is stands below. Printed is a JSON
object, by file "found", "-", or why nothing was said; FOLDER keeps it, so that an interrupted run goes on.
"""

import ast
import csv
import datetime as dt
import json
import os
import re
import shutil
import sys
from multiprocessing import get_context
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
ROWS = 1500
"""Candles for a feature function, those of our own audit; a strategy, which trades seldom, gets all."""
TOO_FEW = "too few trades"
PAIR, START, MINUTES = "BTC/USDT", "2018-01-01", {"5m": 5, "1h": 60, "1d": 1440}
STRATEGY = """
import importlib.util, sys
import pandas as pd
from freqtrade.strategy import IStrategy
sys.path.append({source!r})
from beatnaive.checks.auditing.answers import Form
spec = importlib.util.spec_from_file_location("of_the_catalogue", {path!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

class {name}(IStrategy):
    timeframe, minimal_roi, stoploss = "1d", {{"0": 10}}, -0.99

    def populate_indicators(self, dataframe, metadata):
        bars = dataframe.set_index(dataframe["date"].dt.tz_localize(None))[["open", "high", "low", "close", "volume"]]
        bars = bars.rename(columns=str.capitalize).rename_axis("Date")
        form, _ = Form.of(module.{function}, bars)
        table = form.table(bars)
        self.first = str(table.columns[0])
        for column in table:
            dataframe[str(column)] = table[column].to_numpy()
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        dataframe.loc[dataframe[self.first].diff() > 0, "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        dataframe.loc[dataframe[self.first].diff() < 0, "exit_long"] = 1
        return dataframe
"""
MARKET = {
    "id": "BTCUSDT", "symbol": PAIR, "base": "BTC", "quote": "USDT", "active": True, "spot": True, "type": "spot",
    "margin": False, "swap": False, "future": False, "contract": False, "linear": None, "contractSize": None,
    "taker": 0.001, "maker": 0.001, "precision": {"amount": 1e-8, "price": 1e-8}, "info": {},
    "limits": {
        "amount": {"min": 1e-8, "max": None}, "price": {"min": None, "max": None}, "cost": {"min": None, "max": None},
        "leverage": {"min": None, "max": None},
    },
}  # fmt: skip


def analysed(path: Path, candles: list[list[float]], folder: Path) -> str:
    """What the analysis says of one file, run in a process of its own."""
    place = folder / path.stem
    shutil.rmtree(place, ignore_errors=True)
    (place / "strategies").mkdir(parents=True)
    (place / "data" / "binance").mkdir(parents=True)
    text = path.read_text(encoding="utf-8")
    function = "leak" if "leaks" in path.parts else "sound"
    timeframe = re.search(r'^    timeframe = "(\w+)"$', text, re.MULTILINE)
    frame = timeframe[1] if timeframe else "1d"
    if not (ast.get_docstring(ast.parse(text)) or "").startswith("Strategy"):
        candles = candles[-ROWS:]
        text = STRATEGY.format(source=str(SOURCE), path=str(path), name=function, function=function)
    (place / "strategies" / "of_the_catalogue.py").write_text(text, encoding="utf-8")
    for name, minutes in MINUTES.items():
        if minutes >= MINUTES[frame]:
            rows = resampled(candles, MINUTES[frame], minutes)
            file = place / "data" / "binance" / f"BTC_USDT-{name}.json"
            file.write_text(json.dumps(rows), encoding="utf-8")
    config = {
        "dry_run": True, "stake_currency": "USDT", "stake_amount": 100, "max_open_trades": 1, "fee": 0.001,
        "timerange": "20180101-20300101", "timeframe": frame, "dataformat_ohlcv": "json",
        "minimum_trade_amount": 10, "targeted_trade_amount": 20,  # as they are by default
        "exchange": {"name": "binance", "key": "", "secret": "", "pair_whitelist": [PAIR], "pair_blacklist": []},
        "entry_pricing": {"price_side": "other"}, "exit_pricing": {"price_side": "other"},
        "pairlists": [{"method": "StaticPairList"}],
    }  # fmt: skip
    (place / "config.json").write_text(json.dumps(config), encoding="utf-8")
    words = ["lookahead-analysis", "--strategy-list", function, "--config", str(place / "config.json")]
    words += ["--userdir", str(place), "--strategy-path", str(place / "strategies")]
    process = get_context("fork").Process(target=alone, args=(words, place / "said.txt"))  # one import serves all
    process.start()
    process.join()
    log = (place / "said.txt").read_text(encoding="utf-8")
    for said, meaning in {": bias detected": "found", "no bias detected": "-", TOO_FEW: TOO_FEW}.items():
        if said in log:
            return meaning
    errors = re.findall(r"^\w+Error: .+", log, re.MULTILINE)
    return f"failed: {errors[-1] if errors else log[-200:]}"


def resampled(candles: list[list[float]], of: int, to: int) -> list[list[float]]:
    """Candles of `of` minutes, numbered from START, as candles of `to` minutes, each stamped by its opening."""
    begin = dt.datetime.fromisoformat(START).replace(tzinfo=dt.UTC).timestamp()
    per, made = to // of, []
    for k in range(0, len(candles) - per + 1, per):
        part = candles[k : k + per]
        stamp = int(1000 * (begin + 60 * of * k))
        high, low = max(one[1] for one in part), min(one[2] for one in part)
        made.append([stamp, part[0][0], high, low, part[-1][3], sum(one[4] for one in part)])
    return made


def alone(words: list[str], to: Path) -> None:
    """freqtrade's own command, with a market instead of an exchange; what it says goes to a file."""
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)

    def offline(self: Exchange, force: bool = False, *, load_leverage_tiers: bool = True) -> None:
        self._markets, self._last_markets_refresh = {PAIR: MARKET}, 10**15
        for api in (self._api, self._api_async):
            api.set_markets([MARKET])

    Exchange.reload_markets = offline
    main(words)


if __name__ == "__main__":
    from freqtrade.exchange import Exchange
    from freqtrade.main import main

    with Path(sys.argv[1]).open(encoding="utf-8") as file:
        table = [[float(row[n]) for n in ("open", "high", "low", "close", "volume")] for row in csv.DictReader(file)]
    keep = Path(sys.argv[2]) / "found.json"
    found = json.loads(keep.read_text(encoding="utf-8")) if keep.exists() else {}
    for one in sys.argv[3:]:
        if one not in found:
            found[one] = analysed(Path(one), table, Path(sys.argv[2]))
            keep.write_text(json.dumps(found), encoding="utf-8")
    print(json.dumps(found))
