"""Bad input is normal: one clear line that says what, where and how to mend it, and the right exit code."""

import os
import shutil
import signal
import time

import numpy as np
import pandas as pd
import pytest
from commands import one_line

FAST = ("--models", "drift", "--features", "returns")


def csv(path, n=300, **changes):
    rng = np.random.default_rng(0)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, n)))
    frame = pd.DataFrame({"Date": pd.bdate_range("2020-01-01", periods=n), "Open": close, "High": close * 1.01,
                          "Low": close * 0.99, "Close": close, "Volume": 1e6})  # fmt: skip
    for column, values in changes.items():
        frame[column] = values(frame[column])
    frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (("--source", "nowhere.csv"), 2, ("nowhere.csv",)),
        (("--study", "defualt"), 2, ("unknown study 'defualt'", "did you mean 'default'?")),
        (("--models", "lstn"), 2, ("unknown model 'lstn'", "did you mean 'lstm'?")),
        (("--features", "publishd"), 2, ("unknown feature set 'publishd'", "did you mean 'published'?")),
        (("--source", "sample", "APPL"), 2, ("APPL", "AAPL")),
        (("--horizon", "0"), 2, ("horizon", "at least 1")),
        (("--seeds", "0"), 2, ("seeds", "at least 1")),
        (("--target", "retrun"), 2, ("target", "retrun")),
        (("--loss", "cubic"), 2, ("loss", "cubic")),
        (("--start", "01/02/2015"), 2, ("--start", "YYYY-MM-DD")),
        (("--jobs", "0"), 2, ("jobs", "at least 1")),
        (("--engine", "spark"), 2, ("engine", "local or ray")),
        (("--nonsense",), 2, ("--nonsense",)),
        (("--start", "2018-12-01"), 2, ("take a longer period",)),
        (("--start", "2030-01-01"), 2, ("2030-01-01",)),
        (("--models", "nosuchmodule:Model"), 2, ("no module 'nosuchmodule'",)),
        (("--models", "math:pi"), 2, ("math:pi is not a model",)),
        (("--models", "json:dumps"), 2, ("no valid model besides the benchmark", "dumps: raised TypeError")),
        (("--resume", "nowhere"), 2, ("nowhere", "no run")),
    ],
)
def test_one_line_for_what_a_user_gets_wrong(command, words, code, expected):
    one_line(command("run", *words), code, *expected)


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("", 2, ("empty",)),
        ("Date,Close\n2020-01-02,10.0\n", 3, ("1 row",)),
        ("Date,Open\n2020-01-02,10.0\n", 2, ("Close",)),
        ("\x00\x01\x02binary\xff", 2, ()),
        ("Date,Close\n01/02/2020,10\n02/03/2020,11\n", 2, ("dates",)),
        ("Date,Close\n2020-01-02,ten\n2020-01-03,eleven\n", 2, ("Close",)),
    ],
)
def test_one_line_for_a_file_that_cannot_be_read(command, tmp_path, text, code, expected):
    (tmp_path / "prices.csv").write_bytes(text.encode("latin-1"))
    one_line(command("run", "--source", "prices.csv", *FAST), code, "prices.csv" if code == 2 and not expected else "",
             *expected)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Close": lambda c: c * np.nan}, ()),
        ({"Close": lambda c: c.where(c.index != 50, -c)}, ("zero or less", "2020-03-11")),
        ({"Date": lambda d: d.where(d.index != 50, d[49])}, ("more than one row", "2020-03-10")),
        ({"Date": lambda d: d.sample(frac=1, random_state=0).to_numpy()}, ("later session before", "sort")),
    ],
)
def test_data_with_a_fatal_finding_is_refused(command, tmp_path, changes, expected):
    csv(tmp_path / "prices.csv", **changes)
    said = command("run", "--source", "prices.csv", *FAST)
    one_line(said, 3, *expected)
    assert not (tmp_path / "runs").exists(), "nothing half-written"


def test_a_study_file_with_a_misspelt_key_names_the_right_one(command, tmp_path):
    (tmp_path / "mine.toml").write_text("[models.naive]\n[models.lstm]\nlokback = 30\n")
    one_line(
        command("run", "--study", "mine.toml"), 2, "unknown key in models.lstm 'lokback'", "did you mean 'lookback'?"
    )
    (tmp_path / "mine.toml").write_text("sede = 3\n[models.naive]\n")
    one_line(command("run", "--study", "mine.toml"), 2, "unknown key in study mine 'sede'", "did you mean 'seed'?")
    (tmp_path / "mine.toml").write_text("seed = = 3\n")
    one_line(command("run", "--study", "mine.toml"), 2, "mine.toml is not valid TOML")


def test_a_model_whose_price_is_not_positive_is_invalid_and_the_rest_is_judged(command, tmp_path):
    (tmp_path / "mine.py").write_text(
        "import numpy as np\n"
        "from beatnaive.core.types import Fit, Forecast\n"
        "class Fitted:\n"
        "    facts = Fit()\n"
        "    def predict(self, inputs, rows):\n"
        "        from beatnaive.models.base import price_to_return\n"
        "        return Forecast(price_to_return(-inputs.close[rows], inputs.close[rows]))\n"
        "    def save(self, folder): pass\n"
        "class Negative:\n"
        "    def fit(self, train, rng): return Fitted()\n"
        "    def load(self, folder): return Fitted()\n"
    )
    said = command("run", "--models", "drift,mine.py:Negative", "--features", "returns", "--out", "run")
    assert said.code == 0, said.err
    assert "not a positive, finite price" in said.out
    assert "invalid" in said.out


def test_an_unwritable_folder_is_named(command, tmp_path):
    (tmp_path / "taken").write_text("a file, not a folder")
    one_line(command("run", *FAST, "--out", "taken/run"), 5, "taken/run", "--out")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_a_full_disk_is_named_and_leaves_nothing_half_written(command, tmp_path, monkeypatch):
    from beatnaive.core import files

    monkeypatch.setattr(files.os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    one_line(command("run", *FAST, "--out", "run"), 5, "No space left on device", "free space")
    assert not list((tmp_path / "run").rglob("*.part"))
    assert not list((tmp_path / "run").rglob("*.json"))


def test_a_second_run_into_the_same_folder_is_refused(command):
    assert command("run", *FAST, "--out", "run").code == 0
    one_line(command("run", *FAST, "--out", "run"), 2, "holds a run already", "--resume")
    one_line(command("run", "--resume", "run"), 2, "is complete")


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs POSIX signals")
def test_ctrl_c_is_noted_in_the_folder_without_a_traceback(process, tmp_path):
    running = process("run", "--models", "lstm", "--out", "run", "--jobs", "1")
    deadline = time.monotonic() + 60
    while not list((tmp_path / "run").glob("units/*/*/*/*.npz")) and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "Traceback" not in err
    assert "--resume run" in err
    assert '"interrupted"' in (tmp_path / "run" / "run.json").read_text()
