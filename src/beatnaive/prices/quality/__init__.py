"""What is wrong with prices, said and never silently mended; and the declared filling of gaps."""

from beatnaive.prices.quality.examine import examine, refuse_fatal
from beatnaive.prices.quality.fill import fill_gaps

__all__ = ["examine", "fill_gaps", "refuse_fatal"]
