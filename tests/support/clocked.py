"""`beatnaive ...` at an instant of one's choosing: python clocked.py 2018-06-01T22:00:00 ledger add ..."""

import sys
import warnings

import numpy as np

from beatnaive.cli import main
from beatnaive.forecasting.ledger import clock


def at(instant: str) -> None:
    clock.now = lambda: np.datetime64(instant, "s")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    at(sys.argv[1])
    main(sys.argv[2:])
