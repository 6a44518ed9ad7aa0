"""Forecasters: one file per idea, one row each. Order is that of the table people read."""

MODELS: dict[str, str] = {
    "naive": "beatnaive.models.baselines:Naive",
    "drift": "beatnaive.models.baselines:Drift",
    "historical_mean": "beatnaive.models.baselines:HistoricalMean",
    "moving_average": "beatnaive.models.baselines:MovingAverage",
    "linear": "beatnaive.models.linear:Linear",
    "ridge": "beatnaive.models.linear:Ridge",
    "lstm": "beatnaive.models.lstm:LSTM",
}

WRAPPERS: tuple[str, ...] = ()
"""Adapters for models that users bring: `(kind, object, options) -> Forecaster | None`, tried in order."""
