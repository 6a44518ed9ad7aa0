"""Tables that benchmarks put into the documentation."""

from __future__ import annotations

from pathlib import Path


def put(page: Path, text: str, mark: str) -> None:
    """The text between `<!-- mark -->` and `<!-- /mark -->` of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(f"<!-- {mark} -->")
    after = rest.partition(f"<!-- /{mark} -->")[2]
    page.write_text(f"{before}<!-- {mark} -->\n{text}\n<!-- /{mark} -->{after}", encoding="utf-8")
