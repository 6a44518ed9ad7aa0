"""Where prices come from: one file per source, one row each."""

from beatnaive.prices.export import write_file
from beatnaive.prices.loader import load
from beatnaive.prices.rows import SOURCES
from beatnaive.prices.source import Source, Synthetic

__all__ = ["SOURCES", "Source", "Synthetic", "load", "write_file"]
