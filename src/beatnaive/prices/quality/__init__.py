"""What is wrong with prices, said and never silently mended; and the declared filling of gaps."""

from beatnaive.prices.quality.examine import examine_quality, refuse_fatal
from beatnaive.prices.quality.fill import fill_gaps

__all__ = ["examine_quality", "fill_gaps", "refuse_fatal"]
