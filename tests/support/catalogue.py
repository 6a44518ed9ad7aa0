"""The catalogue of leaks and of sound objects, and the table of docs/audit.md that is made from it.

`python tests/support/catalogue.py` runs every audit and writes the tables again; `leaks` or `alarms` one of them.
"""

import ast
import re
import sys
from pathlib import Path

HERE = Path(__file__).parents[1] / "checks" / "auditing"
DOCS = HERE.parents[2] / "docs" / "audit.md"
LEAKS = sorted((HERE / "leaks").glob("*.py"))
SOUND = sorted((HERE / "clean").glob("*.py"))
MARKERS = "<!-- detection -->", "<!-- /detection -->"
SECONDS = 4.0
"""For each audit of the tables; a leak on one row gets the time that it has by default."""
RARE = {"one_row"}
FALSE_ALARMS = "<!-- false alarms -->", "<!-- /false alarms -->"


def about(path: Path) -> str:
    """The first line of a file's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()[0]


def declared(path: Path) -> str:
    """The experiment that the file says must catch it."""
    found = re.search(r'^CAUGHT_BY = "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return found[1]


def documented(markers: tuple[str, str] = MARKERS) -> list[list[str]]:
    """The cells of a table in docs/audit.md, without its head."""
    text = DOCS.read_text(encoding="utf-8")
    inside = text[text.index(markers[0]) : text.index(markers[1])]
    lines = [line for line in inside.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def detection_rows() -> list[str]:
    """One line per leak: file, what it is, kind, and the experiments that catch it."""
    from beatnaive.checks import audit

    lines = ["| leak | what it does | kind | caught by |", "|---|---|---|---|"]
    for path in LEAKS:
        report = audit(f"{path}:leak", seconds=None if path.stem in RARE else SECONDS)
        caught = ", ".join(dict.fromkeys(leak.test for leak in report.leaks)) or "not caught"
        kind, _, what = about(path).partition(": ")
        lines.append(f"| {path.stem} | {what.rstrip('.')} | {kind} | {caught} |")
    return lines


def alarm_rows() -> list[str]:
    """One line per group of sound objects: how many, alarms, doubts, experiments."""
    from beatnaive.checks import audit
    from beatnaive.features import FEATURES, feature_set
    from beatnaive.models import MODELS

    sys.path.insert(0, str(HERE))
    from talib_everything import FUNCTIONS, everything

    groups = {
        "feature sets shipped": ([*FEATURES], sum(len(feature_set(name).columns) for name in FEATURES), "columns"),
        "models shipped": ([name for name in MODELS if name != "combination"], None, "models"),
        "TA-Lib, all functions": ([everything], len(FUNCTIONS), "functions"),
        "clean code of users": ([f"{path}:sound" for path in SOUND], None, "files"),
    }
    lines = ["| sound objects | how many | leaks reported | doubts | runs |", "|---|---|---|---|---|"]
    for group, (subjects, count, what) in groups.items():
        reports = [audit(subject, seconds=SECONDS) for subject in subjects]
        alarms, doubts = (sum(len(getattr(one, kind)) for one in reports) for kind in ("leaks", "doubts"))
        runs = sum(one.runs for report in reports for one in report.experiments)
        lines.append(f"| {group} | {count or len(subjects)} {what} | {alarms} | {doubts} | {runs} |")
    return lines


def write(markers: tuple[str, str], lines: list[str]) -> None:
    """Put the lines between the markers."""
    text = DOCS.read_text(encoding="utf-8")
    head, tail = text[: text.index(markers[0])], text[text.index(markers[1]) :]
    DOCS.write_text(head + "\n".join([markers[0], *lines]) + "\n" + tail, encoding="utf-8")


if __name__ == "__main__":
    if "alarms" not in sys.argv:
        write(MARKERS, detection_rows())
    if "leaks" not in sys.argv:
        write(FALSE_ALARMS, alarm_rows())
