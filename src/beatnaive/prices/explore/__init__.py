"""A first look at prices: numbers, charts' data and sentences; ends with what they mean for forecasting."""

from beatnaive.prices.explore.exploration import Exploration, explore

__all__ = ["Exploration", "explore"]
