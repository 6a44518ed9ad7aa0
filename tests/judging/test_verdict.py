"""Rulings, the JSON contract, and words that never claim more than the numbers."""

import json
from dataclasses import replace

import numpy as np
import pytest
from examples import losses, noise, panel

from beatnaive.core.phrases import p_text
from beatnaive.core.types import Finding
from beatnaive.judging.ruling import rule
from beatnaive.judging.significance import Trials, examine

MODEL_KEYS = [
    "n", "mae", "rmse", "mape", "r2", "skill_pct", "skill_ci90", "dm", "cw", "pt", "p_adjusted", "p_adjusted_this_run",
    "mde_pct", "mde_single_pct", "r2_vs_naive", "r2_vs_mean", "slope", "seeds_better", "ruling", "because",
]  # fmt: skip
KEYS = [
    "n",
    "horizon",
    "loss",
    "benchmark",
    "naive",
    "trials",
    "models",
    "any_better",
    "confidence_set",
    "findings",
    "evidence",
    "words",
]


def verdict_of(part, **options):
    return rule(part, examine(part, replications=options.pop("replications", 499), **options))


def edge(n=400, share=0.5, seed=1):
    rng = np.random.default_rng(seed)
    known, rest = 0.01 * rng.standard_normal((2, n))
    return share * known + rest, share * known


def keys(data):
    return list(data) if isinstance(data, dict) else None


def test_the_json_has_the_promised_shape():
    y, forecasts = noise()
    data = verdict_of(losses(y, forecasts, invalid={"lstm": "3 forecasts are missing"})).to_json()
    assert keys(data) == KEYS
    assert keys(data["naive"]) == ["mae", "rmse", "mape", "r2"]
    assert keys(data["trials"]) == ["counted", "runs", "by_bonferroni", "unjoined", "varied"]
    assert keys(data["any_better"]) == ["p_value"]
    assert keys(data["confidence_set"]) == ["level", "included"]
    for name in ("m0", "lstm"):
        model = data["models"][name]
        assert keys(model) == MODEL_KEYS
        assert keys(model["dm"]) == ["statistic", "p_value", "p_better"]
        assert keys(model["cw"]) == keys(model["pt"]) == ["statistic", "p_value", "p_adjusted"]
    assert data["models"]["lstm"]["ruling"] == "invalid"
    assert data["models"]["lstm"]["because"] == ["3 forecasts are missing"]
    assert all(data["models"]["lstm"][key] is None for key in MODEL_KEYS[:7])
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_a_panel_adds_the_same_object_per_symbol():
    y, f = 0.01 * np.random.default_rng(0).standard_normal((2, 60, 3))
    data = verdict_of(panel(y, {"m": f})).to_json()
    assert keys(data) == [*KEYS, "symbols"]
    assert list(data["symbols"]) == ["S0", "S1", "S2"]
    assert all(keys(one) == KEYS for one in data["symbols"].values())
    json.dumps(data, allow_nan=False)


def test_any_better_is_the_smallest_adjusted_p():
    y, forecasts = noise()
    data = verdict_of(losses(y, forecasts)).to_json()
    assert data["any_better"]["p_value"] == min(model["p_adjusted"] for model in data["models"].values())


def test_the_usual_answer_in_words():
    y, forecasts = noise(239, 7)
    verdict = verdict_of(losses(y, forecasts, symbols=("^GSPC",)))
    assert verdict.words.startswith("No model beat tomorrow = today on ^GSPC (239 days).")
    assert "came closest" in verdict.words
    assert "four times in five by a single test" in verdict.words
    assert "by the test that accounts for all seven models" in verdict.words
    assert " beats " not in verdict.words
    assert "winner" not in verdict.words


def test_a_winner_is_named_with_its_interval():
    y, forecast = edge()
    _, others = noise(400, 2)
    verdict = verdict_of(losses(y, {"good": forecast, **others}))
    assert verdict.named("better") == ("good",)
    assert verdict.words.startswith("good beats tomorrow = today on X (400 days).")
    assert "90 % interval" in verdict.words


def test_worse_is_said():
    y, _ = noise(400)
    bad = 0.01 * np.random.default_rng(4).standard_normal(400)
    verdict = verdict_of(losses(y, {"bad": bad}))
    assert verdict.rulings["bad"].ruling == "worse"
    assert "bad was worse than naive, beyond chance." in verdict.words


@pytest.mark.parametrize("world", range(12))
def test_luck_is_told_as_the_ruling_tells_it(world):
    """With one model or several, behind by little or by much: no sentence contradicts the ruling."""
    rng = np.random.default_rng(world)
    y = 0.01 * rng.standard_normal(200)
    size = 0.001 * (1 + world % 6)
    forecasts = {f"m{k}": size * rng.standard_normal(200) for k in range(1 + world % 3)}
    verdict = verdict_of(losses(y, forecasts), replications=999)
    models = verdict.examination.models
    first = max(models, key=lambda name: models[name].skill_pct)
    told = verdict.words.split(f"{first} ")[1].split(". With")[0]
    assert models[first].skill_pct < 0 or world % 6 == 0
    if verdict.rulings[first].ruling == "worse":
        assert "beyond chance (adjusted" in told
        assert "may well be" not in told
    else:
        assert "may well be chance (adjusted" in told
    p = models[first].p_adjusted if models[first].skill_pct > 0 else models[first].p_worse
    assert p_text(p) in told
    assert f"{first} was worse than naive" not in verdict.words or verdict.rulings[first].ruling == "worse"


def test_a_symbol_that_does_not_stand_out_among_all_is_told_so_on_either_side():
    """Worse by itself among symbols that are not: neither its ruling nor its words speak of a high p."""
    rng = np.random.default_rng(3)
    y, f = rng.standard_normal((2, 120, 60)) * [[[0.01]], [[0.002]]]
    verdict = verdict_of(panel(y, {"m": f}), replications=199)
    near = [one for one in verdict.symbols.values() if one.examination.models["m"].p_worse < 0.05]
    near = [one for one in near if not one.named("worse")]
    assert near
    for one in near:
        assert "not among the symbols that stand out when all are counted, p" in one.rulings["m"].because[0]
        assert "cannot be told from chance: not among the symbols" in one.words
        assert "may well be chance" not in one.words


def test_a_p_that_stays_is_not_told_to_become_itself():
    y, forecasts = noise(200, 3)
    bad = 0.01 * np.random.default_rng(4).standard_normal(200)
    trials = Trials(earlier={"run-1": losses(y, forecasts)}, runs=("run-1",))
    words = verdict_of(losses(y, {"bad": bad}), trials=trials).words
    assert "4 forecasts were counted as tried, 3 of them before this run (in run-1)." in words
    assert "becomes" not in words
    y, forecasts = noise(200, 3, size=0.05, seed=2)
    own = forecasts.pop("m0")
    lucky = verdict_of(losses(y, {"m0": own}), trials=Trials(earlier={"run-1": losses(y, forecasts)}))
    assert "2 of them before this run: the smallest p for being better, " in lucky.words


@pytest.mark.parametrize(("good_seeds", "ruling"), [(5, "better"), (4, "better"), (3, "cannot tell")])
def test_better_needs_four_seeds_in_five(good_seeds, ruling):
    y, forecast = edge()
    useless = 0.02 * np.random.default_rng(5).standard_normal(400)
    seeds = [forecast] * good_seeds + [useless] * (5 - good_seeds)
    verdict = verdict_of(losses(y, {"net": forecast}, seeds={"net": seeds}))
    assert verdict.rulings["net"].ruling == ruling
    if ruling == "cannot tell":
        assert "only 60 % of its seeds beat naive" in verdict.rulings["net"].because[0]


@pytest.mark.parametrize(
    ("n", "horizon", "words"), [(25, 1, "fewer than 30 rows"), (180, 20, "too short for this horizon")]
)
def test_too_little_data_cannot_be_ruled_on(n, horizon, words):
    y, forecast = edge(n, share=3.0)
    verdict = verdict_of(losses(y, {"good": forecast}, horizon=horizon))
    assert verdict.rulings["good"].ruling == "cannot tell"
    assert words in verdict.rulings["good"].because[0]
    assert verdict.words.startswith("No ruling on X")


def test_cannot_tell_comes_with_its_detectable_effect():
    y, forecasts = noise()
    verdict = verdict_of(losses(y, forecasts))
    for ruled in verdict.rulings.values():
        if ruled.ruling == "cannot tell":
            assert any("an edge below" in reason for reason in ruled.because)


def test_information_without_accuracy_is_told_with_its_shrinkage():
    """A forecast that is right in direction and twice too bold gains nothing, and half of it would."""
    y, forecast = edge(1000, share=0.25, seed=3)
    verdict = verdict_of(losses(y, {"bold": 2 * forecast}))
    assert verdict.rulings["bold"].ruling == "cannot tell"
    reasons = " ".join(verdict.rulings["bold"].because)
    slope = verdict.examination.models["bold"].slope
    assert slope == pytest.approx(0.5, abs=0.2)
    assert f"carries information, not yet more accurate; multiplied by {slope:.2f} it might be" in reasons


def test_symbols_stand_out_only_when_all_are_counted():
    rng = np.random.default_rng(10)
    known, rest = rng.standard_normal((2, 250, 12))
    share = np.where(np.arange(12) < 2, 0.6, 0.0)
    part = panel(0.01 * (share * known + rest), {"m": 0.01 * np.where(share > 0, share, 0.1) * known})
    verdict = verdict_of(part, replications=999)
    better = [name for name, one in verdict.symbols.items() if one.named("better")]
    assert better == ["S0", "S1"]
    assert "2 of 12 stand out when all 12 are counted (S0 and S1)" in verdict.words
    assert "says nothing by itself" in verdict.words


def test_survivorship_is_a_doubt_beside_the_pooled_ruling():
    y, f = 0.01 * np.random.default_rng(0).standard_normal((2, 60, 3))
    part = panel(y, {"m": f})
    verdict = verdict_of(part)
    assert [finding.kind for finding in verdict.findings] == ["survivorship"]
    assert verdict.findings[0].severity == "doubt"
    known = rule(part, examine(part, replications=99), findings=verdict.findings)
    assert known.findings == verdict.findings, "said once"
    from beatnaive.judging.significance.loss_rows import take

    left = take(part, np.flatnonzero((part.symbol != 1) | (part.session < part.session[90])))
    assert verdict_of(left).findings == ()


def test_a_doubtful_move_inside_the_scored_rows_is_in_the_ruling():
    y, forecasts = noise(100, 1)
    part = losses(y, forecasts)  # from 2020-01-01
    move = Finding(
        severity="doubt", kind="quiet_jump", symbol="X", message="1 close moved by -50 %", mend="check", count=2,
        dates=("2019-12-05", "2020-02-03"),
    )  # fmt: skip
    verdict = rule(part, examine(part, replications=99), [move])
    data = verdict.to_json()
    assert "(100 days); but the price moved doubtfully on 2020-02-03, inside the scored rows" in verdict.words
    assert "rests on scored rows with a doubtful move of the price (X on 2020-02-03)" in data["models"]["m0"]["because"]
    assert [(one["kind"], one["dates"], one["count"]) for one in data["findings"]] == [
        ("quiet_jump", ["2020-02-03"], 1)
    ]
    json.dumps(data, allow_nan=False)
    before = rule(part, examine(part, replications=99), [replace(move, dates=("2020-01-01",), count=1)])
    assert before.to_json()["findings"] == []
    assert "doubtful" not in before.words
    assert before.findings[0].kind == "quiet_jump"


def test_findings_are_carried_along():
    y, forecasts = noise()
    part = losses(y, forecasts)
    finding = Finding(severity="note", kind="gap", symbol="X", message="one session is missing", mend="none needed")
    assert rule(part, examine(part, replications=99), [finding]).findings == (finding,)


def test_trials_are_told_in_words_and_json():
    y, forecasts = noise(models=30, n=300)
    first = forecasts.pop("m0")
    trials = Trials(
        earlier={"run-1": losses(y, forecasts)}, runs=("run-1", "run-2"), symbols=("AAPL", "MSFT"), varied=("loss",),
        unjoined={"run-2/x": "the run is interrupted and left no forecasts"},
    )  # fmt: skip
    verdict = verdict_of(losses(y, {"m0": first}), trials=trials)
    data = verdict.to_json()
    assert data["trials"] == {
        "counted": 31, "runs": ["run-1", "run-2"], "by_bonferroni": 1, "varied": ["loss"],
        "unjoined": {"run-2/x": "the run is interrupted and left no forecasts"},
    }  # fmt: skip
    assert data["models"]["m0"]["p_adjusted"] >= data["models"]["m0"]["p_adjusted_this_run"]
    assert "31 forecasts were counted as tried, 30 of them before this run (in run-1 and run-2" in verdict.words
    assert "which differ in loss" in verdict.words
    assert "one that could not be resampled together with this run (the run is interrupted" in verdict.words
    assert "Other symbols tried in the same folder: AAPL and MSFT." in verdict.words


def test_counting_trials_takes_a_lucky_win_back():
    """The best of two hundred useless models beats naive alone, and not when all are counted."""
    y, forecasts = noise(models=200, n=250, size=0.05)
    gain = {name: y**2 - (y - f) ** 2 for name, f in forecasts.items()}
    best = max(gain, key=lambda name: gain[name].mean() / gain[name].std())
    part = losses(y, {best: forecasts.pop(best)})
    assert verdict_of(part).rulings[best].ruling == "better"
    counted = verdict_of(part, trials=Trials(earlier={"then": losses(y, forecasts)}))
    assert counted.rulings[best].ruling == "cannot tell"


def test_a_constant_that_does_as_much_is_told():
    """A drift makes the expanding mean of past returns as good as the model that is nothing else."""
    rng = np.random.default_rng(8)
    y = 0.004 + 0.01 * rng.standard_normal(600)
    known = np.concatenate([[0.0], y[:-1].cumsum() / np.arange(1, 600)])
    part = losses(y, {"drift": np.full(600, 0.004)})
    told = verdict_of(replace(part, expanding=known))
    assert told.named("better") == ("drift",)
    assert "The expanding mean of past returns, a constant, beats naive too" in told.words
    assert "a constant does as much" in told.words
    entry = told.to_json()["models"]["drift"]
    assert entry["r2_vs_mean"] == pytest.approx(1 - np.sum((y - 0.004) ** 2) / np.sum((y - known) ** 2))
    assert entry["r2_vs_naive"] > 0.05 > abs(entry["r2_vs_mean"])
    useless = verdict_of(replace(part, expanding=rng.standard_normal(600) * 0.01))
    assert "constant" not in useless.words
    assert "constant" not in verdict_of(part).words


def test_information_is_told_by_the_adjusted_p():
    """Clark-West by itself finds one in twenty of useless models; its sentence needs Holm's p."""
    y, forecasts = noise(models=12, n=300, seed=4)
    verdict = verdict_of(losses(y, forecasts), replications=99)
    models = verdict.to_json()["models"]
    raw = {name: one["cw"]["p_value"] for name, one in models.items()}
    assert min(raw.values()) < 0.05 < min(one["cw"]["p_adjusted"] for one in models.values())
    assert not any("carries information" in reason for one in models.values() for reason in one["because"])


def test_weekly_rows_are_not_called_days():
    y, forecasts = noise(60)
    part = losses(y, forecasts, days=7 * np.arange(60))
    assert "(60 rows)" in verdict_of(part).words
