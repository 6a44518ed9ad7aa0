"""What is known at the close of a session: one file per set, one row each; `compute` joins them for one symbol."""

from beatnaive.features.base import FeatureSet, compute, feature_set

__all__ = ["FEATURES", "FeatureSet", "compute", "feature_set"]

FEATURES: dict[str, str] = {
    "published": "beatnaive.features.published:PUBLISHED",
    "technical": "beatnaive.features.technical:TECHNICAL",
    "returns": "beatnaive.features.returns:RETURNS",
    "calendar": "beatnaive.features.calendar:CALENDAR",
    "close": "beatnaive.features.close:CLOSE",
}
