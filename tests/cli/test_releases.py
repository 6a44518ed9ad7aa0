"""Releases on the command line: what there is, what was known when, and bad input in one line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Said, one_line
from release_servers import server

from beatnaive.releases import RELEASES, ReleaseSpec, read_release

__all__ = ["server"]

Command = Callable[..., Said]


def test_list_releases_names_every_kind(command: Command) -> None:
    said = command("list", "releases")
    assert said.code == 0
    for kind in RELEASES:
        assert kind in said.out


def test_what_was_known_of_unemployment_on_15_september(command: Command, server: str, tmp_path: Path) -> None:
    """August 2023 reads 3.8 then, and 3.7 once its revision is out. ALFRED's answers lie in the cache already."""
    read_release("u", ReleaseSpec("fred", {"series": "UNRATE", "server": f"{server}/fred"}), [])
    (answered,) = (tmp_path / "cache" / "fred").glob("*-UNRATE.json")
    answered.rename(answered.with_name("fred-UNRATE.json"))
    said = command("fetch", "--release", "fred:UNRATE", "--known", "2023-09-15", "--json")
    assert said.code == 0, said.err
    rows = {row["period_end"]: row for row in json.loads(said.out)["rows"]}
    assert (rows["2023-08-31"]["value"], rows["2023-08-31"]["known_at"]) == (3.8, "2023-09-02T04:00:00Z")
    assert "2023-09-30" not in rows
    later = json.loads(command("fetch", "--release", "fred:UNRATE", "--known", "2024-02-01", "--json").out)
    assert [row["value"] for row in later["rows"] if row["period_end"] == "2023-08-31"] == [3.8, 3.7]
    assert len(later["sha256"]) == 64
    shown = command("fetch", "--release", "fred:UNRATE", "--known", "2023-09-15").out
    assert "UNRATE  period to 2023-08-31  known at 2023-09-02T04:00:00Z  3.8" in shown


def test_assumed_publication_is_said(command: Command) -> None:
    said = command("fetch", "--release", "cpi", "--known", "2013-10-30")
    assert said.code == 0
    assert "assumed: published the last day of the month that follows" in said.out
    assert "period to 2013-08-31" in said.out
    assert "period to 2013-09-30" not in said.out, "September 2013 came out on 30 October, after a shutdown"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("fetch", "--release", "vixx"), ("unknown release 'vixx'", "did you mean 'vix'")),
        (("fetch", "--release", "vix", "--known", "soon"), ("--known", "soon")),
        (("fetch", "AAPL", "--known", "2020-01-01"), ("--release",)),
        (("run", "--with", "vixx"), ("did you mean 'vix'",)),
        (("run", "--with", "nowhere.csv"), ("no such file",)),
        (("run", "--with", "vix,vix"), ("two releases would be called vix",)),
        (("run", "--with", "fundamentals"), ("knows nothing of ^GSPC",)),
        (("run", "AAPL", "--with", "nolag.csv"), ("declare lag",)),
        (("run", "--with", "late.csv", "--models", "linear"), ("starts on", "training ends on")),
    ],
)
def test_bad_input_is_one_line(command: Command, words: tuple[str, ...], expected: tuple[str, ...]) -> None:
    Path("nolag.csv").write_text("period_end,value\n2014-10-31,1\n", encoding="utf-8")
    late = "period_end,known_at,value\n2018-10-31,2018-11-10,1\n2018-11-30,2018-12-10,2\n"
    Path("late.csv").write_text(late, encoding="utf-8")
    one_line(command(*words), 2, *expected)
