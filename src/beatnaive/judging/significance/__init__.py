"""May it be luck? One file per test.

A row of `TESTS` takes a `Contest` and returns its Evidence in words; `BESIDE` holds tests of other things than losses.
"""

from beatnaive.judging.significance.examination import Examination, Numbers, examine
from beatnaive.judging.significance.loss_rows import Trials
from beatnaive.judging.significance.rows import BESIDE, TESTS

__all__ = ["BESIDE", "TESTS", "Examination", "Numbers", "Trials", "examine"]
