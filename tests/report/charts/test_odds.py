"""The odds of a ledger, drawn: what the chart holds is what the book holds."""

import math

import pytest

from beatnaive.report.charts import to_spec
from beatnaive.report.charts.odds import odds

PATH = [
    ("2024-01-02", {"linear": (0.0, 0.0)}),
    ("2024-01-03", {"linear": (1.0, -1.0), "lstm": (0.0, 0.0)}),
    ("2024-01-04", {"linear": (40.0, -40.0), "lstm": (0.5, -0.2)}),
]


@pytest.mark.parametrize(("side", "place"), [("better", 0), ("worse", 1)])
def test_a_line_per_model_through_its_odds(side, place):
    spec = to_spec(odds(PATH, side))
    lines = next(data for data in spec["datasets"].values() if isinstance(data, str))
    head, *rows = [line.split(",") for line in lines.strip().split("\n")]
    made = {(row[head.index("date")][:10], row[head.index("model")]): float(row[head.index("odds")]) for row in rows}
    assert made == pytest.approx(
        {
            (day, model): math.exp(max(-14, min(14, logs[place])))  # beyond a million the axis says no more
            for day, every in PATH
            for model, logs in every.items()
        },
        rel=1e-5,
    )
    assert side in spec["title"]["text"]


def test_without_a_session_there_is_nothing_to_draw():
    assert odds([], "better") is None
