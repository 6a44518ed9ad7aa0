"""Worth of a run folder: from its files alone, counted, kept, and refused in one line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import beatnaive as bn
from beatnaive.cli import main
from beatnaive.core.errors import InputError
from beatnaive.runs.folder import complete_record, read, verify

MODELS = ("naive", "drift", "moving_average")


def study(name: str = "made", **changes) -> bn.Study:
    models = {one: bn.ModelSpec(one) for one in MODELS}
    return bn.Study(name, bn.Source("synthetic", years=2), models, split=bn.Split(train=0.5), **changes)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, bn.Result]:
    folder = tmp_path_factory.mktemp("runs") / "a"
    return folder, bn.run(study(), out=folder, jobs=1)


def test_the_folder_gives_the_numbers_of_the_result(made):
    folder, result = made
    kept, fresh = bn.worth(folder), bn.worth(result)
    assert list(kept.models) == ["drift", "moving_average"]
    for name, one in fresh.models.items():
        assert kept.models[name].net == pytest.approx(one.net)
        assert kept.other_fill[name] == pytest.approx(fresh.other_fill[name])
    written = json.loads((folder / "worth.json").read_text())
    assert written["sentence"] == kept.sentence
    assert written["n"] == len(result.found.losses)


def test_other_plans_are_kept_counted_and_sealed(made, tmp_path, capsys):
    folder = shutil.copytree(made[0], tmp_path / "b")
    with pytest.raises(SystemExit) as done:
        main(["worth", str(folder), "--rule", "threshold", "--cost", "1"])
    assert done.value.code == 0
    assert "rule threshold" in capsys.readouterr().out
    found = json.loads((folder / "worth.json").read_text())
    assert [one["rule"] for one in found["asked"]] == ["sign", "threshold"]
    assert found["trials"] == 4
    verify(folder, complete_record(folder))
    assert bn.worth(folder, cost=3).trials == 4  # another cost is no other trial
    assert bn.worth(folder, rule="scaled").trials == 6
    (folder / "worth.json").write_text("{}")
    with pytest.raises(InputError, match=r"worth.json was changed since the run"):
        read(folder)


def test_an_earlier_run_counts_and_the_same_one_does_not(made, tmp_path):
    runs = tmp_path / "runs"
    shutil.copytree(made[0], runs / "a")
    bn.run(study(), out=runs / "again", jobs=1)
    assert bn.worth(runs / "again").trials == 2
    other = study()
    other = bn.Study(
        "other", other.source, {"naive": bn.ModelSpec("naive"), "ma": bn.ModelSpec("moving_average", {"window": 50})},
        split=other.split,
    )  # fmt: skip
    bn.run(other, out=runs / "other", jobs=1)
    assert bn.worth(runs / "other").trials == 3


def test_a_run_without_bars_has_closes_alone(made, tmp_path):
    folder = shutil.copytree(made[0], tmp_path / "old")
    record = json.loads((folder / "run.json").read_text())
    for name in ("bars.parquet", "worth.json"):
        (folder / name).unlink()
        del record["files"][name]
    record.pop("checksum")
    record["format"] = 1
    (folder / "run.json").write_text(json.dumps(record))
    old, new = bn.worth(folder), bn.worth(made[0])
    assert old.other_fill is None
    for name, one in old.models.items():
        assert one.gross == pytest.approx(new.models[name].gross)
    with pytest.raises(InputError, match="has no open"):
        bn.worth(folder, fill="open")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--cost", "-1"], "cost=-1: basis points of what is traded, from 0 to 1000 (--cost)"),
        (["--fill", "noon"], "unknown fill 'noon'"),
        (["--top", "3"], "a cross-section needs 10 symbols at least, this has 1"),
        (["--rule", "sing"], "did you mean 'sign'?"),
    ],
)
def test_what_cannot_be_is_one_line(made, capsys, words, told):
    with pytest.raises(SystemExit) as done:
        main(["worth", str(made[0]), *words])
    assert done.value.code == 2
    error = capsys.readouterr().err
    assert told in error
    assert len(error.splitlines()) == 1


def test_variances_set_no_position(tmp_path):
    folder = tmp_path / "v"
    names = ("last_variance", "mean_variance", "long_variance")
    source = bn.Source("synthetic", years=2)
    target = bn.TargetSpec("volatility")
    wanted = bn.load_study("volatility")
    some = {name: wanted.models[name] for name in list(wanted.models)[:4]}
    del names
    bn.run(bn.Study("v", source, some, target=target), out=folder, jobs=1)
    assert not (folder / "worth.json").exists()
    with pytest.raises(InputError, match="set no position"):
        bn.worth(folder)


def test_the_study_keeps_its_cost_and_a_usual_plan_leaves_its_text_as_it_was():
    from beatnaive.payoff.plan import Plan
    from beatnaive.study.spec import parse_again

    assert "worth" not in study().to_toml()
    own = study(worth=Plan(cost=2, short=True))
    assert parse_again(own).worth == own.worth
    with pytest.raises(InputError, match="cost=-2"):
        study(worth=Plan(cost=-2))


def test_bars_are_those_of_the_prices(made):
    import pandas as pd

    folder, result = made
    frame = pd.read_parquet(folder / "bars.parquet")
    prices = result.prices[0]
    rows = np.searchsorted(prices.sessions, frame["session"].to_numpy("datetime64[D]"))
    assert np.array_equal(frame["close"], prices.bars[rows, 3])
    assert np.array_equal(frame["open"], prices.bars[rows, 0])
    assert len(frame) == len(result.found.losses) + 1  # the last forecast is filled a session later
