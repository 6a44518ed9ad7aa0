"""Which leaks of the audit's catalogue other tools find: a table for docs/audit.md.

They live in an environment of their own, whose Python is the argument:

    python3 -m venv peers && peers/bin/pip install quantlint lookahead-lint
    python benchmarks/audit_peers.py peers/bin/python

Each is run as its documentation says, on the file of every leak and of every clean object: quantlint with its advisory
flags (--strict), lookahead-lint with all rules. Finding anything in a file counts as found. Ours are the rows of the
table in docs/audit.md, which the tests hold to the program.
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
import catalogue

PEERS = {"quantlint": ("--strict",), "lookahead-lint": ("--no-config",)}
PLACE = "<!-- peers -->", "<!-- /peers -->"


def finds(python: Path, tool: str, path: Path) -> bool:
    """Whether the tool reports anything for the file; any end but 0 and 1 is a failure of its own."""
    words = [str(python.parent / tool), *PEERS[tool], str(path)]
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    if said.returncode not in (0, 1):
        raise SystemExit(f"{tool} on {path.name} ended with {said.returncode}: {said.stderr[-300:]}")
    return said.returncode == 1


def main(python: Path) -> None:
    """Write the table, and print it."""
    ours = {row[0]: row[3] != "not caught" for row in catalogue.documented()}
    found = {tool: {path: finds(python, tool, path) for path in (*catalogue.LEAKS, *catalogue.SOUND)} for tool in PEERS}
    lines = ["| leak | " + " | ".join(("beatnaive", *PEERS)) + " |", "|---" * (len(PEERS) + 2) + "|"]
    for path in catalogue.LEAKS:
        marks = ["found" if seen else "-" for seen in (ours[path.stem], *(found[tool][path] for tool in PEERS))]
        lines.append(f"| {path.stem} | " + " | ".join(marks) + " |")
    counts = [sum(ours.values()), *(sum(found[tool][path] for path in catalogue.LEAKS) for tool in PEERS)]
    lines.append(f"| **of {len(catalogue.LEAKS)} leaks** | " + " | ".join(map(str, counts)) + " |")
    alarms = [0, *(sum(found[tool][path] for path in catalogue.SOUND) for tool in PEERS)]
    lines.append(f"| **false alarms, {len(catalogue.SOUND)} clean files** | " + " | ".join(map(str, alarms)) + " |")
    catalogue.write(PLACE, lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
