"""The page: one HTML file with everything in it; sections of text, tables and charts, nothing fetched from anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatnaive.core.files import kept

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"
CONTROLS = "Drag to move, Shift and wheel to zoom, double click to reset; hover for values."


@dataclass(frozen=True)
class Cell:
    """One table cell: its text, the number it sorts by, its CSS class."""

    text: str
    value: float | None = None
    kind: str = ""


@dataclass(frozen=True)
class Column:
    """A column's heading; `text` columns are aligned to the left."""

    name: str
    text: bool = False


@dataclass(frozen=True)
class Row:
    """Cells; a `reference` row (the benchmark) is shaded."""

    cells: tuple[Cell, ...]
    reference: bool = False


@dataclass(frozen=True)
class Table:
    """A sortable table; its caption is its accessible name."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Figure:
    """A chart's specification as JSON, with its heading and its caption as text of the page."""

    id: str
    title: str
    caption: str
    json: Markup


@dataclass(frozen=True)
class Answer:
    """A question a reader has, the answer in sentences, and what to type where it is a command."""

    question: str
    lines: tuple[str, ...]
    code: str = ""


@dataclass(frozen=True)
class Method:
    """One paragraph that explains a method, behind a disclosure."""

    question: str
    answer: str


@dataclass(frozen=True)
class Code:
    """A block of text as it is: a study file, a command."""

    heading: str
    text: str


@dataclass(frozen=True)
class Section:
    """A part of the page; an empty one is left out."""

    id: str
    heading: str
    lines: Sequence[str] = ()
    answers: Sequence[Answer] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[Figure] = ()
    code: Sequence[Code] = ()
    methods: Sequence[Method] = ()

    def __bool__(self) -> bool:
        return any((self.lines, self.answers, self.tables, self.figures, self.code))


@dataclass(frozen=True)
class Page:
    """A title, a kicker over it, the lead under it, sections, and the last line."""

    title: str
    kicker: str
    lead: Sequence[str]
    sections: Sequence[Section] = field(default_factory=tuple)
    footer: str = ""


def figure(name: str, spec: dict[str, Any], note: str = "") -> Figure:
    """A chart's specification (of `figures.to_spec`) as a figure; title and subtitle become its heading and caption."""
    title = spec.get("title", {})
    lines = [title] if isinstance(title, str) else [title["text"], *title.get("subtitle", ())]
    caption = " ".join([*lines[1:], note or _controls(spec)]).strip()
    return Figure(f"chart-{re.sub('[^a-z0-9]+', '-', name.lower())}", lines[0], caption, script_json(spec))


def _controls(spec: dict[str, Any]) -> str:
    params = [param.get("bind") for param in spec.get("params", ())]
    return CONTROLS if "scales" in params else ""


def script_json(data: Any) -> Markup:
    """JSON that no text inside can break out of a script element.

    >>> str(script_json({"symbol": "</script>"}))
    '{"symbol":"\\\\u003c/script\\\\u003e"}'
    """
    from markupsafe import Markup

    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # every "<", ">" and "&" is gone: it cannot be markup


def render(page: Page) -> str:
    """The whole page as HTML text: charts' library, style and program inside it once."""
    from markupsafe import Markup

    from beatnaive.report.charts import theme

    charts = any(section.figures for section in page.sections)
    return _environment().get_template("page.html.j2").render(
        title=page.title, kicker=page.kicker, lead=page.lead, footer=page.footer,
        sections=[section for section in page.sections if section],
        style=Markup(_asset("style.css")), program=Markup(_asset("page.js")),
        library=Markup(_library() if charts else ""),
        themes=script_json({mode: theme.config(mode) for mode in theme.INKS}),
    )  # fmt: skip


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    environment.filters["unbroken"] = lambda text: text.replace(" %", "\u00a0%")
    return environment


@cache
def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, from vl-convert; inside a page "</script" must not occur in it.

    Bundling takes two seconds, so that it is kept in the user's cache folder.
    """
    from importlib.metadata import version

    return kept(f"vega-{version('vl-convert-python')}.js", _bundled).decode()


def _bundled() -> bytes:
    import vl_convert

    bundle: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # the stub forgets the default
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--").encode()
