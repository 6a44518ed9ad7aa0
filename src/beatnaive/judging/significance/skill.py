"""Skill: how much smaller is the model's error than naive's, and how well is that known?"""

from __future__ import annotations

import numpy as np

from beatnaive.core.phrases import finite
from beatnaive.core.types import Evidence, Floats
from beatnaive.judging.significance.contest import Contest
from beatnaive.judging.significance.cosines import mean_test


def skill(one: Contest, level: float = 0.9) -> tuple[Floats, Floats, Floats]:
    """(k,) skill, and the lower and upper limits of its interval, %; NaN where naive makes no error.

    skill = 100 (1 - sqrt(mean loss / mean loss of naive)) for squared losses, without the root for others, QLIKE above
    a perfect forecast's: the number in the terminal, scores.csv, verdict.json, words and charts. The interval is that
    of the mean gain, mean -+ t((1 + level) / 2, B) standard errors, in the same unit: of the t that rules, so that a
    model is never ruled better beside an interval that contains zero. Of several benchmarks, naive is the best.

    >>> import pandas as pd
    >>> from beatnaive.judging.from_table import Question, losses_of
    >>> from beatnaive.judging.significance.contest import contest
    >>> y, f = np.random.default_rng(0).normal(size=(2, 100)) * [[0.01], [0.002]]
    >>> table = pd.DataFrame({"ds": pd.bdate_range("2024-01-01", periods=100), "y": y, "m": f})
    >>> middle, low, high = skill(contest(losses_of(table, Question(y="return", loss="squared"))))
    >>> bool(low[0] < middle[0] < high[0])
    True
    """
    test = mean_test(one.gain, one.field.count)
    low, high = test.interval(level)
    return one.in_percent(test.mean), one.in_percent(low), one.in_percent(high)


def evidence(contest: Contest) -> tuple[Evidence, ...]:
    """Per model: its skill and the 90 % interval."""
    skills, low, high = skill(contest)
    return tuple(
        Evidence(
            test="skill",
            model=name,
            null="",
            statistic=finite(skills[k]),
            p_value=None,
            n=len(contest),
            words=f"{name}'s skill is {skills[k]:+.2f} %, between {low[k]:+.2f} and {high[k]:+.2f} % "
            "with 90 % confidence.",
            details={"low": finite(low[k]), "high": finite(high[k])},
        )
        for k, name in enumerate(contest.models)
        if np.isfinite(skills[k])
    )
