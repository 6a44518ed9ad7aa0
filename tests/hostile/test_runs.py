"""Run folders: one run at a time, no lies about the state, nothing believed that was changed, no path outside."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from commands import one_line

import beatnaive as bn
from beatnaive.core.errors import CannotWrite, InputError
from beatnaive.core.names import apart, checked, file_name, symbol_of
from beatnaive.models.networks.weights import Weights
from beatnaive.report import charts
from beatnaive.runs.folder import HASHED, read_record, sealed, sha256
from beatnaive.runs.lock import NAME, Holder, locked
from beatnaive.runs.store import INTERRUPTED

FAST = ("--source", "synthetic", "--models", "drift", "--features", "close", "--quiet")


def state_of(folder: Path) -> str:
    return json.loads((folder / "run.json").read_text())["state"]


def test_the_second_of_two_runs_in_one_folder_gets_a_line(command, tmp_path):
    with locked(tmp_path / "run"):
        one_line(command("run", *FAST, "--out", "run"), 5, "in use by process", str(os.getpid()))
        assert not (tmp_path / "run" / "run.json").exists()
    assert not (tmp_path / "run").exists()


def test_of_many_that_take_a_lock_at_once_one_has_it(tmp_path):
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom beatnaive.runs.lock import locked\n"
        "from beatnaive.core.errors import CannotWrite\n"
        "while time.time() < float(sys.argv[2]): pass\n"
        "try:\n    with locked(Path(sys.argv[1]), resumed=True):\n        print('mine'); time.sleep(2)\n"
        "except CannotWrite: print('not mine')\n"
    )
    (tmp_path / "run").mkdir()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    stale = {"host": socket.gethostname(), "pid": gone.pid, "started": "1"}
    (tmp_path / "run" / NAME).write_text(json.dumps(stale))
    start = str(time.time() + 2)
    words = [sys.executable, "-c", code, str(tmp_path / "run"), start]
    many = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    said = sorted(one.communicate()[0].strip() for one in many)
    assert said == ["mine"] + ["not mine"] * 5


def test_a_stale_lock_is_taken_over_by_resume_alone(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "run.json").write_text("{}")
    stale = {"host": socket.gethostname(), "pid": os.getpid(), "started": "1"}  # a number given again
    (folder / NAME).write_text(json.dumps(stale))
    with (
        pytest.raises(CannotWrite, match="a run that was killed: continue it with beatnaive run --resume"),
        locked(folder),
    ):
        pass
    with locked(folder, resumed=True):
        assert json.loads((folder / NAME).read_text())["pid"] == os.getpid()
    (folder / NAME).write_text(json.dumps({**stale, "host": "elsewhere"}))
    with pytest.raises(CannotWrite, match="on elsewhere"), locked(folder, resumed=True):
        pass


def test_a_lock_that_was_taken_over_meanwhile_is_left_alone(tmp_path, monkeypatch):
    """B judges the holder gone; before B acts, A takes the lock over completely, or is told to wait."""
    (tmp_path / "run.json").write_text("{}")
    stale = {"host": socket.gethostname(), "pid": os.getpid(), "started": "1"}
    (tmp_path / NAME).write_text(json.dumps(stale))
    inside, gone = [], Holder.is_gone.fget

    def slow(holder):
        judged = gone(holder)
        monkeypatch.setattr(Holder, "is_gone", property(gone))
        with suppress(CannotWrite):
            first.enter_context(locked(tmp_path, resumed=True))
            inside.append("A")
        return judged

    monkeypatch.setattr(Holder, "is_gone", property(slow))
    with ExitStack() as first, suppress(CannotWrite), locked(tmp_path, resumed=True):
        inside.append("B")
    assert len(inside) == 1


def test_a_run_killed_before_its_record_is_not_in_the_way(command, tmp_path):
    (tmp_path / "run").mkdir()
    stale = {"host": socket.gethostname(), "pid": os.getpid(), "started": "1"}
    (tmp_path / "run" / NAME).write_text(json.dumps(stale))
    assert command("run", *FAST, "--out", "run").code == 0
    assert state_of(tmp_path / "run") == "complete"


def test_a_lock_that_says_nothing_is_named_with_its_remedy(tmp_path):
    (tmp_path / NAME).write_text("")
    for resumed in (False, True):
        with pytest.raises(CannotWrite, match="remove it if nothing runs"), locked(tmp_path, resumed=resumed):
            pass


def test_this_process_is_not_gone():
    assert not Holder.of_this_process().is_gone


def test_a_study_that_is_refused_leaves_no_folder(command, tmp_path):
    (tmp_path / "s.toml").write_text(
        'source = { kind = "synthetic" }\nmodels.naive = {}\nmodels.m = { kind = "moving_average", window = 100000 }\n'
    )
    one_line(command("run", "--study", "s.toml", "--out", "deep/run"), 2, "")
    assert not (tmp_path / "deep").exists()


@pytest.mark.parametrize("out", ["x" * 300, "deep/" + "x" * 300, "y/" * 3000])
def test_a_name_too_long_for_a_folder_is_a_line(command, tmp_path, out):
    one_line(command("run", *FAST, "--out", out), 5, "File name too long")
    assert not any(tmp_path.iterdir())


def test_what_the_system_refuses_is_never_unexpected(command, monkeypatch):
    def refused(*words):
        raise PermissionError(13, "Permission denied", "x" * 500)

    monkeypatch.setattr("beatnaive.study.pipeline.load", refused)
    one_line(command("run", *FAST, "--out", "run"), 5, "Permission denied")


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_a_run_with_a_line_and_the_truth(process, tmp_path, number):
    running = process("run", "--source", "synthetic", "--models", "lstm", "--out", "run", "--jobs", "1")
    deadline = time.monotonic() + 600  # the machine may be busy
    while not list((tmp_path / "run").glob("units/*/*/*/*.npz")) and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(getattr(signal, number))
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert next(line for line in err.splitlines() if line.startswith("beatnaive: ")).endswith("--resume run")
    for word in ("Traceback", "Warning", "leaked", "resource_tracker"):
        assert word not in err
    assert state_of(tmp_path / "run") == "interrupted"
    assert not (tmp_path / "run" / NAME).exists()


def test_a_full_disk_leaves_interrupted(command, tmp_path, monkeypatch):
    from beatnaive.core import files

    real, count = os.fsync, [0]

    def full_after_some(number):
        count[0] += 1
        if count[0] > 7:  # beyond the study, the record and one fit
            raise OSError(28, "No space left on device")
        real(number)

    monkeypatch.setattr(files.os, "fsync", full_after_some)
    one_line(command("run", *FAST, "--out", "run"), 5, "No space left")
    assert state_of(tmp_path / "run") == "interrupted"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.json", b"{"), ("run.json", b"null"), ("run.json", b'{"state": 3}'), ("study.toml", b"= ="),
        ("study.toml", b"target = 3"), ("study.toml", b'target = { kind = "x" }'), ("study.toml", b"\xff"),
        ("forecasts.parquet", b"PAR1"), ("forecasts.parquet", b""), ("forecasts.parquet", None),
    ],
)  # fmt: skip
def test_a_damaged_neighbour_is_skipped_and_named(command, finished, tmp_path, name, content):
    bad = Path(shutil.copytree(finished, tmp_path / "runs" / "bad"))
    whole = (bad / name).read_bytes()
    (bad / name).write_bytes(whole[: len(whole) // 2] if content is None else content)
    out = tmp_path / "runs" / "new"
    assert command("run", *FAST, "--out", "runs/new").code == 0
    assert read_record(out)["trials"]["damaged"] == ["bad"]
    assert "cannot be read: bad" in json.loads((out / "verdict.json").read_text())["words"]


def test_an_edited_ruling_is_refused(command, run_folder):
    path = run_folder / "verdict.json"
    verdict = json.loads(path.read_text())
    for one in verdict["models"].values():
        one["ruling"], one["skill_pct"] = "better", 50.0
    path.write_text(json.dumps(verdict))
    one_line(command("forecast", "--run", "run"), 2, "verdict.json was changed since the run")
    record = json.loads((run_folder / "run.json").read_text())
    record["files"]["verdict.json"] = sha256(path.read_bytes())
    (run_folder / "run.json").write_text(json.dumps(record))
    one_line(command("forecast", "--run", "run"), 2, "run.json is damaged", "checksum")
    (run_folder / "run.json").write_text(sealed(record))  # whoever can edit all of it can seal it, too
    one_line(command("forecast", "--run", "run"), 2, "verdict.json", "do not bear out")


@pytest.mark.parametrize("name", ["forecasts.parquet", "scores.csv", "fits.json", "findings.json", "timings.csv"])
def test_every_file_that_is_believed_is_hashed(command, run_folder, name):
    assert name in read_record(run_folder)["files"]
    (run_folder / name).write_bytes((run_folder / name).read_bytes() + b" ")
    one_line(command("forecast", "--run", "run"), 2, f"{name} was changed since the run")


@pytest.mark.parametrize("name", HASHED)
def test_a_page_is_not_drawn_from_files_that_were_changed(command, run_folder, name):
    path = run_folder / name
    path.write_bytes((path.read_bytes() if path.exists() else b"{}") + b" ")
    one_line(command("report", "run"), 2, f"{name} was changed since the run")


def test_a_page_tells_the_ruling_of_the_run_alone(command, run_folder):
    path = run_folder / "verdict.json"
    path.write_text(path.read_text().replace('"no_evidence"', '"better"').replace("No ", "Every "))
    one_line(command("report", "run"), 2, "verdict.json was changed since the run")


@pytest.mark.parametrize("lost", ["checksum", "files", "both"])
def test_a_record_without_its_hashes_is_damaged_unless_it_is_older_than_they_are(command, run_folder, lost):
    path = run_folder / "run.json"
    record = json.loads(path.read_text())
    assert record["format"] == 2
    if lost == "files":
        del record["files"]
        path.write_text(sealed(record))
    else:
        del record["checksum"]
        record = record if lost == "checksum" else {key: value for key, value in record.items() if key != "files"}
        path.write_text(json.dumps(record))
    one_line(command("report", "run"), 2, "run.json" if lost != "files" else "was changed since the run")
    del record["format"]
    record.pop("checksum", None)
    path.write_text(json.dumps(record))
    assert command("report", "run").code == 0


@pytest.mark.parametrize("name", ["study.toml", "findings.json", "fits.json", "verdict.json"])
@pytest.mark.parametrize("content", ["", "{}", "[]", "3", "null", "[3]"])
def test_a_file_of_another_type_in_an_older_run_is_one_line(command, run_folder, name, content):
    record = json.loads((run_folder / "run.json").read_text())
    for key in ("format", "files", "checksum"):
        del record[key]
    (run_folder / "run.json").write_text(json.dumps(record))
    (run_folder / name).write_text(content)
    said = command("report", "run")
    if (name, content) in {("findings.json", "[]"), ("fits.json", "[]")}:
        assert said.code in (0, 2)
    else:
        one_line(said, 2, name)


@pytest.mark.parametrize("trials", [None, {}, {"trials": [1]}, {"trials": [{"run": "a"}], "other_symbols": []}])
def test_trials_of_another_type_are_refused_before_the_first_fit(command, run_folder, trials):
    record = json.loads((run_folder / "run.json").read_text())
    (run_folder / "run.json").write_text(sealed({**record, "state": "interrupted", "trials": trials}))
    one_line(command("run", "--resume", "run"), 2, "run.json is damaged", "trials")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("source", {"kind": ["file"]}), ("source", {"kind": {"file": 1}}), ("source", {"kind": "file", "path": "a\0b"}),
        ("source", {"kind": "file", "path": "loop"}),
        ("made_at", "2020-11-01T10:00:00+05:00"), ("origin", "2020-W44-7"),
        ("close", None), ("close", float("nan")), ("close", -1), ("close", "x"), ("close", 0), ("close", [1]),
        ("close", "123.4"), ("close", True), ("horizon", "1"),
    ],
)  # fmt: skip
def test_a_forecast_file_with_an_odd_value_is_one_line(command, tmp_path, key, value):
    data = json.loads((Path(__file__).parents[1] / "runs" / "old" / "forecast.json").read_text())
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "f.json").write_text(json.dumps({**data, key: value}))
    one_line(command("score", "f.json"), 2)


def test_a_bomb_is_refused_before_it_is_inflated(tmp_path):
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("model.weights.h5", b"\0" * (200 << 20))
    assert path.stat().st_size < 1 << 20
    start = time.process_time()
    with pytest.raises(InputError, match="would inflate from"):
        Weights.read(path, [])
    assert time.process_time() - start < 0.2


@pytest.mark.parametrize("name", ["plots", "models", "units", "plots/rmse_bar.png"])
@pytest.mark.parametrize("verb", ["run --resume run --quiet", "run --out run"])
def test_a_link_in_a_run_folder_leads_nothing_outside(command, run_folder, tmp_path, verb, name):
    (tmp_path / "victim").mkdir()
    place = run_folder / name
    shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(tmp_path / "victim")
    record = json.loads((run_folder / "run.json").read_text())
    (run_folder / "run.json").write_text(sealed({**record, "state": "interrupted"}))
    if "--out" in verb:
        (run_folder / "run.json").unlink()
        verb = f"{verb} {' '.join(FAST)}"
    one_line(command(*verb.split()), 5, "is a link", name)
    assert not list((tmp_path / "victim").iterdir())


NAMES = (
    "../../x", "/abs", "", ".", "..", "a,b", 'a"b', "x" * 300, "a/b", "a:b", "nul", "COM1", "a\nb", ".x", "-x", "a.",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_cannot_be_a_file_is_refused(name):
    source, models = bn.Source("synthetic"), {"naive": bn.ModelSpec("naive")}
    with pytest.raises(InputError, match="name"):
        bn.Study("s", source, {**models, name: bn.ModelSpec("drift")})
    with pytest.raises(InputError, match="name"):
        bn.Study(name, source, models)


def test_names_that_differ_in_case_alone_are_refused():
    with pytest.raises(InputError, match="differ in nothing but case"):
        apart(["lstm", "LSTM"], "model")
    assert checked("modèle_2 (b)", "model") == "modèle_2 (b)"


def test_symbols_have_one_reversible_encoding(command, tmp_path, monkeypatch):
    monkeypatch.setattr(charts, "save_png", lambda chart, path: path)  # a second each
    odd = ("a/b", "a:b", "a%2Fb", "..", ".", "CON", "con", "^GSPC", "EURUSD=X", "ä b", "a\nb", "x" * 50)
    names = [file_name(one) for one in odd]
    assert len({name.casefold() for name in names if name.lower() != "%63on"}) >= len(odd) - 1
    assert [symbol_of(name) for name in names] == list(odd)
    assert all(name not in (".", "..") and "/" not in name for name in names)
    rows = [
        f"2020-{m:02d}-{d:02d},{symbol},{100 + d + m}"
        for symbol in ("a/b", "a:b")
        for m in range(1, 13)
        for d in range(1, 28)
    ]
    (tmp_path / "p.csv").write_text("\n".join(["Date,Symbol,Close", *rows]) + "\n")
    assert command("explore", "--source", "p.csv", "--out", "e").code == 0
    assert sorted(path.name for path in (tmp_path / "e").iterdir()) == ["a%2Fb", "a%3Ab"]


def test_what_a_broken_run_will_say_is_written_beforehand(run_folder):
    assert not (run_folder / INTERRUPTED).exists()
