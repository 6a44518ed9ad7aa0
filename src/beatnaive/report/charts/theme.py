"""The one look of all charts: fonts, inks and a colour per model, for light and for dark pages.

The ten colours keep a contrast of at least 3:1 on white and on the dark page, and differ from each other for
readers with protanopia, deuteranopia and tritanopia too (tests compute both); beyond ten, dashes tell lines apart.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple

FONT = "Inter, 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"

INKS = {
    "light": {"page": "#ffffff", "ink": "#1b1f27", "muted": "#565d6b", "grid": "#e7e9ee", "line": "#b9bfca"},
    "dark": {"page": "#14171c", "ink": "#eceef3", "muted": "#a7aebc", "grid": "#2a2f39", "line": "#4a5160"},
}

DIVERGING = {
    "light": ["#8f3b00", "#e08214", "#fbd9b0", "#f6f7f9", "#b5d8f7", "#3d8fd6", "#08467f"],
    "dark": ["#ffc27d", "#e08214", "#6b4419", "#1b1f26", "#1d466e", "#3d8fd6", "#a9d4ff"],
}
"""Heat maps of signed values: below zero orange, zero the colour of the page, above zero blue."""

HEATMAP = {
    "light": ["#f4f6f9", "#a9cdea", "#3d8fd6", "#08467f", "#04213f"],
    "dark": ["#1b1f26", "#123a5f", "#2674b5", "#6cb4f0", "#dceeff"],
}
"""Heat maps of shares: 0 the colour of the page, 1 the strongest blue."""

GAIN, HARM = "#0096ff", "#e1003c"
"""Better and worse than naive: the two colours that differ most for every kind of sight."""


class Look(NamedTuple):
    """How one model is drawn everywhere: its colour and its dash pattern (pixels on, pixels off)."""

    colour: str
    dash: tuple[int, int]


SOLID, DASHED, DOTTED = (1, 0), (7, 3), (2, 2)
PALETTE = ("#e1003c", "#0096ff", "#c38700", "#00782d", "#a51ec3", "#4b87b4", "#ff2dd2", "#969678", "#9600ff")
KNOWN = {
    "naive": Look("#787878", SOLID),
    "lstm": Look("#e1003c", SOLID),
    "linear": Look("#0096ff", SOLID),
    "moving_average": Look("#c38700", SOLID),
    "ridge": Look("#00782d", SOLID),
    "historical_mean": Look("#a51ec3", DASHED),
    "drift": Look("#969678", DASHED),
    "mean_20": Look("#787878", DASHED),
    "holding": Look("#787878", DOTTED),
}


def looks(models: Iterable[str]) -> dict[str, Look]:
    """Each model's look: fixed for the well-known names, else chosen by the name, never twice the same in one run.

    >>> looks(["naive", "lstm"])["lstm"]
    Look(colour='#e1003c', dash=(1, 0))
    """
    models = list(models)
    chosen = {name: KNOWN[name] for name in models if name in KNOWN}
    rings = [[Look(colour, dash) for colour in PALETTE] for dash in (SOLID, DASHED, DOTTED)]
    for name in sorted(set(models) - set(chosen)):
        # the name's own place on the ring of colours, else the next free one, solid lines first; all taken: its own
        start = zlib.crc32(name.encode()) % len(PALETTE)
        wheel = [look for ring in rings for look in ring[start:] + ring[:start]]
        free = (look for look in wheel if look not in chosen.values())
        chosen[name] = next(free, wheel[start])
    return {name: chosen[name] for name in models}


def vega_theme(mode: str = "light", *, background: bool = False) -> dict[str, Any]:
    """The Vega-Lite configuration of a mode, "light" or "dark"; `background` paints the page (for PNG).

    >>> vega_theme("dark")["axis"]["titleColor"]
    '#eceef3'
    """
    inks = INKS[mode]
    return {
        "font": FONT,
        "background": inks["page"] if background else "transparent",
        "padding": 14 if background else 4,
        "aria": False,  # the page describes each chart once; a label per mark would drown a screen reader
        "view": {"stroke": None},
        "title": {
            "anchor": "start", "frame": "group", "fontSize": 16, "fontWeight": 600, "color": inks["ink"], "offset": 14,
            "subtitleFontSize": 12, "subtitleColor": inks["muted"], "subtitlePadding": 6, "subtitleLineHeight": 16,
        },
        "axis": {
            "labelColor": inks["muted"], "titleColor": inks["ink"], "titleFontWeight": 500, "titleFontSize": 12,
            "labelFontSize": 11, "gridColor": inks["grid"], "domainColor": inks["line"], "tickColor": inks["line"],
            "titlePadding": 8, "labelPadding": 4,
        },
        "legend": {
            "orient": "top", "title": None, "labelColor": inks["ink"], "labelFontSize": 12, "symbolSize": 160,
            "symbolStrokeWidth": 2.5, "symbolOpacity": 1, "columnPadding": 14, "labelLimit": 220, "offset": 8,
        },
        "header": {"labelColor": inks["ink"], "labelFontSize": 12, "labelFontWeight": 600, "labelAnchor": "start"},
        "text": {"color": inks["ink"], "fontSize": 11},
        "rule": {"color": inks["muted"]},
        "style": {name: {"color": inks[name]} for name in ("ink", "muted")},
        "range": {"diverging": DIVERGING[mode], "heatmap": HEATMAP[mode], "ramp": HEATMAP[mode]},
    }  # fmt: skip
