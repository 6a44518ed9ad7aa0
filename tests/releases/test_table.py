"""Tables of releases: what is refused, in one line each."""

import numpy as np
import pytest
from release_tables import EXAMPLE, days, instants

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.releases import ReleaseSpec, read_release
from beatnaive.releases.publication import at_time, end_of_day, lagged, published, zone_of
from beatnaive.releases.spec import named
from beatnaive.releases.table import Releases, checked

NOW = np.datetime64("2024-01-01T00:00:00")


def table(**changes: object) -> Releases:
    given = {
        "name": "x", "period_end": days("2020-01-31", "2020-02-29"), "known_at": instants("2020-02-10", "2020-03-10"),
        "value": np.array([1.0, 2.0]), "provenance": EXAMPLE,
    }  # fmt: skip
    return Releases.of(**{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"known_at": instants("2020-02-10", "2020-02-28")}, "before its period ended"),
        ({"known_at": instants("2020-02-10", "2025-02-28")}, "in the future"),
        ({"period_end": days("2020-01-31", "2020-01-31"), "known_at": instants("2020-02-10", "2020-02-10")}, "twice"),
    ],
)
def test_what_cannot_be_joined_is_refused_in_one_line(changes: dict, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        checked(table(**changes), "releases.mine", now=NOW)
    assert len(str(error.value)) < 280
    assert "\n" not in str(error.value)
    assert checked(table(), "releases.mine", now=NOW) is not None


def test_a_declared_forecast_may_come_before_its_period_ends() -> None:
    early = table(known_at=instants("2020-02-10", "2020-02-20"))
    assert len(checked(early, "releases.mine", now=NOW, forecasts=True)) == 2


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(InputError, match="no rows"):
        checked(table().take(slice(0, 0)), "releases.mine", now=NOW)


def test_dates_without_a_time_end_with_their_day() -> None:
    assert end_of_day(days("2024-01-15"))[0] == np.datetime64("2024-01-16T05:00:00")
    assert end_of_day(days("2024-07-15"))[0] == np.datetime64("2024-07-16T04:00:00")
    assert at_time(days("2023-04-12"), "08:30", "America/New_York")[0] == np.datetime64("2023-04-12T12:30:00")


def test_an_hour_that_occurs_twice_counts_as_the_later() -> None:
    assert published(["2023-11-05 01:30"], "America/New_York", "x")[0] == np.datetime64("2023-11-05T06:30:00")


@pytest.mark.parametrize(("lag", "known"), [("45d", "2020-03-17T04:00:00"), ("2 sessions", "2020-02-04T21:00:00")])
def test_lags(lag: str, known: str) -> None:
    assert lagged(days("2020-01-31"), lag)[0] == np.datetime64(known)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: zone_of("Mars/Olympus"), "unknown time zone"),
        (lambda: lagged(days("2020-01-31"), "soon"), "lag 'soon'"),
        (lambda: at_time(days("2020-01-31"), "25:00", "UTC"), "not a time of day"),
        (lambda: published(["2020-01-01", "often"], "UTC", "my.csv"), "row 2 says 'often'"),
        (lambda: published([""], "UTC", "my.csv"), "no date of publication"),
    ],
)
def test_what_is_not_understood_is_said_in_one_line(call: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()  # type: ignore[operator]


def test_options_and_columns_that_do_not_exist_are_named() -> None:
    with pytest.raises(UnknownName, match="did you mean 'vix'"):
        named(["vixx"])
    with pytest.raises(UnknownName, match="key in releases"):
        read_release("vix", ReleaseSpec("vix", {"lag": "1d"}), [])
    with pytest.raises(InputError, match="two releases would be called"):
        named(["a.csv", "other/a.parquet"])
