"""The tests by name: a row is a name and an import string."""

TESTS: dict[str, str] = {
    "skill": "beatnaive.judging.significance.skill:evidence",
    "diebold_mariano": "beatnaive.judging.significance.diebold_mariano:evidence",
    "step_down": "beatnaive.judging.significance.adjusted:evidence",
    "detectable": "beatnaive.judging.significance.detectable:evidence",
    "confidence_set": "beatnaive.judging.significance.confidence_set:evidence",
    "clark_west": "beatnaive.judging.significance.clark_west:evidence",
    "giacomini_white": "beatnaive.judging.significance.giacomini_white:evidence",
    "pesaran_timmermann": "beatnaive.judging.significance.directions:evidence",
    "fluctuation": "beatnaive.judging.significance.fluctuation:evidence",
}

BESIDE: dict[str, str] = {
    "coverage": "beatnaive.judging.significance.calibration:coverage_evidence",
    "conditional_coverage": "beatnaive.judging.significance.calibration:conditional_coverage_evidence",
    "pit": "beatnaive.judging.significance.calibration:pit_evidence",
    "placebo": "beatnaive.judging.significance.placebo:placebo",
}
