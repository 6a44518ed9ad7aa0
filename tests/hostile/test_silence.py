"""What libraries tell programmers never reaches a user."""

import os
import subprocess
import sys

import numpy as np
import pytest

WARNS = (
    "import warnings, beatnaive.cli as c\n"
    "c.application = lambda words: warnings.warn('overflow encountered', RuntimeWarning) or 1 / 0\n"
    "c.main()"
)


@pytest.mark.parametrize(("words", "silent"), [(["list"], True), (["list", "--debug"], False)])
def test_a_warning_is_for_debugging_alone(words, silent):
    known = {key: value for key, value in os.environ.items() if key != "PYTHONWARNINGS"}
    said = subprocess.run([sys.executable, "-c", WARNS, *words], capture_output=True, text=True, env=known, check=False)
    assert "ZeroDivisionError" in said.stderr
    assert ("RuntimeWarning" not in said.stderr) == silent, said.stderr


def test_numbers_at_the_end_of_their_range_bring_no_warning(process, tmp_path):
    rng = np.random.default_rng(0)
    lines = ["ds,y,naive,m"]
    for k in range(120):
        y, naive, far = 100 + rng.normal(size=3)
        lines.append(f"{np.datetime64('2020-01-01') + k},{y},{naive},{far * 1e200}")
    (tmp_path / "f.csv").write_text("\n".join(lines))
    _, err = process("judge", "f.csv").communicate(timeout=120)
    assert len(err.splitlines()) <= 1, err
    assert "Warning" not in err
