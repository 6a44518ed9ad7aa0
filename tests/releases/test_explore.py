"""A first look at releases: lags and revisions by hand, the correlation against scipy and a planted signal."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from commands import Said, command
from release_tables import EXAMPLE, days, instants, random_table
from scipy import stats

from beatnaive.prices import Source, load
from beatnaive.prices.explore.released import correlation, sentence
from beatnaive.releases import ReleaseSpec
from beatnaive.releases.explore import lags_of, look, revisions_of
from beatnaive.releases.table import Releases

__all__ = ["command"]


def test_lags_count_first_publications_and_revisions_the_others() -> None:
    table = Releases.of(
        name="x", provenance=EXAMPLE, period_end=days("2020-01-31", "2020-02-29", "2020-01-31"),
        known_at=instants("2020-02-11", "2020-03-11T12:00", "2020-04-01"), value=np.array([10.0, 20.0, 11.0]),
    )  # fmt: skip
    assert lags_of(table).tolist() == [10.0, 10.0]
    assert revisions_of(table).tolist() == [pytest.approx(10.0)]
    many = random_table(2)
    first, again = {}, 0
    for period, known in zip(many.period_end.tolist(), many.known_at.tolist(), strict=True):
        again += period in first
        first.setdefault(period, known)
    assert len(lags_of(many)) == len(first)
    assert len(revisions_of(many)) == again > 0


def test_the_correlation_is_pearsons_and_its_interval_covers() -> None:
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(300):
        x, noise = rng.normal(size=(2, 400))
        y = 0.1 * x + np.sqrt(1 - 0.01) * noise
        one = correlation(x, y)
        assert one.r == pytest.approx(float(stats.pearsonr(x, y).statistic), abs=1e-9)
        assert one.ci90 is not None
        inside += one.ci90[0] < 0.1 < one.ci90[1]
    assert 0.85 <= inside / 300 <= 0.94
    gaps = np.where(np.arange(400) < 100, np.nan, x)
    assert correlation(gaps, y).n == 300
    assert correlation(np.ones(400), y).r is None


def test_a_value_that_moves_with_the_next_return_is_seen_and_one_of_the_same_day_is_not(tmp_path: Path) -> None:
    """VIX falls while prices rise, on the same day; joined by publication it says nothing clear about the next."""
    prices = load(Source("sample", symbols=("^GSPC",), years=4))[0]
    ahead = np.append(np.diff(np.log(prices.bars[:, 3])), 0.0)
    path = tmp_path / "oracle.csv"
    stamps = [f"{at}Z" for at in prices.closes_at.astype(str)]
    rows = zip(prices.sessions.astype(str), stamps, (1e4 * ahead).tolist(), strict=True)
    path.write_text("period_end,known_at,value\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows), encoding="utf-8")
    specs = {"oracle": ReleaseSpec("file", {"path": str(path)}), "vix": ReleaseSpec("vix", transform="difference")}
    oracle, vix = look(specs, prices)
    assert oracle.held.r == pytest.approx(1.0, abs=1e-6)
    assert (oracle.lags[2], oracle.unknown, oracle.revisions, vix.assumed) == (0.0, 0, 0, "")
    assert vix.held.r is not None
    assert abs(vix.held.r) < 0.12
    assert "beyond chance (correlation +1.000" in sentence(oracle)


def test_explore_tells_of_releases(command: Callable[..., Said]) -> None:
    said = command("explore", "--source", "sample", "--start", "2016-01-01", "--with", "cpi", "--out", "look")
    assert said.code == 0, said.err
    assert "cpi: " in said.out
    assert "31 days after the period's end" in said.out
    assert "assumed: the last day of the month that follows" in said.out
    assert "the next return (correlation" in said.out
    (page,) = Path("look").rglob("explore.html")
    text = page.read_text(encoding="utf-8")
    assert "When they were known" in text
    assert "Correlation of what was known at the close with the next return" in text
