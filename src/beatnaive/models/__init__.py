"""Forecasters: one file per idea."""

MODELS: dict[str, str] = {
    "naive": "beatnaive.models.baselines:Naive",
    "drift": "beatnaive.models.baselines:Drift",
    "historical_mean": "beatnaive.models.baselines:HistoricalMean",
    "moving_average": "beatnaive.models.baselines:MovingAverage",
    "linear": "beatnaive.models.linear:Linear",
    "ridge": "beatnaive.models.linear:Ridge",
    "auto_arima": "beatnaive.models.arima:AutoARIMA",
    "ets": "beatnaive.models.ets:ETS",
    "theta": "beatnaive.models.theta:Theta",
    "arx": "beatnaive.models.arx:ARX",
    "boosting": "beatnaive.models.boosting:Boosting",
    "lstm": "beatnaive.models.lstm:LSTM",
    "gru": "beatnaive.models.gru:GRU",
    "simple_rnn": "beatnaive.models.simple_rnn:SimpleRNN",
    "tcn": "beatnaive.models.tcn:TCN",
    "mlp": "beatnaive.models.mlp:MLP",
    "nlinear": "beatnaive.models.nlinear:NLinear",
    "dlinear": "beatnaive.models.dlinear:DLinear",
    "patchtst": "beatnaive.models.patchtst:PatchTST",
    "hybrid": "beatnaive.models.hybrid:Hybrid",
    "last_value": "beatnaive.models.volatility.simple:LastValue",
    "mean_20": "beatnaive.models.volatility.simple:MeanVariance",
    "expanding_mean": "beatnaive.models.volatility.simple:ExpandingMean",
    "ewma": "beatnaive.models.volatility.simple:EWMA",
    "garch": "beatnaive.models.volatility.garch:GARCH",
    "gjr": "beatnaive.models.volatility.garch:GJR",
    "har": "beatnaive.models.volatility.har:HAR",
    "lstm_variance": "beatnaive.models.volatility.network:LSTMVariance",
}

WRAPPERS: tuple[str, ...] = (
    "beatnaive.models.statsforecast_model:adapt",
    "beatnaive.models.sklearn_model:adapt",
    "beatnaive.models.keras_model:adapt",
)
"""Adapters for user-supplied models: `(kind, object, options) -> Forecaster | None`, tried in order."""
