"""Six questions that every reader has, answered from the run's own numbers."""

from __future__ import annotations

import numpy as np

from beatnaive.core.phrases import digits
from beatnaive.report.charts.frames import view
from beatnaive.report.facts import Facts, listed, p_value
from beatnaive.report.html import Answer


def answers(facts: Facts) -> tuple[Answer, ...]:
    """Beat naive? Luck? Detectable? Why not the network? What was done? Again?"""
    return (
        Answer("Did anything beat naive?", beaten(facts)),
        Answer("Could it be luck?", luck(facts)),
        Answer("Could the test have seen an edge?", power(facts)),
        *(network(facts, name) for name in facts.networks[:3]),
        Answer("What was done to the data?", data(facts)),
        Answer("How do I run it again?", (
            f"Type this in a terminal, beside the folder {facts.data.folder.name}. The study file in it is complete, "
            f"and shown at the end of this page; with BeatNaive {facts.version} and the same data it gives the same "
            "numbers to the last digit.",
        ), again(facts)),
    )  # fmt: skip


def beaten(facts: Facts) -> tuple[str, ...]:
    """Which models are ruled better, undecided, worse, invalid."""
    if not facts.rulings:
        return ("This run has scores, but no test was made, so nothing can be called better.",)
    better, worse, unsure, invalid = (facts.ruled(name) for name in ("better", "worse", "cannot tell", "invalid"))
    no = f"No. None of the {len(facts.rulings)} models was shown to forecast better than {facts.benchmark}."
    lines = [f"Yes: {listed(better)} forecast better than {facts.benchmark}." if better else no]
    if unsure:
        lines.append(f"For {listed(unsure)} these data cannot tell.")
    if same := facts.ruled("naive"):
        lines.append(f"{listed(same)} made the very forecasts of {facts.benchmark}.")
    if worse:
        lines.append(f"{listed(worse)} did worse than {facts.benchmark}, beyond chance.")
    if invalid:
        lines.append(f"{listed(invalid)} gave no forecasts that can be judged; the table below says why.")
    return tuple(lines)


def luck(facts: Facts) -> tuple[str, ...]:
    """The adjusted p of the best model as a share of studies without any edge, and how many trials it counts."""
    p = (facts.verdict.get("any_better") or {}).get("p_value")
    if p is None:
        return ("No test of luck applies to this run.",)
    trials = facts.verdict.get("trials") or {}
    counted, runs = trials.get("counted"), len(trials.get("runs") or ())
    earlier = f", those of {runs} earlier run{'s' if runs != 1 else ''} on these rows included" if runs else ""
    tried = f" That counts all {counted} forecasts that were tried{earlier}." if counted else ""
    share = "fewer than one in a thousand" if p < 0.001 else "nearly all" if p > 0.99 else f"about {100 * p:.0f} in 100"
    start = f"If no model had any edge, {share} studies like this would show one at least as good as the best here"
    judged = "so luck is an unlikely explanation" if p < 0.05 else "so the best result may well be luck"
    return (f"{start} (adjusted p {p_value(p)}), {judged}.{tried}",)


def power(facts: Facts) -> tuple[str, ...]:
    """The smallest and the largest skill (%) that the test would have found four times in five."""
    rivals = {name: entry for name, entry in facts.rulings.items() if entry.get("mde_pct") is not None}
    contenders = {name: entry["mde_pct"] for name, entry in rivals.items() if entry.get("ruling") != "worse"}
    effects = contenders or {name: entry["mde_pct"] for name, entry in rivals.items()}
    if not effects:
        return ("No detectable effect was computed for this run.",)
    sharp, blunt = min(effects, key=lambda name: effects[name]), max(effects, key=lambda name: effects[name])
    n = facts.verdict.get("n")
    first = f"On {n:,} rows an edge is found four times in five only from {digits(effects[sharp])} % of skill ({sharp})"
    span = f"{first} to {digits(effects[blunt])} % ({blunt})." if sharp != blunt else f"{first}."
    return (span, "A smaller edge may exist; these data could not show it. Four times the sessions halve the figure.")


def network(facts: Facts, name: str) -> Answer:
    """Why a network won or lost: the run's own diagnosis where there is one, else what its fits and forecasts show."""
    better = (facts.rulings.get(name) or {}).get("ruling") == "better"
    found = [str(entry.get("words") or "") for entry in facts.reasons(name)]
    lines = found or [*training(facts, name), *returns(facts, name)]
    said = tuple(line if line.startswith(name) else f"{line[0].upper()}{line[1:]}" for line in lines if line)
    return Answer(f"Why did {name} succeed?" if better else f"Why did {name} fail?", said)


def training(facts: Facts, name: str) -> list[str]:
    """Parameters per training window, and where the validation loss was lowest and what training went on to do."""
    lines = []
    if fits := [fit for fit in facts.fits_of(name) if fit.get("windows")]:
        parameters, windows = fits[-1].get("parameters", 0), fits[-1]["windows"]
        ratio = f"{parameters / windows:.2g} parameters for each"
        lines.append(f"It has {parameters:,} parameters and {windows:,} training windows: {ratio}.")
    histories = [fit["history"] for fit in facts.fits_of(name) if len(fit.get("history", {}).get("val_loss", ())) > 1]
    if histories:
        best = [1 + int(np.argmin(history["val_loss"])) for history in histories]
        epochs = max(len(history["val_loss"]) for history in histories)
        turned = (
            f"Validation loss was lowest after epoch {np.median(best):.0f} of {epochs} (median of {len(best)} fits)"
        )
        pairs = zip(histories, best, strict=True)
        left = np.median([history["loss"][-1] / history["loss"][at - 1] for history, at in pairs])
        fell = f" while training loss fell by another {100 * (1 - left):.0f} %" if left < 0.995 else ""
        late = np.median(best) >= 0.9 * epochs
        noise = f"{fell}: what it learned after that is noise of the training rows."
        lines.append(f"{turned}: it was still learning at the end." if late else f"{turned}{noise}")
    return lines


def returns(facts: Facts, name: str) -> list[str]:
    """R2 on levels beside the correlation of returns; nothing for variances or a forecast that never moves."""
    if facts.volatility or name not in facts.scores:
        return []
    run = view(facts.data)
    if name not in run.made or len(run) < 3 or (made := run.forecast(name)).std() == 0:
        return []
    r = float(np.corrcoef(made, run.actual)[0, 1])
    level = facts.scores[name]["r2"]
    return [f"Its R2 on price levels is {level:.3f}, but forecast and actual returns correlate by {r:+.2f} only."]


def data(facts: Facts) -> tuple[str, ...]:
    """Source, adjustment, split, test period, filled gaps, and how many findings the check of the prices made."""
    study, run = facts.data.study, view(facts.data)
    source, split = study.get("source") or {}, study.get("split") or {}
    kind = str(source.get("kind", "an unnamed source"))
    named = {
        "sample": "the sample that ships with the package",
        "yahoo": "Yahoo",
        "file": f"the file {source.get('path')}",
    }
    known = f"known on {source['as_of']}" if source.get("as_of") else "known at the last session"
    features = ", ".join(map(str, study.get("features") or ())) or "none"
    if split.get("kind", "single") == "single":
        part = split.get("train")
        how = f"the first {100 * part:.0f} % for training" if isinstance(part, float) else f"training up to {part}"
        how = f"One chronological split, {how}"
    else:
        window, every = split.get("window", "expanding"), split.get("refit_every")
        how = f"Walk-forward, {window} window, refitted every {every} sessions"
    first, last = (edge.astype("datetime64[s]").item() for edge in (run.target_date.min(), run.target_date.max()))
    lines = [
        f"Prices of {facts.subject} from {named.get(kind, kind)}; dividends and splits as {known}.",
        f"{how}; features: {features}.",
        f"The forecasts are for sessions from {first:%-d %B %Y} to {last:%-d %B %Y}.",
    ]
    fill = source.get("fill", "none")
    lines.append(
        "No gap was filled." if fill == "none" else f"Gaps were filled ({fill}); filled rows are never scored."
    )
    found, told = len(facts.findings), len(facts.data.findings) - len(facts.findings)
    parts = [f"made {found} finding{'s' if found != 1 else ''}, listed below"] if found else []
    parts += [f"raised {told} doubt{'s' if told != 1 else ''} that the verdict states"] if told else []
    lines.append(f"The check of the prices {' and '.join(parts) or 'found nothing to report'}.")
    return tuple(lines)


def again(facts: Facts) -> str:
    """The command that makes this run anew."""
    return f"beatnaive run --study {facts.data.folder.name}/study.toml"
