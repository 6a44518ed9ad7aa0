"""A file that imports Keras, as people have it, in a shell that knows nothing of backends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BUILDER = """
import keras

def build(steps, features):
    layers = [keras.Input((steps, features)), keras.layers.Flatten(), keras.layers.Dense(1)]
    return keras.Sequential(layers)
"""


def test_a_builder_that_imports_keras_runs_without_any_set_up(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(BUILDER)
    ours = ("KERAS_BACKEND", "PJRT_NPROC", "XLA_FLAGS")
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    words = ["run", "--source", "synthetic", "--models", "mine.py:build", "--seeds", "1", "--quiet", "--out", "r"]
    command = [sys.executable, "-c", "from beatnaive.cli import main; main()", *words]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    scores = (tmp_path / "r" / "scores.csv").read_text().splitlines()
    mine = next(line for line in scores if ",build," in line or line.startswith(("build,", "mine")))
    assert "nan" not in mine.lower()
