"""Would the published studies have paid, and would ranks on the S&P 500? What docs/published.md says, as it comes out.

python benchmarks/published_worth.py [--only NAME] [--out FOLDER]: runs each study into FOLDER/NAME/run, alone in its
folder, so that no other counts as an earlier trial; a run that is there already is read, one that was stopped goes on.
AAPL is read from ../shared/data as it was traded; the LSTMs of three studies take minutes each, the panel some more.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from beatnaive.payoff.words import ruling_words, sentence

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
AAPL, PANEL = DATA / "AAPL_raw_2016_2026.csv", DATA / "panel_sp500_2016_2026.parquet"

RANKS = f"""
source   = {{ kind = "file", path = "{PANEL}" }}
features = ["returns"]
split    = {{ kind = "walk_forward", first = 504, refit_every = 63 }}
seeds    = 1
[models.naive]
[models.ridge]
[models.boosting]
"""

STUDIES = {
    "published": ("published", AAPL),
    "published_lstm": ("published_lstm", AAPL),
    "corrected": ("corrected", AAPL),
    "close_only": ("close_only", None),
    "ranks": (RANKS, None),
}
"""Shipped study or its text, and the file that replaces its source."""


def command_of(name: str, folder: Path) -> list[str]:
    """What runs a study, or goes on with it."""
    start = [sys.executable, "-c", "from beatnaive.cli import main; main()", "run", "--quiet"]
    if (folder / "run.json").exists():
        return [*start, "--resume", str(folder)]
    study, source = STUDIES[name]
    if "\n" in study:
        written = folder.parent / f"{name}.toml"
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(study, encoding="utf-8")
        study = str(written)
    return [*start, "--study", study, "--out", str(folder), *(["--source", str(source)] if source else [])]


def main() -> None:
    """Print what worth says of each study."""
    import beatnaive as bn

    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", choices=STUDIES, action="append")
    parser.add_argument("--out", type=Path, default=Path("runs") / "published_worth")
    asked = parser.parse_args()
    for name in asked.only or STUDIES:
        if not DATA.is_dir() and name != "close_only":
            print(f"{name}: skipped, ../shared/data is not beside this checkout")
            continue
        folder = asked.out / name / "run"
        if not (folder / "worth.json").exists():
            subprocess.run(command_of(name, folder), check=True)
        worth = bn.worth(folder)
        print(f"{name}: {worth.words}", flush=True)
        for model, traded in worth.models.items():
            print(f"  {sentence(model, worth.plan, traded, worth.holding, trials=worth.trials)}")
            print(f"  {ruling_words(model, worth.plan, worth.rulings[model], worth.trials)}")
        found = worth.cross_section
        for model, one in found.models.items() if found else ():
            ends = f"{one.low:+.4f} to {one.high:+.4f}" if one.low is not None and one.high is not None else "none"
            print(
                f"  {model}: IC {one.ic.ic:+.4f} (error {one.ic.error:.4f}, 90 % {ends}), {one.ruling}; highest fifth "
                f"{100 * one.quantiles[-1]:+.1f} %, equal weights {100 * found.market:+.1f} %, difference "
                f"{100 * one.gain:+.1f} ({100 * one.gain_low:+.1f} to {100 * one.gain_high:+.1f}), turnover "
                f"{one.turnover:.0f} a year; ahead {[f'{m.ic:+.4f}' for m in one.ahead.values()]}"
            )


if __name__ == "__main__":
    main()
