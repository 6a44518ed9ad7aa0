"""Where an LSTM wins, and where it must not: worlds of the study `lstm_wins` and their twins without memory.

    python benchmarks/lstm_wins.py [--worlds 50] [--twins 20] [--seasonal 0] [--skip W T] [--seeds 5] [--jobs 2]
        [--keep FILE] [--write]

A world is the shipped study under another seed: ten symbols of 3,500 sessions, the last 1,000 of each judged, five
seeds of the LSTM, whose mean forecast counts. Asked, at 5 %: is the LSTM better than naive by the study's own ruling,
and better than naive, linear regression and boosting on the sixty returns that it sees, all three, by the same rule
with three benchmarks. A twin has the same shocks (strength = 0), and nothing to be found; --seasonal asks the same of
the process `seasonal`. What a world found is kept, a line of JSON, so that a run that was ended goes on. R2 out of
sample: 1 - mean squared error / naive's, pooled.
--write puts what was found, and the weights of one more fit, where the guide reads them: explain/market.json; beside
--skip it is added to what stands there.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import beta

from beatnaive.backtest.engines import engine
from beatnaive.core.jax_environment import prepare
from beatnaive.judging.significance.joint import Field, judgement
from beatnaive.runs.record import Recorder
from beatnaive.study.pipeline import Execution, run_study
from beatnaive.study.spec import load_study

GUIDE = Path(__file__).resolve().parents[1] / "src" / "beatnaive" / "explain" / "market.json"
RIVALS = ("naive", "linear", "boosting")
CASES = {"memory": ("memory", 0.05), "twin": ("memory", 0.0), "seasonal": ("seasonal", 0.05)}
"""Process and strength of each kind of world."""
FIRST = 1000  # seed of the first world; those below were used to look at


def world(seed: int, model: str, strength: float, seeds: int = 5, jobs: int = 1) -> dict[str, Any]:
    """What one world found: rulings, the LSTM's p against its hardest rival, and R2 in percent."""
    study = load_study("lstm_wins")
    synthetic = replace(study.source.synthetic, model=model, seed=seed, strength=strength)
    study = replace(study, source=replace(study.source, synthetic=synthetic), seed=seed, seeds=seeds)
    result = run_study(study, execution=Execution(engine=engine("local", jobs)))
    losses = result.losses
    _, session = np.unique(losses.session, return_inverse=True)
    rows = np.bincount(session)
    mean = {name: np.bincount(session, loss / losses.scale) / rows for name, loss in losses.loss.items()}
    gain = np.stack([mean[name] - mean["lstm"] for name in RIVALS], axis=1)[:, :, None]
    against = judgement(Field(gain=gain, sessions=np.arange(len(rows))), seed=seed)
    total = {name: float((loss / losses.scale).mean()) for name, loss in losses.loss.items()}
    return {
        "seed": seed,
        "rulings": {name: one["ruling"] for name, one in result.verdict.to_json()["models"].items()},
        "p_all": float(against.p_better[0]),
        "r2": {name: 100 * (1 - one / total["naive"]) for name, one in total.items()},
    }


def main() -> None:
    """Run what is missing, and print what all worlds found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=50)
    parser.add_argument("--twins", type=int, default=20)
    parser.add_argument("--seasonal", type=int, default=0)
    parser.add_argument("--skip", type=int, nargs=2, default=(0, 0), help="worlds and twins that are known already")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "beatnaive-lstm-wins.jsonl")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    counts = (options.worlds, options.twins, options.seasonal)
    for (case, (model, strength)), count, skipped in zip(CASES.items(), counts, (*options.skip, 0), strict=True):
        for seed in range(FIRST + skipped, FIRST + count):
            if not any(one["case"] == case and one["seed"] == seed for one in kept(options.keep)):
                found = {"case": case, **world(seed, model, strength, options.seeds, options.jobs)}
                with options.keep.open("a", encoding="utf-8") as file:
                    print(json.dumps(found), file=file)
        if worlds := [one for one in kept(options.keep) if one["case"] == case]:
            show(case, worlds)
    if options.write:
        known = json.loads(GUIDE.read_text(encoding="utf-8")) if any(options.skip) else {}
        cases = {
            case: summary([one for one in kept(options.keep) if one["case"] == case], known.get(case))
            for case in ("memory", "twin")
        }
        text = json.dumps({**cases, "weights": weights()}, separators=(",", ":"))
        GUIDE.write_text(text + "\n", encoding="utf-8")


def summary(worlds: list[dict[str, Any]], known: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the guide says of a case: these worlds, and those that it knows already."""
    known = known or {"worlds": 0, "better": 0, "better_than_all": 0, "r2": dict.fromkeys((*RIVALS, "lstm"), 0.0)}
    count = known["worlds"] + len(worlds)
    total = {name: known["worlds"] * r2 + sum(one["r2"][name] for one in worlds) for name, r2 in known["r2"].items()}
    return {
        "worlds": count,
        "better": known["better"] + sum(one["rulings"]["lstm"] == "better" for one in worlds),
        "better_than_all": known["better_than_all"] + sum(one["p_all"] < 0.05 for one in worlds),
        "r2": {name: round(one / count, 2) for name, one in total.items()},
    }


def weights() -> list[Any]:
    """The weights of the LSTM of the shipped study with one seed, as Keras orders them."""
    study = replace(load_study("lstm_wins"), seeds=1)
    study = replace(study, models={name: study.models[name] for name in ("naive", "lstm")})
    with tempfile.TemporaryDirectory() as folder:
        Recorder.at(study, Path(folder) / "run").run(study, jobs=1, pages=False)
        (file,) = Path(folder).rglob("*.keras")
        prepare()
        import keras

        model = keras.saving.load_model(file)
        return [np.asarray(one.value).astype(float).round(5).tolist() for one in model.weights]


def kept(path: Path) -> list[dict[str, Any]]:
    """The worlds that were run."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def show(case: str, worlds: list[dict[str, Any]]) -> None:
    """A line per question, with exact 95 % limits, and the mean R2 of each model."""
    n = len(worlds)
    for what, count in (
        ("better than naive", sum(one["rulings"]["lstm"] == "better" for one in worlds)),
        ("better than all three", sum(one["p_all"] < 0.05 for one in worlds)),
        ("boosting or linear better", sum("better" in (one["rulings"][m] for m in RIVALS[1:]) for one in worlds)),
    ):
        low = 100 * beta.ppf(0.025, count, n - count + 1) if count else 0.0
        high = 100 * beta.ppf(0.975, count + 1, n - count) if count < n else 100.0
        print(f"{case}: {what} in {count} of {n} worlds ({low:.0f} to {high:.0f} %)")
    for name in ("linear", "boosting", "lstm"):
        r2 = np.array([one["r2"][name] for one in worlds])
        print(f"{case}: R2 of {name} {r2.mean():+.2f} % (deviation {r2.std(ddof=1) if n > 1 else 0:.2f})")


if __name__ == "__main__":
    main()
