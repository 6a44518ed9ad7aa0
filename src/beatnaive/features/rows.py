"""The feature sets by name: a row is a name and an import string."""

FEATURES: dict[str, str] = {
    "published": "beatnaive.features.published:PUBLISHED",
    "technical": "beatnaive.features.technical:TECHNICAL",
    "returns": "beatnaive.features.returns:RETURNS",
    "calendar": "beatnaive.features.calendar:CALENDAR",
    "close": "beatnaive.features.close:CLOSE",
    "lags": "beatnaive.features.lags:LAGGED",
}
