"""What was assumed and found about the prices that a forecast stands on is told with it, and kept in its file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from beatnaive.cli import main
from beatnaive.core.errors import DataRefused
from beatnaive.forecasting import file, score
from beatnaive.forecasting.forecast import forecast
from beatnaive.prices.calendars import sessions_between
from beatnaive.runs.record import Recorder
from beatnaive.runs.store import RunStore
from beatnaive.study.spec import parse


def closes(path: Path, *, header: bool = True, tick: float = 1.0, unit: float = 1.0) -> Path:
    """A file of two years of closes; one of them a bad tick, the last ones perhaps in another unit."""
    days = sessions_between("XNYS", np.datetime64("2022-01-03"), np.datetime64("2023-12-29"))
    close = 50 * np.exp(np.random.default_rng(0).normal(0, 0.01, len(days)).cumsum())
    close[-20] *= tick
    close[-3:] *= unit
    rows = [f"{day},{value:.4f}" for day, value in zip(days, close, strict=True)]
    path.write_text("\n".join(["Date,Close", *rows] if header else rows), encoding="utf-8")
    return path


def told(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int | str | None, str, str]:
    """The exit code, standard output and standard error of `beatnaive forecast` on a file."""
    with pytest.raises(SystemExit) as end:
        main(["forecast", "--source", str(path), "--models", "drift", *more])
    out, err = capsys.readouterr()
    return end.value.code, out, err


def test_a_forecast_says_what_was_assumed_and_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file without a header, with a bad tick: a note and a doubt before the table, and both in the file written."""
    out = tmp_path / "f.json"
    code, text, _ = told(closes(tmp_path / "ABC.csv", header=False, tick=4.36), capsys, "--out", str(out))
    assert not code
    note, doubt = (next(line for line in text.splitlines() if line.startswith(kind)) for kind in ("note: ", "doubt: "))
    assert "no header" in note
    assert "1 close jumped by a factor of 4." in doubt
    assert text.index(doubt) < text.index("standing on the close of")
    kept = {each["kind"]: each for each in json.loads(out.read_text(encoding="utf-8"))["findings"]}
    assert kept["bad_tick"]["count"] == 1
    assert {each.kind for each in file.read(out).findings} == set(kept)


def test_a_file_without_a_defect_tells_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text, _ = told(closes(tmp_path / "ABC.csv"), capsys, "--json")
    found = json.loads(text)["findings"]
    assert (code or 0, [each for each in found if each["severity"] != "note"]) == (0, [])


def test_a_fatal_finding_stops_a_forecast_as_it_stops_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a study it is the study that stops; with a run whose file has gone bad since, the forecast does."""
    path = closes(tmp_path / "ABC.csv")
    source = {"kind": "file", "path": str(path)}
    run = tmp_path / "run"
    Recorder(RunStore(run)).run(parse({"source": source, "models": {"naive": {}, "drift": {}}}, "two"), pages=False)
    assert not [each for each in forecast(run=run).findings if each.severity == "fatal"]
    closes(path, unit=0.01)
    code, _, err = told(path, capsys)
    assert (code, "factor of 100" in err) == (3, True)
    with pytest.raises(DataRefused, match="factor of 100"):
        forecast(run=run)


def test_forecast_files_with_and_without_findings_are_scored_alike(tmp_path: Path) -> None:
    study = parse({"source": {"kind": "file", "path": str(closes(tmp_path / "ABC.csv", tick=4.36))},
                   "models": {"naive": {}, "drift": {}}}, "two")  # fmt: skip
    outlook = forecast(study=study)
    file.write(outlook, tmp_path / "new.json")
    data = json.loads((tmp_path / "new.json").read_text(encoding="utf-8"))
    assert data.pop("findings")
    (tmp_path / "old.json").write_text(json.dumps(data), encoding="utf-8")
    assert file.read(tmp_path / "old.json").findings == ()
    new, old = (score.score([tmp_path / name]) for name in ("new.json", "old.json"))
    assert [each.price for each in new] == [each.price for each in old]
