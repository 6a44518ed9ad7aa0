"""How results look in a notebook: a small table and the words, in light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

STYLE = (
    "<style>.beatnaive{font:14px/1.45 system-ui,sans-serif;color:inherit;max-width:60em;overflow-x:auto}"
    ".beatnaive table{border-collapse:collapse;margin:.5em 0;color:inherit}.beatnaive caption{text-align:left;"
    "font-weight:600;padding:.2em 0;color:inherit;white-space:nowrap}.beatnaive th,.beatnaive td{padding:.2em .7em;"
    "text-align:right;white-space:nowrap;border:0;background:none;color:inherit;"
    "border-bottom:1px solid color-mix(in srgb,currentColor 25%,transparent)}"
    ".beatnaive th:first-child,.beatnaive td:first-child{text-align:left}</style>"
)
"""Colours are those around it: a notebook's theme need not be the system's, which is all that a style could ask for."""


def page(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], words: Sequence[str] = ()) -> str:
    """A fragment of HTML: a table with a caption, and paragraphs below it. Everything is escaped.

    >>> "&lt;b&gt;" in page("<b>", ["model"], [["naive"]])
    True
    """
    header = "".join(f'<th scope="col">{escape(one)}</th>' for one in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    told = "".join(f"<p>{escape(text)}</p>" for text in words if text)
    table = f"<table><caption>{escape(title)}</caption><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table>"
    return f'{STYLE}<div class="beatnaive">{table if rows else f"<p><strong>{escape(title)}</strong></p>"}{told}</div>'
