"""`beatnaive fetch`: what a user sees, and the exit codes of what can go wrong."""

import json
from pathlib import Path

import pytest

from beatnaive.cli import main
from beatnaive.prices import Source, load


def command(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["fetch", *words])
    return int(left.value.code or 0)


def test_a_table_of_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("^GSPC", "AAPL", "--source", "sample", "--start", "2015-01-01") == 0
    lines = capsys.readouterr().out.splitlines()
    gspc = next(line for line in lines if "^GSPC" in line).split()
    assert gspc[:5] == ["^GSPC", "1,006", "2015-01-02", "2018-12-31", "XNYS"]
    assert (len(gspc[5]), gspc[6]) == (12, "none")
    assert any("AAPL" in line and "1 note" in line for line in lines)
    assert any("closes are adjusted" in line for line in lines)
    assert all(len(line) <= 180 for line in lines)


def test_json_tells_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("^IXIC", "--source", "sample", "--json") == 0
    (facts,) = json.loads(capsys.readouterr().out)
    assert (facts["symbol"], facts["sessions"], facts["calendar"]) == ("^IXIC", 5031, "XNYS")
    assert len(facts["sha256"]) == 64
    assert [found["kind"] for found in facts["findings"]] == ["zero_volume"]


def test_out_writes_a_file_that_is_a_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "prices.csv"
    assert command("^GSPC", "--source", "sample", "--end", "2000-01-01", "--out", str(out)) == 0
    assert str(out) in capsys.readouterr().out.replace("\n", "")
    (prices,) = load(Source("file", path=str(out)))
    assert (prices.symbol, len(prices)) == ("^GSPC", 252)


def test_findings_are_shown_and_do_not_fail_the_fetch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "T.csv").write_text("Date,Close\n2024-01-03,1\n2024-01-02,2\n2024-01-04,-2\n")
    assert command("--source", str(tmp_path / "T.csv")) == 0
    out = capsys.readouterr().out
    assert "2 fatal" in out
    assert "T: 1 row has a later session before: 2024-01-02" in out
    assert "T: 1 row has a price of zero or less" in out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 2, "the source yahoo needs symbols"),
        (["APPL", "--source", "sample"], 2, "has no symbol 'APPL': did you mean 'AAPL'"),
        (["--source", "nowhere.csv"], 2, "no such file"),
        (["^GSPC", "--source", "sample", "--start", "yesterday"], 2, "--start 'yesterday' is not a date"),
        (["^GSPC", "--source", "sample", "--out", "prices.doc"], 2, "must end in .csv or .parquet"),
        (["^GSPC", "--source", "sample", "--out", "/dev/null/prices.csv"], 5, "cannot write"),
    ],
)
def test_errors_are_one_line_with_their_exit_code(
    words: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(*words) == code
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
