"""Samples and labels, folds, fits, engines, conformal intervals: from samples to tracks."""
