"""How often does the verdict err, and how often does it see what is there? Writes the table of docs/honesty.md.

usage: python benchmarks/honesty.py [--studies 2000] [--jobs 2] [--only TEXT] [--cache FOLDER] [--write]

Every case (`honesty_cases.py`) is a simulated market whose truth is known. Each study runs the shipped rule with 499
instead of 9,999 bootstrap replications: that moves a p-value of 0.05 by 0.01 at most (one standard error) and the rate
over all studies hardly at all, since every study draws its own samples. A run that was ended goes on where it stopped:
the hits of every batch are kept in FOLDER.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # parallel by process

from honesty_cases import SHOWN, Case, cases, interval

ROOT = Path(__file__).resolve().parent.parent


def count(case: Case, studies: int, jobs: int = 1, kept: Path | None = None) -> dict[str, int]:
    """Hits per measure over `studies` studies; the seeds depend on the case's name and the batch only.

    kept: a file with the hits of earlier batches, one JSON list [batch, studies, hits] a line, and where new ones go:
    a run that was ended goes on there.
    """
    sizes = {k: min(case.batch, studies - k * case.batch) for k in range(-(-studies // case.batch))}
    lines = [json.loads(line) for line in kept.read_text().splitlines()] if kept and kept.exists() else []
    results = {k: hits for k, size, hits in lines if sizes.get(k) == size}
    missing = [k for k in sizes if k not in results]
    with ProcessPoolExecutor(jobs) if jobs > 1 else nullcontext() as pool:
        each = (pool.map if pool else map)(_batch, [case] * len(missing), missing, [sizes[k] for k in missing])
        for k, hits in zip(missing, each, strict=True):
            results[k] = {measure: int(hits.get(measure, 0)) for measure in case.bars}
            if kept:
                with kept.open("a") as file:
                    print(json.dumps([k, sizes[k], results[k]]), file=file)
    return {measure: sum(result[measure] for result in results.values()) for measure in case.bars}


def _batch(case: Case, number: int, studies: int) -> dict[str, int]:
    return case.run(case.generator(number), studies)


def table(results: dict[str, dict[str, int]], studies: dict[str, int]) -> str:
    """Markdown: a row per case and measure."""
    lines = ["| case | measured | rate | 95 % interval | studies | bar | kept |", "|---|---|---|---|---|---|---|"]
    for case in cases():
        for measure, bar in case.bars.items() if case.name in results else ():
            hits, n = results[case.name][measure], studies[case.name]
            low, high = (100 * x for x in interval(hits, n))
            kept = "" if bar == SHOWN else "yes" if bar.kept(hits, n) else "NO"
            rate = f"{100 * hits / n:.1f} % | {low:.1f} to {high:.1f} %"
            lines.append(f"| {case.name} | {measure} | {rate} | {n:,} | {bar.words()} | {kept} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "beatnaive-honesty")
    parser.add_argument("--write", action="store_true", help="put the table into docs/honesty.md")
    asked = parser.parse_args()
    asked.cache.mkdir(parents=True, exist_ok=True)
    results, studies = {}, {}
    for case in cases():
        if asked.only not in case.name:
            continue
        count_of = min(asked.studies, case.studies)
        file = asked.cache / f"{hashlib.sha256(case.name.encode()).hexdigest()[:16]}.jsonl"
        started = time.perf_counter()
        results[case.name], studies[case.name] = count(case, count_of, asked.jobs, file), count_of
        print(f"{time.perf_counter() - started:6.1f} s  {case.name}: {results[case.name]}", flush=True)
    print(table(results, studies))
    if asked.write:
        write(table(results, studies))


def write(text: str) -> None:
    """Replace what stands between the two marks of docs/honesty.md."""
    page = ROOT / "docs" / "honesty.md"
    before, _, rest = page.read_text(encoding="utf-8").partition("<!-- table -->\n")
    _, _, after = rest.partition("<!-- end of table -->")
    page.write_text(f"{before}<!-- table -->\n{text}\n<!-- end of table -->{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
