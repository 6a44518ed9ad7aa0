"""The app's own pages: the templates of the reports, and a frame with the ways between the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from beatnaive.core.version import __version__
from beatnaive.report.facts import number, p_value
from beatnaive.report.html import Figure, asset, chart_library, environment, script_json, themes

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
WAYS = (("/", "Runs"), ("/new", "New study"), ("/judge", "Judge"), ("/ledger", "Ledger"), ("/learn", "Learn"))
"""Address and name of the pages that every page leads to."""


def page(template: str, context: Mapping[str, Any], *, here: str, post: str, figures: Sequence[Figure] = ()) -> str:
    """A page as HTML: a template of this folder; here: the way that is marked; post: the token of its requests."""
    return (
        _templates()
        .get_template(template)
        .render(
            **context, here=here, ways=WAYS, post=post, version=__version__, themes=themes(), charts=bool(figures),
            figures=figures,
        )
    )  # fmt: skip


def static(name: str) -> tuple[bytes, str] | None:
    """The content and type of one of the app's files, None where there is no such file."""
    if name == "app.css":
        return (asset("report.css") + asset("charts.css") + _own("app.css")).encode(), "text/css"
    if name == "page.js":
        return asset("page.js").encode(), "text/javascript"
    if name == "app.js":
        return _own("app.js").encode(), "text/javascript"
    if name == "charts.js":
        return chart_library().encode(), "text/javascript"
    return None


def address(path: str, *before: str) -> str:
    """A path below the app's folder as part of an address.

    >>> address("a b/c", "runs")
    '/runs/a%20b/c'
    """
    return "/" + "/".join(quote(part, safe="") for part in (*before, *path.split("/")))


def tilde(folder: Path) -> str:
    """A folder as people write it: what lies in their own home begins with a tilde.

    >>> tilde(Path.home() / "stocks"), tilde(Path("/"))
    ('~/stocks', '/')
    """
    with suppress(RuntimeError, ValueError):  # nobody's home, or not below it
        return f"~/{folder.relative_to(Path.home()).as_posix()}".removesuffix("/.")
    return str(folder)


@cache
def _own(name: str) -> str:
    return (HERE / "static" / name).read_text(encoding="utf-8")


@cache
def _templates() -> Environment:
    from jinja2 import ChoiceLoader, FileSystemLoader

    shared = environment()
    assert shared.loader is not None
    own = shared.overlay(loader=ChoiceLoader([FileSystemLoader(HERE / "templates"), shared.loader]))
    own.filters.update(address=address, p_value=p_value, figures=number, script_json=script_json, tilde=tilde)
    return own
