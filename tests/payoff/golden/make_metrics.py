"""Makes metrics.json: what empyrical-reloaded and ffn say of the same returns.

python -m venv other && other/bin/pip install empyrical-reloaded ffn
other/bin/python tests/payoff/golden/make_metrics.py

The values are kept, so that the tests need neither library.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd


def returns() -> tuple[np.ndarray, np.ndarray]:
    """A market and a strategy of 750 sessions that holds some of it, skewed, with a crash."""
    rng = np.random.default_rng(19)
    market = 0.0004 + 0.01 * rng.standard_t(5, 750)
    own = 0.6 * market + rng.normal(0.0002, 0.006, 750)
    own[400] = -0.12
    return own, market


def main() -> None:
    """Write metrics.json beside this file."""
    import empyrical
    import ffn

    own, market = returns()
    days = pd.bdate_range("2020-01-01", periods=751)
    one, other = pd.Series(own, days[1:]), pd.Series(market, days[1:])
    alpha, beta = empyrical.alpha_beta(one, other, risk_free=0.0, period="daily")
    wealth = pd.Series(np.r_[1.0, (1 + own).cumprod()], days)
    falls = ffn.drawdown_details(ffn.to_drawdown_series(wealth))
    found = {
        "versions": {name: version(name) for name in ("empyrical-reloaded", "ffn")},
        "empyrical": {
            "annual_return": empyrical.annual_return(one),
            "max_drawdown": empyrical.max_drawdown(one),
            "sharpe_ratio": empyrical.sharpe_ratio(one),
            "alpha": alpha,
            "beta": beta,
            "annual_volatility": empyrical.annual_volatility(one),
        },
        "ffn": {
            "calc_max_drawdown": float(ffn.calc_max_drawdown(wealth)),
            "calc_sharpe": float(ffn.calc_sharpe(one, nperiods=252)),
            "longest": max(
                int(np.busday_count(a.date(), b.date())) for a, b in zip(falls["Start"], falls["End"], strict=True)
            ),
        },
        "returns": {"own": own.tolist(), "market": market.tolist()},
    }
    place = Path(__file__).with_name("metrics.json")
    place.write_text(json.dumps(found, default=float) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
