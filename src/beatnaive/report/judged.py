"""The page of a judged table: how it was read, the rulings, the words and the chart; one file, no network."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatnaive.core.files import write_atomically
from beatnaive.report.charts import to_png, to_spec

if TYPE_CHECKING:
    from beatnaive.judging.horizons import HorizonsVerdict
    from beatnaive.judging.verdict import Verdict

SCALE = 2.0
"""Pixels of the chart per pixel of the page."""
STYLE = (
    ":root{color-scheme:light dark}body{margin:2em auto;max-width:60em;padding:0 1em;"
    "font:16px/1.5 system-ui,sans-serif}img{max-width:100%}"
)


def write(path: Path, verdict: Verdict | HorizonsVerdict, chart: Any) -> Path:
    """Write the page whole or not at all; returns its path. Raises CannotWrite."""
    spec = to_spec(chart)
    images = [to_png(spec, mode, SCALE) for mode in ("light", "dark")]
    light, dark = (f"data:image/png;base64,{b64encode(image).decode()}" for image in images)
    width = round(int.from_bytes(images[0][16:20], "big") / SCALE)  # of the IHDR, in pixels
    read = "".join(f"<p>{escape(line)}</p>" for line in verdict.reading)
    picture = (
        f'<picture><source srcset="{dark}" media="(prefers-color-scheme: dark)">'
        f'<img src="{light}" width="{width}" alt="Skill against naive of every model, with its 90 % interval">'
        "</picture>"
    )
    write_atomically(
        path,
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Judged by BeatNaive</title>'
        f"<style>{STYLE}</style></head><body><h1>Does any of these forecasts beat naive?</h1>{read}"
        f"{verdict._repr_html_()}{picture}</body></html>",
    )
    return path
