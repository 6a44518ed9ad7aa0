"""Nouns, exceptions, and plumbing that knows nothing of forecasting."""
