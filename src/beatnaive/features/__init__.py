"""What is known at a close: one file per set."""

from beatnaive.features.base import FeatureSet, compute, feature_set
from beatnaive.features.rows import FEATURES

__all__ = ["FEATURES", "FeatureSet", "compute", "feature_set"]
