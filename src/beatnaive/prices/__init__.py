"""Where bars come from, when exchanges close, what is wrong with the data, what they look like."""

from beatnaive.prices.export import write_file
from beatnaive.prices.loader import load
from beatnaive.prices.rows import SOURCES
from beatnaive.prices.source import Source, Synthetic

__all__ = ["SOURCES", "Source", "Synthetic", "load", "write_file"]
