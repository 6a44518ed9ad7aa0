"""An exported ledger: hashes that anybody can compute again, forecasts with what came."""

import hashlib
import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from planted_ledger import plant

from beatnaive.forecasting.ledger.ledger import init
from beatnaive.forecasting.ledger.standing import standing


def test_the_export_holds_every_entry_and_every_forecast(tmp_path, move, command):
    move("2014-01-01T00:00:00")
    init(tmp_path / "ledger")
    returns = plant(tmp_path / "ledger", 12, symbols=3)
    said = command("ledger", "export", "--ledger", tmp_path / "ledger", "--out", tmp_path / "out")
    assert said.code == 0, said.err
    assert "24 entries, 108 forecasts" in said.out

    before = "0" * 64
    lines = (tmp_path / "out" / "entries.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        one = json.loads(line)
        text = f"beatnaive ledger 1\n{before}\n{one['number']}\n{one['kind']}\n{one['text']}"
        before = hashlib.sha256(text.encode()).hexdigest()
        assert one["hash"] == before
    assert before == standing(tmp_path / "ledger")["head"]

    table = pq.read_table(tmp_path / "out" / "forecasts.parquet").to_pandas()
    settled = table[table["state"] == "settled"]
    assert len(settled) == 11 * 9
    errors = np.log(settled["y"] / settled["yhat"])[settled["model"] == "model1"]
    row = standing(tmp_path / "ledger")["contests"][0]["models"][1]
    assert 100 * np.sqrt(np.mean(errors**2)) == pytest.approx(row["rmse"], rel=1e-6)
    naive = settled[settled["model"] == "naive"]
    assert np.log(naive["y"] / naive["close"]).to_numpy() == pytest.approx(returns[:11].ravel(), abs=1e-9)
    assert (table["q025"] < table["q50"]).all()
    assert table[table["state"] == "waiting"]["y"].isna().all()


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, move, command):
    move("2014-01-01T00:00:00")
    init(tmp_path / "ledger")
    (tmp_path / "file").write_text("x")
    said = command("ledger", "export", "--ledger", tmp_path / "ledger", "--out", tmp_path / "file")
    assert said.code == 5
    assert said.err.count("\n") == 1
