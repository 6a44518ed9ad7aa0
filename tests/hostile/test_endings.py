"""Code that ends or crashes its process has not been run: never exit code 0."""

import json
import os
import signal
import time

import pytest

OWN = """
import numpy as np
from beatnaive.core.types import Fit, Forecast
class Fitted:
    facts = Fit()
    def predict(self, inputs, rows): return Forecast(np.zeros(len(rows)))
    def save(self, folder): (folder / 'model.json').write_text('{{}}')
class Own:
    def fit(self, train, rng): return Fitted()
    def load(self, folder): return Fitted()
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the second process")

ENDINGS = {
    "os._exit(0)": "it ended its process with exit code 0",
    "os.kill(os.getpid(), 11)": "it crashed (SIGSEGV)",
    "sys.exit(0)": "tried to end the program by sys.exit(0)",
    "raise KeyboardInterrupt": "raised KeyboardInterrupt",
}
PLACES = {
    "import": ("--models", "import os, sys\n{}\n" + OWN, "Own"),
    "features": ("--features", "import os, sys\ndef f(bars):\n    {}\n", "f"),
    "source": ("--source", "import os, sys\ndef f(source, progress=None):\n    {}\n", "f"),
}


def ended(running):
    out, err = running.communicate(timeout=120)
    return running.returncode, out, [line for line in err.splitlines() if line.startswith("beatnaive: ")], err


@pytest.mark.parametrize(
    ("place", "ending"),
    [("import", "os._exit(0)"), ("import", "os.kill(os.getpid(), 11)"), ("import", "sys.exit(0)")]
    + [("features", ending) for ending in ENDINGS if "kill" not in ending]
    + [("source", "os._exit(0)")],
)
def test_code_that_ends_the_process_was_not_run(process, tmp_path, place, ending):
    option, text, name = PLACES[place]
    (tmp_path / "mine.py").write_text(text.format(ending))
    words = () if option == "--source" else ("--source", "synthetic")
    words += () if option == "--features" else ("--features", "close")
    words += () if option == "--models" else ("--models", "drift")
    code, out, lines, err = ended(
        process("run", *words, option, f"mine.py:{name}", "--out", "run", "--quiet", "--jobs", "1")
    )
    assert (code, out) == (2, ""), err
    assert len(lines) == 1, err
    assert "mine.py" in lines[0]
    assert len(lines[0]) < 300
    assert ENDINGS[ending] in lines[0]
    assert not (tmp_path / "run" / "verdict.json").exists()


def test_a_study_that_is_trusted_is_witnessed_too(process, tmp_path):
    (tmp_path / "mine.py").write_text("import os\nos._exit(0)\n")
    (tmp_path / "s.toml").write_text('features = ["close"]\nmodels.naive = {}\nmodels.m.kind = "mine.py:M"\n')
    for verb in ("run", "forecast"):
        code, _, lines, err = ended(process(verb, "--study", "s.toml", "--trust"))
        assert (code, len(lines)) == (2, 1), err
        assert "mine.py:M could not be run: it ended its process with exit code 0" in lines[0]


def test_what_ends_as_it_should_says_what_it_always_said(process, tmp_path):
    (tmp_path / "own.py").write_text(OWN.format())
    words = ("run", "--source", "synthetic", "--models", "own.py:Own", "--features", "close", "--out", "run")
    code, out, _, err = ended(process(*words, "--json"))
    assert code == 0, err
    assert json.loads(out) == json.loads((tmp_path / "run" / "verdict.json").read_text())
    code, _, lines, _ = ended(process(*words))
    assert (code, len(lines)) == (2, 1)
    assert "holds a run" in lines[0]


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_signals_reach_the_second_process(process, tmp_path, number):
    slow = OWN.replace("return Fitted()", "open('started', 'w').close(); import time; time.sleep(60)", 1)
    (tmp_path / "own.py").write_text(slow.format())
    running = process(
        "run", "--source", "synthetic", "--models", "own.py:Own", "--features", "close", "--out", "run", "--jobs", "1"
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(getattr(signal, number))
    code, _, lines, err = ended(running)
    assert code == 130, err
    assert lines[-1].endswith("--resume run")
    assert json.loads((tmp_path / "run" / "run.json").read_text())["state"] == "interrupted"
