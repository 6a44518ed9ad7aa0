"""What is known at the close of a session: one file per set, one row each; `compute` joins them for one symbol."""

from beatnaive.features.base import FeatureSet, compute, feature_set
from beatnaive.features.rows import FEATURES

__all__ = ["FEATURES", "FeatureSet", "compute", "feature_set"]
