"""Functions that join releases: accepted where every row's values were out by its close, found where they were not."""

import numpy as np
import pandas as pd
import pytest

from beatnaive.checks import audit, index_frame
from beatnaive.core.errors import InputError
from beatnaive.features.base import FeatureSet, evaluate, published_late
from beatnaive.releases.beside import beside


def joined(bars: pd.DataFrame) -> pd.DataFrame:
    """Inflation and VIX as published, beside a return."""
    cpi, vix = beside(bars, "cpi", parts=("", "_fresh")), beside(bars, "vix")
    both = pd.concat([cpi.drop(columns="published"), vix.drop(columns="published")], axis=1)
    newest = np.fmax(cpi["published"], vix["published"])
    return both.assign(move=bars["Close"].pct_change(), published=newest)


def by_date(bars: pd.DataFrame) -> pd.DataFrame:
    """The day's own VIX, which is computed after the stocks have closed, with the truth about when it came out."""
    tomorrow = beside(bars, "vix").shift(-1)
    return tomorrow.assign(move=bars["Close"].pct_change())


def test_a_join_by_publication_is_clean_and_leaves_no_doubt() -> None:
    report = audit(joined, seconds=2)
    assert (report.leaks, report.doubts) == ((), ())
    assert "published" in {one.test for one in report.experiments}


def test_a_join_of_what_came_after_the_close_is_a_leak() -> None:
    (leak,) = [one for one in audit(by_date, seconds=2).leaks if one.test == "published"]
    assert leak.count > 1000
    with pytest.raises(InputError, match="a value published on"):
        evaluate(FeatureSet("mine", by_date), index_frame(300))


def test_a_study_takes_the_join_and_drops_the_column() -> None:
    made = evaluate(FeatureSet("mine", joined), index_frame(300))
    assert list(made) == ["cpi", "cpi_fresh", "vix", "move"]
    assert made["vix"].notna().all()


def test_an_instant_counts_against_the_close_and_a_day_against_the_day() -> None:
    """Published at 16:30 in New York: too late for that day's close, in time for the next; half days close at 13:00."""
    days = pd.to_datetime(["2018-11-20", "2018-11-21", "2018-11-23"])
    at = pd.to_datetime(["2018-11-20 16:30", "2018-11-20 16:30", "2018-11-23 13:30"]).tz_localize("America/New_York")
    assert published_late(pd.DataFrame({"published": at}, index=days)).tolist() == [True, False, True]
    assert published_late(pd.DataFrame({"published": days}, index=days)).tolist() == [False, False, False]
    assert published_late(pd.DataFrame({"published": [pd.NaT] * 3}, index=days)).tolist() == [False] * 3
