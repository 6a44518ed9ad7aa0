"""What worth looks like on a terminal, on `run`, `worth` and `judge`."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from rich.console import Console
from tests.payoff.test_fills import market
from tests.payoff.test_from_table import frame_of

from beatnaive.cli import main
from beatnaive.cli.worth import show
from beatnaive.payoff.plan import Plan
from beatnaive.payoff.worth import worth


def command(words: list[str]) -> int:
    with pytest.raises(SystemExit) as done:
        main(words)
    return int(done.value.code or 0)


@pytest.fixture(scope="module")
def panel():
    return worth(market(n=120, symbols=12, models=2), Plan(), replications=99)


@pytest.mark.parametrize("width", [80, 100, 132, 200])
def test_no_number_is_cut_off_and_what_has_no_room_is_named(panel, width):
    screen = io.StringIO()
    show(panel, Console(file=screen, width=width))
    text = screen.getvalue()
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    for name, one in panel.cross_section.models.items():
        (row,) = [line for line in text.splitlines() if line.split()[:1] == [name] and f"{one.ic.ic:+.3f}" in line]
        assert one.ruling in row
    assert ("no room for" in text) == (width < 132)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of two years with a cost of its own, shown in full, and what it printed."""
    import contextlib

    folder = tmp_path_factory.mktemp("runs") / "a"
    study = folder.parent / "study.toml"
    study.write_text(
        'source = { kind = "synthetic", years = 2 }\nsplit = { kind = "single", train = 0.5 }\nplacebo = 2\n'
        "[models.naive]\n[models.drift]\n[models.moving_average]\n"
    )
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = command(["run", "--study", str(study), "--worth", "--cost", "12", "--out", str(folder), "--jobs", "1"])
    assert code == 0
    return folder, out.getvalue()


def test_run_takes_a_cost_and_shows_worth(run):
    folder, text = run
    found = json.loads((folder / "worth.json").read_text())
    assert found["plan"]["cost"] == 12
    assert "net 12 bp" in text
    flat = " ".join(text.split())
    assert " ".join(found["sentence"].split()) in flat
    assert "a measuring instrument, not advice" in flat
    assert flat.count(" ".join(found["sentence"].split())) == 1
    assert "cost = 12" in (folder / "study.toml").read_text()


def test_worlds_without_direction_were_traded_by_the_same_rule(run):
    folder, text = run
    sham = json.loads((folder / "worth.json").read_text())["placebo"]
    assert sham["n"] == 2
    assert "the same rule (sign, filled at the close, 12 basis points)" in sham["words"]
    assert sham["words"] in " ".join(text.split())
    # a question that is asked later has no worlds of its own
    assert command(["worth", str(folder), "--rule", "scaled"]) == 0
    assert json.loads((folder / "worth.json").read_text())["placebo"] == sham
    assert sham["words"] in (folder / "report.html").read_text()


def test_run_without_the_option_says_it_in_a_sentence(run, tmp_path, capsys):
    study = run[0].parent / "study.toml"
    plain = tmp_path / "plain.toml"
    plain.write_text(study.read_text().replace("placebo = 2\n", ""))
    assert command(["run", "--study", str(plain), "--out", str(tmp_path / "b"), "--jobs", "1"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    found = json.loads((tmp_path / "b" / "worth.json").read_text())
    assert " ".join(found["sentence"].split()) in text
    assert "net 5 bp" not in text
    assert found["placebo"] is None


def test_a_study_of_variances_is_refused_before_it_runs(tmp_path, capsys):
    out = tmp_path / "c"
    words = ["run", "--source", "synthetic", "--study", "volatility", "--worth", "--out", str(out)]
    assert command(words) == 2
    assert "set no position" in capsys.readouterr().err
    assert not out.exists()


def test_judge_says_what_forecasts_would_have_earned(tmp_path, capsys):
    one = market(n=200)
    frame_of(one).to_csv(tmp_path / "f.csv", index=False)
    assert command(["judge", str(tmp_path / "f.csv"), "--worth", "--cost", "2", "--trials", "3"]) == 0
    text = capsys.readouterr().out
    assert "net 2 bp" in text
    assert "4 trials" in text
    assert command(["judge", str(tmp_path / "f.csv"), "--worth", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["worth"]["n"] == 199
    import pandas as pd

    prices = pd.DataFrame({"Date": one.sessions, "Open": one.open[:, 0], "Close": one.close[:, 0]})
    prices["High"], prices["Low"] = prices[["Open", "Close"]].max(axis=1), prices[["Open", "Close"]].min(axis=1)
    prices.assign(Volume=1e6).to_csv(tmp_path / "p.csv", index=False)
    words = ["judge", str(tmp_path / "f.csv"), "--worth", "--prices", str(tmp_path / "p.csv"), "--fill", "open"]
    assert command([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["worth"]
    assert found["plan"]["fill"] == "open"
    assert found["models"]["m0"]["other_fill"] is not None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--cost", "5"], "add --worth"),
        (["--worth", "--cost", "-3"], "cost=-3: basis points of what is traded, from 0 to 1000 (--cost)"),
        (["--worth", "--fill", "open"], "these has no open on"),
        (["--worth", "--prices", "no.csv"], "no.csv"),
        (["--worth", "--y", "variance"], "set no position"),
    ],
)
def test_what_judge_cannot_trade_is_one_line(tmp_path, capsys, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)
    frame = frame_of(market(n=120))
    if "variance" in words:
        frame = frame.assign(y=np.exp(np.random.default_rng(0).normal(size=120)), m0=1.0)
    frame.to_csv("f.csv", index=False)
    assert command(["judge", "f.csv", *words]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert len(error.splitlines()) == 1
    assert len(error) < 300
