"""The other half of refusing edited verdicts: a model that is really better passes, and forecasts."""

import json

STUDY = """
source = { kind = "synthetic", synthetic = { model = "planted", n = 1500, strength = 0.2, seed = 3 } }
features = ["signal.py:signal"]
models.naive = {}
models.drift = {}
models.linear = {}
"""
SIGNAL = """
import numpy as np
def signal(bars):
    return np.log(bars["Volume"] / 1e8).rename("signal")
"""


def test_a_model_that_is_really_better_gives_the_forecast_its_centre(command, tmp_path):
    (tmp_path / "signal.py").write_text(SIGNAL)
    (tmp_path / "s.toml").write_text(STUDY)
    said = command("run", "--study", "s.toml", "--trust", "--out", "run", "--quiet")
    assert said.code == 0, said.err
    verdict = json.loads((tmp_path / "run" / "verdict.json").read_text())
    assert verdict["models"]["linear"]["ruling"] == "better"
    said = command("forecast", "--run", "run", "--json")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert found["model"] == "linear", found
    assert all(step["model"] == "linear" for step in found["steps"][:1])
