"""BeatNaive tells you whether any model forecasts a stock better than "tomorrow = today", how sure that is, and why."""

__version__ = "0.1.0"
