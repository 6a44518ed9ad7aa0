"""The join by publication: against a slow loop that shares no code, at true dates, and at every cut."""

import math

import numpy as np
import pytest
from release_tables import EXAMPLE, consumer_prices, days, instants, random_table

from beatnaive.prices.calendars import closes, sessions_between
from beatnaive.releases import RELEASES
from beatnaive.releases.join import OLDEST, by_reference, history, join
from beatnaive.releases.table import Releases

TRANSFORMS = ("level", "log", "difference", "year_on_year", "surprise")


def new_york(start: str, end: str) -> tuple[np.ndarray, np.ndarray]:
    sessions = sessions_between("XNYS", np.datetime64(start), np.datetime64(end))
    return sessions, closes("XNYS", sessions)


def told_at(rows: list[tuple], transform: str, instant: np.datetime64) -> tuple[float, np.datetime64] | None:
    """Value and instant of the newest period's row, by looking at every row; rows (known_at, period, value)."""
    seen = [row for row in rows if row[0] <= instant]
    if not seen:
        return None
    known, first, since, squares = {}, set(), None, []
    for at, period, value in seen:
        known[period] = value
        if period == max(known):
            since = at
            if period not in first and len(known) > 1:
                squares.append((value - known[sorted(known)[-2]]) ** 2)
        first.add(period)
    ordered = sorted(known)
    last = known[ordered[-1]]
    before = known[ordered[-2]] if len(ordered) > 1 else math.nan
    earlier = squares[:-1]
    if transform == "surprise" and squares and since is not None:
        # the newest period's own first difference is not among the usual ones at its first row, and is afterwards
        own_first = next(at for at, period, _ in seen if period == ordered[-1])
        rows_since = [row for row in seen if row[0] > own_first or (row[0] == own_first and row[1] > ordered[-1])]
        counted = squares if rows_since else earlier
        usual = math.sqrt(sum(counted) / len(counted)) if counted else math.nan
        return ((last - before) / usual if usual > 0 else math.nan), since
    if transform == "year_on_year":
        back = [p for p in ordered if 350 <= int((ordered[-1] - p) / np.timedelta64(1, "D")) <= 380]
        return (last / known[back[-1]] - 1 if back else math.nan), since
    made = {"level": last, "log": math.log(last), "difference": last - before, "surprise": math.nan}
    return made[transform], since


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("seed", range(2))
def test_join_equals_a_slow_loop(transform: str, seed: int) -> None:
    table = random_table(seed)
    sessions, origin = new_york("2015-03-01", "2021-06-30")
    made = join(history(table, transform), sessions, origin, "XNYS")
    rows = list(zip(table.known_at, table.period_end, table.value.tolist(), strict=True))  # in order of publication
    timeline = np.concatenate([new_york("2013-01-01", "2015-02-28")[1], origin])
    for k in range(0, len(sessions), 23):
        found = told_at(rows, transform, origin[k])
        if found is None:
            assert np.isnan(made[k]).all()
            continue
        value, since = found
        assert made[k, 0] == pytest.approx(value, rel=1e-12, nan_ok=True)
        before = told_at([row for row in rows if row[0] < since], transform, since)
        change = value - before[0] if before else math.nan
        assert made[k, 3] == pytest.approx(change, rel=1e-9, abs=1e-12, nan_ok=True)
        age = int(((timeline >= since) & (timeline <= origin[k])).sum()) - 1
        assert made[k, 1] == min(age, OLDEST)
        assert made[k, 2] == pytest.approx(value if age == 0 else (value * 0), nan_ok=True)


def test_march_prices_are_known_on_12_april_and_not_the_day_before() -> None:
    cpi = consumer_prices()
    sessions, origin = new_york("2023-04-10", "2023-04-14")
    made = join(history(cpi), sessions, origin, "XNYS")
    assert dict(zip(sessions.astype(str), made[:, 0], strict=True)) == {
        "2023-04-10": 300.84, "2023-04-11": 300.84, "2023-04-12": 301.836, "2023-04-13": 301.836, "2023-04-14": 301.836,
    }  # fmt: skip
    assert made[:, 1].tolist() == [18, 19, 0, 1, 2]
    assert made[:, 2].tolist() == [0, 0, 301.836, 0, 0]


def test_a_revision_of_an_older_period_never_brings_it_back() -> None:
    table = Releases.of(
        name="x", provenance=EXAMPLE, period_end=days("2020-01-31", "2020-02-29", "2020-01-31"),
        known_at=instants("2020-02-10", "2020-03-10", "2020-03-20"), value=np.array([1.0, 2.0, 9.0]),
    )  # fmt: skip
    sessions, origin = new_york("2020-03-02", "2020-04-01")
    made = join(history(table), sessions, origin, "XNYS")
    assert set(made[:, 0]) == {1.0, 2.0}
    assert join(history(table, "difference"), sessions, origin, "XNYS")[-1, 0] == 2.0 - 9.0


def test_tokyo_knows_new_yorks_evening_and_new_york_knows_tokyos_today() -> None:
    """Tokyo's close of 5 March is known at New York's of 5 March; New York's is known in Tokyo on the 6th."""
    day = days("2024-03-04", "2024-03-05", "2024-03-06")
    for exchange, other, known in (("XTKS", "XNYS", [0.0, 1.0, 2.0]), ("XNYS", "XTKS", [np.nan, 0.0, 1.0])):
        table = Releases.of(
            name="x", provenance=EXAMPLE, period_end=day, known_at=closes(exchange, day), value=np.arange(3.0)
        )
        np.testing.assert_array_equal(join(history(table), day, closes(other, day), other)[:, 0], known)


def test_where_the_prices_begin_changes_nothing() -> None:
    """Neither values nor ages: a close finds the same in a long table of sessions and in a short one, to the bit."""
    table = random_table(4)
    sessions, origin = new_york("2016-01-01", "2020-12-31")
    for transform in TRANSFORMS:
        whole = join(history(table, transform), sessions, origin, "XNYS")
        for first in (1, 20, 700, len(sessions) - 1):
            late = join(history(table, transform), sessions[first:], origin[first:], "XNYS")
            np.testing.assert_array_equal(late, whole[first:])


def test_by_reference_a_month_is_known_before_it_began() -> None:
    cpi = consumer_prices()
    first = Releases.of(
        name="cpi", provenance=EXAMPLE, period_end=cpi.period_end, known_at=cpi.known_at, value=cpi.value,
        reference=days("2023-02-01", "2023-03-01"),
    )  # fmt: skip
    sessions, origin = new_york("2023-02-01", "2023-03-31")
    made = join(history(by_reference(first, sessions, origin)), sessions, origin, "XNYS")[:, 0]
    assert made[sessions == np.datetime64("2023-02-27")] == 300.84
    assert made[sessions == np.datetime64("2023-02-28")] == 301.836, "the forecast of 1 March has the value of March"


def test_by_reference_reads_todays_wording() -> None:
    table = Releases.of(
        name="x", provenance=EXAMPLE, period_end=days("2020-01-31", "2020-01-31"), value=np.array([1.0, 5.0]),
        known_at=instants("2020-02-10", "2021-02-10"),
    )  # fmt: skip
    sessions, origin = new_york("2020-02-03", "2020-02-20")
    assert set(join(history(by_reference(table, sessions, origin)), sessions, origin, "XNYS")[:, 0]) == {5.0}


def test_every_row_of_the_table_is_a_kind() -> None:
    assert {"vix", "us10y", "cpi"} <= set(RELEASES)
