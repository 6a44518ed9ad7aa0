"""A study that will not fit says so before its first fit, in one line with the estimate, and leaves nothing behind."""

import shutil
from dataclasses import replace

import pytest

from beatnaive.backtest.splits import walk_forward
from beatnaive.cli import main
from beatnaive.prices import load
from beatnaive.study import room
from beatnaive.study.panel import prepare
from beatnaive.study.room import room_of
from beatnaive.study.spec import parse

SMALL = """
source = { kind = "synthetic", symbols = ["A", "B"], synthetic = { n = 400 } }
features = ["close"]
[models.naive]
[models.ridge]
"""


def asked(n=400, symbols="AB", **models):
    study = parse({"source": {"kind": "synthetic", "symbols": list(symbols), "synthetic": {"n": n}},
                   "features": ["close"], "models": {"naive": {}, **models}}, "small")  # fmt: skip
    samples, _ = prepare(study, load(study.source))
    return study, samples, walk_forward(samples, study.split)


@pytest.mark.parametrize(("scarce", "said"), [("memory", "GB of memory"), ("disk", "TMPDIR")])
def test_it_is_refused_before_the_first_fit(tmp_path, monkeypatch, capsys, scarce, said):
    (tmp_path / "small.toml").write_text(SMALL)
    monkeypatch.chdir(tmp_path)
    if scarce == "memory":
        monkeypatch.setattr(room, "memory", lambda: 10**8)
    else:
        monkeypatch.setattr(room, "LARGE", 0)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))
    with pytest.raises(SystemExit) as stop:
        main(["run", "--study", "small.toml", "--out", "run", "--quiet"])
    assert stop.value.code == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "the study needs about 0." in err
    assert "(2 symbols, 252 forecasts of each of 2 models)" in err
    assert said in err
    assert not list((tmp_path / "run").glob("*")), "nothing is left of a run that was refused"


def test_the_estimate_grows_with_rows_models_and_seeds():
    study, samples, folds = asked()
    small = room_of(study, samples, folds).memory
    longer = room_of(*asked(n=800)).memory
    wider = room_of(*asked(symbols="ABCD")).memory
    more = room_of(*asked(ridge={})).memory
    seeded = room_of(*asked(lstm={"lookback": 2})).memory
    assert small < more < seeded
    assert wider - room.ALONE == pytest.approx(2 * (small - room.ALONE), rel=0.01)
    assert longer - room.ALONE == pytest.approx(2 * (small - room.ALONE), rel=0.05)
    assert room_of(replace(study, seeds=9), samples, folds).memory == small, "naive is fitted once"


def test_the_estimate_knows_what_a_fit_on_all_symbols_copies_and_how_many_share_the_memory():
    study, samples, folds = asked(boosting={})
    one, two, none = (room_of(study, samples, folds, at_once).memory for at_once in (1, 2, 0))
    copied = 8 * samples.inputs.x.shape[1] * max(len(fold.train) for fold in folds)
    assert copied < one - none < 2 * copied
    assert two - none == (2 if len(folds) > 1 else 1) * (one - none)
    assert room_of(*asked(boosting={"per_symbol": True}), 2).memory == none
