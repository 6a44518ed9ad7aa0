"""Many short series judged as a cross-section: how often it finds a winner where there is none, and what it costs.

python benchmarks/cross_section.py STUDIES [small]: 4,227 series with one cutoff each on 300 dates, 14 horizons, 60
models and Naive, half of every day's variance and of every model's error common to the date. Each model is exactly as
accurate as naive (least favourable). small: 1,000 series, 150 dates, 4 horizons, 10 models. What a study found is kept,
a line of JSON each, in beatnaive-cross-section/ in the folder for temporary files: a run that was ended goes on there.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from beatnaive.judging.from_table import judge

COMMON, KNOWN = 0.5, 0.02


def simulate(seed, series=4227, dates=300, models=60, horizons=14):
    """A table in Nixtla's layout. A model's call is KNOWN of the outcome plus noise that takes the gain away again."""
    rng = np.random.default_rng(seed)
    days = pd.bdate_range("2015-01-05", periods=dates * 3 + horizons + 1).to_numpy()
    market = rng.standard_normal(len(days)) * np.sqrt(COMMON)
    cut = rng.integers(0, dates, series) * 3
    ahead = cut[:, None] + 1 + np.arange(horizons)
    own = rng.standard_normal((series, horizons)) * np.sqrt(1 - COMMON)
    total = (0.01 * (market[ahead] + own)).cumsum(axis=1)
    frame = {
        "unique_id": np.repeat([f"S{k:05d}" for k in range(series)], horizons),
        "ds": days[ahead].ravel(),
        "cutoff": np.repeat(days[cut], horizons),
        "y": (100 * np.exp(total)).ravel(),
        "Naive": np.full(series * horizons, 100.0),
    }
    scale = 0.01 * np.sqrt(1 + np.arange(horizons)) * np.sqrt(2 * KNOWN - KNOWN**2)
    for k in range(models):
        shared = rng.standard_normal(len(days))[cut][:, None] * np.sqrt(COMMON)
        noise = shared + np.sqrt(1 - COMMON) * rng.standard_normal((series, 1))
        frame[f"m{k:02d}"] = (100 * np.exp(KNOWN * total + scale * noise)).ravel()
    return pd.DataFrame(frame)


def study(seed, size):
    """[winner after Holm over horizons, winner at some horizon by itself, processor seconds, peak MB]."""
    frame = simulate(seed, **size)
    start = time.process_time()
    found = judge(frame)
    seconds = time.process_time() - start
    alone = any(one.named("better") for one in found.horizons.values())
    return bool(found.named("better")), alone, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(studies, small):
    """Prints the share of studies with a winner after Holm over horizons, and the cost of one."""
    size = {"series": 1000, "models": 10, "horizons": 4, "dates": 150} if small else {}
    kept = Path(tempfile.gettempdir()) / "beatnaive-cross-section" / ("small" if small else "full")
    kept.parent.mkdir(exist_ok=True)
    kept.touch()
    for seed in range(len(kept.read_text().splitlines()), studies):
        with kept.open("a") as file:
            print(json.dumps(study(seed, size)), file=file)
    every = [json.loads(line) for line in kept.read_text().splitlines()][:studies]
    joint, single, seconds, memory = zip(*every, strict=True)
    print(f"{studies} studies: a winner in {sum(joint)}, at some horizon by itself in {sum(single)}")
    print(f"{np.mean(seconds):.1f} s of processor time a study, peak {max(memory)} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]), len(sys.argv) > 2)
