"""An audit is passed by code that was audited to its end, and by nothing else."""

import os
import time

import pytest
from commands import one_line

FRAME = "import os, sys, time, signal, ctypes\nimport pandas as pd\n"
ENDS = {
    "sys.exit at import": ("sys.exit(0)\ndef f(bars): return bars[['Close']]\n", "sys.exit(0)"),
    "sys.exit in the function": ("def f(bars): sys.exit(0)\n", "sys.exit(0)"),
    "sys.exit later": (
        "n = []\ndef f(bars):\n    n.append(1)\n    if len(n) > 3: sys.exit(0)\n    return bars[['Close']]\n",
        "sys.exit(0)",
    ),
    "SystemExit": ("def f(bars): raise SystemExit\n", "sys.exit(None)"),
    "KeyboardInterrupt": ("def f(bars): raise KeyboardInterrupt\n", "KeyboardInterrupt"),
    "os._exit at import": ("os._exit(0)\n", "exit code 0"),
    "os._exit": ("def f(bars): os._exit(0)\n", "exit code 0"),
    "segfault": ("def f(bars): ctypes.string_at(0)\n", "SIGSEGV"),
    "kill": ("def f(bars): os.kill(os.getpid(), signal.SIGTERM)\n", "SIGTERM"),
    "syntax error": ("def f(bars:\n", "SyntaxError"),
    "raises at import": ("raise ValueError('no')\n", "ValueError: no"),
    "NUL": ("\0", "mine.py"),
    "recursion": ("def f(bars): return f(bars)\n", "RecursionError"),
}
OF_ENDS = [pytest.param(*ENDS[name], id=name) for name in ENDS]


@pytest.mark.parametrize(("body", "words"), OF_ENDS)
def test_a_subject_that_ends_its_process_has_not_passed(command, tmp_path, body, words):
    (tmp_path / "mine.py").write_text(FRAME + body)
    line = one_line(command("audit", "mine.py:f", "--kind", "feature"))
    assert words in line
    assert "No look-ahead found" not in line


def test_an_endless_loop_is_given_up(command, tmp_path):
    (tmp_path / "mine.py").write_text(FRAME + "def f(bars):\n    while True: time.sleep(0.1)\n")
    start = time.monotonic()
    line = one_line(command("audit", "mine.py:f", "--kind", "feature", "--limit", "3"))
    assert "did not end within 3 seconds" in line
    assert time.monotonic() - start < 30


def test_code_that_raises_names_the_call_the_line_and_the_columns_there_are(command, tmp_path):
    (tmp_path / "mine.py").write_text("def lagged(df):\n    return df['price'].shift(1).to_frame()\n")
    for words in (("--kind", "feature"), ()):
        line = one_line(command("audit", "mine.py:lagged", *words))
        for part in (
            "lagged(bars)",
            "KeyError: 'price'",
            "mine.py, line 2: return df['price']",
            "Open, High, Low, Close",
        ):
            assert part in line


def test_what_is_clean_is_still_clean_and_what_leaks_is_caught(command, tmp_path):
    (tmp_path / "mine.py").write_text(
        "print('hello')\n"
        "def good(bars): return bars[['Close']].diff()\n"
        "def bad(bars): return bars[['Close']].shift(-1)\n"
    )
    said = command("audit", "mine.py:good", "--json", "--seconds", "2")
    assert said.code == 0, said.err
    assert '"clean": true' in said.out
    assert "hello" not in said.out
    assert command("audit", "mine.py:bad", "--seconds", "2").code == 1


MODEL = FRAME + (
    "import numpy as np\n"
    "from beatnaive.core.types import Fit, Forecast\n"
    "class Fitted:\n"
    "    facts = Fit()\n"
    "    def predict(self, inputs, rows): return Forecast(np.zeros(len(rows)))\n"
    "    def save(self, folder): pass\n"
    "class Own:\n"
    "    def fit(self, train, rng):\n"
    "        {}\n"
    "        return Fitted()\n"
    "    def load(self, folder): return Fitted()\n"
)


def test_models_that_end_the_program_are_invalid(command, tmp_path):
    ends = {"Exits": "sys.exit(0)", "Interrupts": "raise KeyboardInterrupt", "Raises": "raise SystemExit"}
    classes = [MODEL.format(body).replace("class Own", f"class {name}") for name, body in ends.items()]
    (tmp_path / "mine.py").write_text("\n".join(classes))
    models = ",".join(["drift", *(f"mine.py:{name}" for name in ends)])
    words = ("run", "--source", "synthetic", "--features", "close", "--models")
    said = command(*words, models, "--out", "run")
    assert said.code == 0, said.err  # the others are judged
    told = [line for line in said.out.splitlines() if any(name in line for name in ends) and "invalid" in line]
    assert len(told) >= len(ends), said.out
    one_line(command(*words, "mine.py:Exits"))


@pytest.mark.skipif(os.name != "posix", reason="worker processes that die")
def test_a_model_that_ends_its_worker_ends_the_run_with_a_line(command, tmp_path):
    (tmp_path / "mine.py").write_text(MODEL.format("os._exit(0)"))
    line = one_line(command("run", "--source", "synthetic", "--models", "mine.py:Own", "--features", "close"))
    assert "worker processes" in line
    for record in (tmp_path / "runs").glob("*/run.json"):  # naive's fit may be kept
        assert '"state": "interrupted"' in record.read_text()


@pytest.mark.parametrize(
    ("body", "words"), [p for p in OF_ENDS if p.id in ("sys.exit at import", "syntax error", "NUL")]
)
def test_a_model_that_cannot_be_imported_is_one_line(command, tmp_path, body, words):
    (tmp_path / "mine.py").write_text(FRAME + body)
    assert words in one_line(command("run", "--source", "synthetic", "--models", "mine.py:f", "--features", "close"))


@pytest.mark.parametrize("body", ["sys.exit(0)", "raise KeyboardInterrupt", "return bars['close']"])
def test_features_that_end_the_program_are_one_line(command, tmp_path, body):
    (tmp_path / "mine.py").write_text(FRAME + f"def f(bars): {body}\n")
    line = one_line(command("run", "--source", "synthetic", "--models", "drift", "--features", "mine.py:f"))
    assert "mine.py, line 3" in line
