"""A small version of benchmarks/honesty.py: the shipped procedure on markets whose truth is known.

Seeds are fixed. A rate passes while it stays inside the 99.9 % binomial limit of what is promised, so that a procedure
which keeps its promise fails here about once in a thousand changes of seed.
"""

import importlib.util
import sys
from pathlib import Path

import pytest
from scipy.stats import binom

FOLDER = Path(__file__).resolve().parents[3] / "benchmarks"


def _honesty():
    sys.path.insert(0, str(FOLDER))
    spec = importlib.util.spec_from_file_location("honesty", FOLDER / "honesty.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["honesty"] = module
    spec.loader.exec_module(module)
    return module


honesty = _honesty()
LEFT_OUT = ("n = 2500", "normal, horizon", "breaks, horizon", "thirty models, n = 239", "effect, n = 1000")
"""The benchmark alone runs these."""
SMALL = {case.name: case for case in honesty.cases() if not any(text in case.name for text in LEFT_OUT)}
STUDIES = {"200 null symbols": 6, "506 null symbols": 3, "forty variants on a random walk": 50}
STUDIES |= {name: 10 for name in SMALL if "symbols," in name or "of 200" in name}


def limits(bar, studies):
    """Hits between which a rate that keeps its bar stays in 999 of 1,000 draws."""
    low = binom.ppf(0.001, studies, bar.low) if bar.low > 0 else 0
    high = binom.ppf(0.999, studies, bar.high) if bar.high < 1 else studies
    return low, high


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_the_procedure_keeps_its_promise(name):
    case = SMALL[name]
    studies = STUDIES.get(name, 100)
    counts = honesty.count(case, studies)
    for measure, bar in case.bars.items():
        low, high = limits(bar, studies)
        assert low <= counts[measure] <= high, (
            f"{measure}: {counts[measure]} of {studies}, {low:.0f} to {high:.0f} allowed"
        )


@pytest.mark.slow
def test_uncounted_trials_do_find_false_winners():
    """What counting is for: the same forty variants, each judged as if it were alone."""
    counts = honesty.count(SMALL["forty variants on a random walk"], 50)
    assert counts["uncounted"] >= binom.ppf(0.001, 50, 0.2)
    assert counts["uncounted"] > counts["counted"]


def test_the_table_says_whether_a_bar_is_kept():
    case = next(iter(honesty.cases()))
    others = dict.fromkeys(case.bars, 0)
    line = honesty.table({case.name: {**others, "some better": 60}}, {case.name: 2000}).splitlines()[2]
    assert "3.0 %" in line
    assert line.endswith("| yes |")
    assert (
        honesty.table({case.name: {**others, "some better": 200}}, {case.name: 2000}).splitlines()[2].endswith("| NO |")
    )


def test_interval_is_clopper_and_pearsons():
    from scipy.stats import binomtest

    for hits, n in ((0, 50), (3, 50), (50, 50), (97, 2000)):
        exact = binomtest(hits, n).proportion_ci(0.95, "exact")
        assert honesty.interval(hits, n) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_leaving_out_resampling_changes_nothing_that_is_counted():
    import honesty_markets as markets
    import honesty_studies as studies
    import numpy as np

    from beatnaive.judging.significance.joint import judgement

    gains = markets.heavy_tailed_null(np.random.default_rng(0), 80, 40, 5)
    quick, full = np.random.default_rng(1), np.random.default_rng(1)
    wins = 0
    for gain in gains:
        one = studies.judge(quick, studies.field(gain), both=True)
        seed = int(full.integers(2**31))
        other = judgement(studies.field(gain), replications=studies.REPLICATIONS, seed=seed)
        assert studies.found(one.p_better) == studies.found(other.p_better)
        assert studies.found(one.p_worse) == studies.found(other.p_worse)
        wins += studies.found(other.p_better) + studies.found(other.p_worse)
    assert wins > 0


def test_symbols_judged_all_at_once_have_the_p_of_each_by_itself():
    import honesty_markets as markets
    import honesty_studies as studies
    import numpy as np

    from beatnaive.judging.significance.effect import detectable_effect
    from beatnaive.judging.significance.joint import judgement_of_symbol

    gains = markets.null_panel(np.random.default_rng(0), 20, 60, 3, nu=3)
    each = [judgement_of_symbol(studies.field(gain), symbols=20) for gain in gains]
    effects = [detectable_effect(one.test.error, one.critical, one.test.df) for one in each]
    assert studies._detectable_in(gains) == pytest.approx(np.array(effects))
    gains[3], gains[4, :, 0] = 0.0, 1.0  # models that never differ from naive, or always by as much
    each = [judgement_of_symbol(studies.field(gain), symbols=20) for gain in gains]
    assert studies.smallest_p(gains) == pytest.approx(np.array([one.p_better.min() for one in each]))
