"""Where memory decides, the LSTM is ruled better; in the twin, whose shocks decide nothing, it is not."""

from dataclasses import replace

import pytest

from beatnaive.study.pipeline import run_study
from beatnaive.study.spec import load_study


def ruling_of(seed: int, strength: float) -> str:
    """Of the LSTM, fitted once, in one world of the shipped study."""
    study = load_study("lstm_wins")
    synthetic = replace(study.source.synthetic, seed=seed, strength=strength)
    study = replace(study, source=replace(study.source, synthetic=synthetic), seed=seed, seeds=1)
    study = replace(study, models={name: study.models[name] for name in ("naive", "linear", "lstm")})
    verdict = run_study(study).verdict.to_json()["models"]
    assert verdict["linear"]["ruling"] != "better"
    return str(verdict["lstm"]["ruling"])


@pytest.mark.parametrize("seed", [501, 502, 503])
def test_memory_is_found(seed: int) -> None:
    assert ruling_of(seed, 0.05) == "better"


def test_no_memory_is_found_in_the_twin() -> None:
    assert ruling_of(501, 0.0) != "better"
