"""docs/notebook.ipynb runs from top to bottom, and shows what its text promises."""

import ast
import json
from pathlib import Path

import pandas as pd

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"


def test_the_notebook_runs_and_every_cell_shows_something():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    space: dict[str, object] = {}
    shown = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop()
        assert isinstance(last, ast.Expr), "a cell ends with what it shows"
        exec(compile(tree, "notebook", "exec"), space)
        shown.append(eval(compile(ast.Expression(last.value), "notebook", "eval"), space))
    for one in shown[:-1]:
        assert hasattr(one, "_repr_html_") or hasattr(one, "to_dict")
    judged = space["judged"]
    assert judged.named("naive") == ("last",)
    assert judged.named("worse") == ("average",)
    assert space["result"].verdict.words in space["result"]._repr_html_().replace("&#x27;", "'").replace("&amp;", "&")
    assert not space["report"].clean
    assert (pd.DataFrame(space["scores"])["naive"] == 0).all()
    assert shown[-1][1] == "naive"
