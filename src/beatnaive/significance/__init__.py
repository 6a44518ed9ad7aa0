"""May it be luck? One file per test.

A row of `TESTS` takes a `Contest` and returns its Evidence in words; `BESIDE` holds tests of other things than losses.
"""

from beatnaive.significance.contest import Trials
from beatnaive.significance.examination import Examination, Numbers, examine

TESTS: dict[str, str] = {
    "skill": "beatnaive.significance.skill:evidence",
    "diebold_mariano": "beatnaive.significance.diebold_mariano:evidence",
    "step_down": "beatnaive.significance.step_down:evidence",
    "detectable": "beatnaive.significance.detectable:evidence",
    "confidence_set": "beatnaive.significance.confidence_set:evidence",
    "clark_west": "beatnaive.significance.clark_west:evidence",
    "giacomini_white": "beatnaive.significance.giacomini_white:evidence",
    "pesaran_timmermann": "beatnaive.significance.pesaran_timmermann:evidence",
}

BESIDE: dict[str, str] = {
    "coverage": "beatnaive.significance.calibration:coverage_evidence",
    "pit": "beatnaive.significance.calibration:pit_evidence",
    "placebo": "beatnaive.significance.placebo:placebo",
}

__all__ = ["BESIDE", "TESTS", "Examination", "Numbers", "Trials", "examine"]
