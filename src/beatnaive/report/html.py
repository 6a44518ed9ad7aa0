"""The one HTML engine: a page is one file with everything in it; what a report is made of, and how any page is written.

Reports and comparisons are a `Page` of sections; the pages of `explain` fill templates of their own.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
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


@dataclass(frozen=True, kw_only=True, eq=False)
class Figure:
    """A chart on a page: its Vega-Lite specification without a theme, and what it shows in words.

    `caption` is the chart's text for those who cannot see it; `canvas` draws it as pixels, for thousands of marks.

    >>> Figure(name="errors by year", spec={}, caption="Skill per year.").id
    'chart-errors-by-year'
    """

    name: str
    spec: dict[str, Any]
    caption: str
    title: str = ""
    canvas: bool = False

    @property
    def id(self) -> str:
        """The element that holds the specification on the page."""
        return f"chart-{re.sub('[^a-z0-9]+', '-', self.name.lower())}"

    @property
    def json(self) -> Markup:
        """The specification as text that cannot leave its script element."""
        return script_json(self.spec)


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


def figure(name: str, spec: dict[str, Any]) -> Figure:
    """A chart's specification (of `charts.to_spec`) as a figure of a report.

    Its title becomes the heading and its subtitle the caption, as text of the page that wraps; where the chart zooms,
    the caption says how.
    """
    title = spec.get("title", {})
    heading, *lines = [title] if isinstance(title, str) else [title["text"], *title.get("subtitle", ())]
    if any(param.get("bind") == "scales" for param in spec.get("params", ())):
        lines.append(CONTROLS)
    return Figure(name=name, spec=spec, title=heading, caption=" ".join(lines).strip())


def render_page(page: Page) -> str:
    """A report as HTML text; empty sections are left out."""
    sections = [section for section in page.sections if section]
    context = {
        "title": page.title, "kicker": page.kicker, "lead": page.lead, "footer": page.footer, "sections": sections,
    }  # fmt: skip
    return render("report.html", context, [one for section in sections for one in section.figures], style="report.css")


def render(template: str, context: Mapping[str, Any], figures: Sequence[Figure] = (), *, style: str) -> str:
    """A page as HTML text: a template of `templates/` filled with `context`, everything it needs inside it once.

    figures: the charts, which the template places by their names; style: the page's own style sheet. Text is escaped.
    The page carries a Content-Security-Policy that lets run exactly the scripts and styles written here, by their
    sha256, and nothing of the text that data brought in; nothing is fetched and no text is evaluated as a program.
    """
    from markupsafe import Markup

    scripts = [chart_library()] if figures else []
    scripts.append(asset("page.js"))
    styles = asset(style) + asset("charts.css")
    return (
        environment()
        .get_template(template)
        .render(
            **context,
            figures={one.name: one for one in figures},
            policy=policy(scripts, styles),
            style=Markup(styles),
            scripts=[Markup(script) for script in scripts],
            themes=themes(),
        )
    )


def policy(scripts: Sequence[str], style: str) -> str:
    """The page's Content-Security-Policy: these scripts and this style by hash, pictures from within, else nothing.

    >>> policy(["draw()"], "p {}")[:56]
    "default-src 'none'; script-src 'sha256-jm3FkV4tNIdBUr8jR"
    """

    def allowed(text: str) -> str:
        return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"

    by_hash = f"script-src {' '.join(map(allowed, scripts))}; style-src {allowed(style)}"
    return f"default-src 'none'; {by_hash}; img-src data:; base-uri 'none'; form-action 'none'"


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


def minus(value: float, digits: int = 4) -> str:
    """A number with a true minus sign, as the pages of `explain` print it.

    >>> minus(-0.25, 2)
    '−0.25'
    """
    return f"{value:.{digits}f}".replace("-", "−")


def indexed(text: str) -> Markup:
    """Symbols at a step, "h_t" and "h_t−1", with their index set low.

    >>> str(indexed("c_t−1 < 1"))
    'c<sub>t−1</sub> &lt; 1'
    """
    from markupsafe import Markup, escape

    return Markup(re.sub(r"_(t(?:−1)?)", r"<sub>\1</sub>", str(escape(text))))


@cache
def themes() -> Markup:
    """The charts' themes, light and dark, for a page's script."""
    from beatnaive.report.charts.theme import INKS, vega_theme

    return script_json({mode: vega_theme(mode) for mode in INKS})


@cache
def chart_library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, from vl-convert; inside a page "</script" must not occur in it.

    Bundling takes two seconds, so that it is kept in the user's cache folder, once for all kinds of pages.
    """
    from importlib.metadata import version

    return kept(f"vega-{version('vl-convert-python')}.js", _bundled).decode()


def _bundled() -> bytes:
    import vl_convert

    bundle: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # the stub forgets the default
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--").encode()


@cache
def environment() -> Environment:
    """The templates, with their filters; text that is put into them is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["unbroken"] = lambda text: text.replace(" %", "\u00a0%")
    environment.filters["number"] = minus
    environment.filters["indexed"] = indexed
    return environment


@cache
def asset(name: str) -> str:
    """A style sheet or program of the pages, as text."""
    return (TEMPLATES / name).read_text(encoding="utf-8")
