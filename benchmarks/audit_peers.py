"""Which leaks of the audit's catalogue other tools find: a table for docs/audit.md.

They live in an environment of their own, whose Python is the first argument; FOLDER keeps
what freqtrade said, so that an interrupted run goes on:

    python3 -m venv peers
    peers/bin/pip install quantlint lookahead-lint temporal-leaks freqtrade scikit-learn arch
    python benchmarks/audit_peers.py peers/bin/python FOLDER

Each is run as its documentation says, on the file of every leak and of every clean object: quantlint with its advisory
flags (--strict), lookahead-lint with all rules; finding anything in a file counts as found. freqtrade's
lookahead-analysis takes strategies: audit_in_freqtrade.py puts feature functions into one. temporal-leaks is imported,
to see whether it can be. Ours are the rows of the table in docs/audit.md, which the tests hold to the program.
"""

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
import catalogue

from beatnaive.checks import index_frame

READERS = {"quantlint": ("--strict",), "lookahead-lint": ("--no-config",)}
PEERS = (*READERS, "freqtrade")
PLACE = "<!-- peers -->", "<!-- /peers -->"
FILES = (*catalogue.LEAKS, *catalogue.SOUND)


def read_by(python: Path, tool: str, path: Path) -> str:
    """Whether the tool reports anything for the file; any end but 0 and 1 is a failure of its own."""
    words = [str(python.parent / tool), *READERS[tool], str(path)]
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    if said.returncode not in (0, 1):
        raise SystemExit(f"{tool} on {path.name} ended with {said.returncode}: {said.stderr[-300:]}")
    return "found" if said.returncode else "-"


def analysed_by_freqtrade(python: Path, folder: Path) -> dict[Path, str]:
    """What its lookahead-analysis says of every strategy, and of every feature function put into one."""
    suitable = [path for path in FILES if catalogue.about(path).partition(":")[0] in ("Feature", "Strategy")]
    folder.mkdir(parents=True, exist_ok=True)
    candles = folder / "candles.csv"
    index_frame(5000).rename(columns=str.lower).to_csv(candles)
    script = str(Path(__file__).with_name("audit_in_freqtrade.py"))
    words = [str(python), script, str(candles), str(folder), *map(str, suitable)]
    said = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(said.stdout)
    return {path: told.get(str(path), "takes none") for path in FILES}


def versions(python: Path) -> dict[str, str]:
    """Of everything in the table; and how an import of temporal-leaks ends."""
    code = (
        "import importlib.metadata as m, json\n"
        f"found = {{n: m.version(n) for n in {(*PEERS, 'temporal-leaks')!r}}}\n"
        "try:\n    from temporal_leaks import TemporalAudit\n    found['ends'] = ''\n"
        "except ImportError as error:\n    found['ends'] = str(error)\n"
        "print(json.dumps(found))"
    )
    said = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True, cwd="/")
    found: dict[str, str] = json.loads(said.stdout)
    return found


def main(python: Path, folder: Path) -> None:
    """Write the table, and print it."""
    ours = {row[0]: "found" if row[3] != "not caught" else "-" for row in catalogue.documented()}
    found = {tool: {path: read_by(python, tool, path) for path in FILES} for tool in READERS}
    found["freqtrade"] = analysed_by_freqtrade(python, folder)
    lines = ["| leak | " + " | ".join(("beatnaive", *PEERS)) + " |", "|---" * (len(PEERS) + 2) + "|"]
    for path in catalogue.LEAKS:
        marks = [ours[path.stem], *(found[tool][path].partition(":")[0] for tool in PEERS)]
        lines.append(f"| {path.stem} | " + " | ".join(marks) + " |")

    def counted(paths: list[Path], tool: str) -> str:
        said = [found[tool][path] for path in paths]
        answers = sum(one in ("found", "-") for one in said)
        return f"{said.count('found')}" + ("" if answers == len(paths) else f" of {answers}")

    counts = [str(list(ours.values()).count("found")), *(counted(catalogue.LEAKS, tool) for tool in PEERS)]
    lines.append(f"| **of {len(catalogue.LEAKS)} leaks** | " + " | ".join(counts) + " |")
    alarms = ["0", *(counted(catalogue.SOUND, tool) for tool in PEERS)]
    lines.append(f"| **false alarms, {len(catalogue.SOUND)} clean files** | " + " | ".join(alarms) + " |")
    told = versions(python)
    ends = told.pop("ends")
    lines += ["", "Run with " + ", ".join(f"{name} {version}" for name, version in told.items()) + "."]
    if ends:
        ends = ends.split(" (")[0]
        lines.append(f"temporal-leaks could not be run: its package holds no code, its import ends with `{ends}`.")
    catalogue.write(PLACE, lines)
    print("\n".join(lines))
    for path in FILES:
        if found["freqtrade"][path].startswith("failed"):
            print(path.stem, found["freqtrade"][path], file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute())
