"""docs/data.md lists every finding there is, and no other."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def kinds_in_the_code() -> set[str]:
    """The second argument of every `report` and `Finding`, and the kinds that are chosen from a table."""
    from beatnaive.prices.quality.dividends import CAUSES
    from beatnaive.prices.quality.examine import ALONE
    from beatnaive.prices.quality.sessions import SPARSE

    found = {*ALONE, *SPARSE, *CAUSES}
    for path in (ROOT / "src" / "beatnaive" / "prices" / "quality").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("report", "Finding"):
                named = [word.value for word in node.keywords if word.arg == "kind"]
                given = [*node.args[1:2], *named]
                found |= {str(value.value) for value in given if isinstance(value, ast.Constant)}
    return found


def test_the_table_of_findings_is_complete() -> None:
    text = (ROOT / "docs" / "data.md").read_text()
    table = text.partition("## Findings")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert {kind for row in rows for kind in re.findall(r"`(\w+)`", row)} == kinds_in_the_code()
