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
}


def looks(models: Iterable[str]) -> dict[str, Look]:
    """Each model's look: fixed for the well-known names, else chosen by the name, never twice the same in one run.

    >>> looks(["naive", "lstm"])["lstm"]
    Look(colour='#e1003c', dash=(1, 0))
    """
    models = list(models)
    chosen = {name: KNOWN[name] for name in models if name in KNOWN}
    wheel = [Look(colour, dash) for dash in (SOLID, DASHED, DOTTED) for colour in PALETTE]
    for name in sorted(set(models) - set(chosen)):
        chosen[name] = _free(wheel, zlib.crc32(name.encode()), set(chosen.values()))
    return {name: chosen[name] for name in models}


def _free(wheel: list[Look], start: int, taken: set[Look]) -> Look:
    """The name's own place on its ring of colours, else the next free one, solid lines first."""
    rings = [wheel[k : k + len(PALETTE)] for k in range(0, len(wheel), len(PALETTE))]
    for ring in rings:
        first = start % len(ring)
        for look in ring[first:] + ring[:first]:
            if look not in taken:
                return look
    return wheel[start % len(wheel)]


def config(mode: str = "light", *, background: bool = False) -> dict[str, Any]:
    """The Vega-Lite configuration of a mode, "light" or "dark"; `background` paints the page (for PNG)."""
    inks = INKS[mode]
    return {
        "font": FONT,
        "background": inks["page"] if background else "transparent",
        "padding": 14 if background else 4,
        "aria": False,  # the page describes each chart once; a label per mark would drown a screen reader
        "view": {"stroke": None},
        "title": _title(inks),
        "axis": _axis(inks),
        "legend": _legend(inks),
        "header": {"labelColor": inks["ink"], "labelFontSize": 12, "labelFontWeight": 600, "labelAnchor": "start"},
        "text": {"color": inks["ink"], "fontSize": 11},
        "rule": {"color": inks["muted"]},
        "style": {name: {"color": inks[name]} for name in ("ink", "muted")},
    }


def _title(inks: dict[str, str]) -> dict[str, Any]:
    return {
        "anchor": "start", "frame": "group", "fontSize": 16, "fontWeight": 600, "color": inks["ink"], "offset": 14,
        "subtitleFontSize": 12, "subtitleColor": inks["muted"], "subtitlePadding": 6, "subtitleLineHeight": 16,
    }  # fmt: skip


def _axis(inks: dict[str, str]) -> dict[str, Any]:
    return {
        "labelColor": inks["muted"], "titleColor": inks["ink"], "titleFontWeight": 500, "titleFontSize": 12,
        "labelFontSize": 11, "gridColor": inks["grid"], "domainColor": inks["line"], "tickColor": inks["line"],
        "titlePadding": 8, "labelPadding": 4,
    }  # fmt: skip


def _legend(inks: dict[str, str]) -> dict[str, Any]:
    return {
        "orient": "top", "title": None, "labelColor": inks["ink"], "labelFontSize": 12, "symbolSize": 160,
        "symbolStrokeWidth": 2.5, "symbolOpacity": 1, "columnPadding": 14, "labelLimit": 220, "offset": 8,
    }  # fmt: skip
