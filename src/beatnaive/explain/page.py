"""One offline HTML file: text from a template, charts drawn by the Vega library inside the page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beatnaive.report.charts.theme import INKS, config

if TYPE_CHECKING:
    import altair as alt

DIVERGING = {
    "light": ["#8f3b00", "#e08214", "#fbd9b0", "#f6f7f9", "#b5d8f7", "#3d8fd6", "#08467f"],
    "dark": ["#ffc27d", "#e08214", "#6b4419", "#1b1f26", "#1d466e", "#3d8fd6", "#a9d4ff"],
}
"""Below zero orange, zero the colour of the page, above zero blue."""

HEATMAP = {
    "light": ["#f4f6f9", "#a9cdea", "#3d8fd6", "#08467f", "#04213f"],
    "dark": ["#1b1f26", "#123a5f", "#2674b5", "#6cb4f0", "#dceeff"],
}
"""0 the colour of the page, 1 the strongest blue."""


@dataclass(frozen=True, eq=False)
class Figure:
    """A chart and what it shows in words, for those who cannot see it; `big` ones are drawn on a canvas."""

    name: str
    chart: alt.TopLevelMixin
    words: str
    big: bool = False

    def spec(self) -> dict[str, Any]:
        """The Vega-Lite specification, without a theme."""
        spec = self.chart.to_dict()
        spec.pop("config", None)
        return spec

    def png(self, mode: str = "light") -> bytes:
        """The chart as a PNG file's bytes."""
        import vl_convert

        return bytes(vl_convert.vegalite_to_png(self.spec(), config=settings(mode, background=True), scale=2.0))


def settings(mode: str, *, background: bool = False) -> dict[str, Any]:
    """The theme of all charts, with the colour ranges of the heat maps."""
    ranges = {"diverging": DIVERGING[mode], "heatmap": HEATMAP[mode], "ramp": HEATMAP[mode]}
    return {**config(mode, background=background), "range": ranges}


def render(template: str, context: Mapping[str, Any], figures: Sequence[Figure] = ()) -> str:
    """The page: a template of this package filled with `context`; text is escaped, nothing is fetched."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("beatnaive.explain")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.lstrip_blocks = True
    environment.filters["number"] = number
    return environment.get_template(template).render(
        **context,
        inks=INKS,
        figures={figure.name: figure for figure in figures},
        charts=_script({f.name: {"spec": f.spec(), "renderer": "canvas" if f.big else "svg"} for f in figures}),
        themes=_script({mode: settings(mode) for mode in INKS}),
        vega=_library() if figures else "",
    )


def number(value: float, digits: int = 4) -> str:
    """A number with a true minus sign.

    >>> number(-0.25, 2)
    '−0.25'
    """
    return f"{value:.{digits}f}".replace("-", "−")


def _script(data: Any) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _library() -> str:
    import vl_convert

    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")).replace("</script", "<\\/script")
