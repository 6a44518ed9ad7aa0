"""What of a release was known when: `beatnaive fetch --release`."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from beatnaive.cli.options import date_of
from beatnaive.cli.show import say

SHOWN = 12
"""Rows that are printed in full."""


def show_release(word: str, symbols: Sequence[str], known: str | None, *, refresh: bool, as_json: bool) -> None:
    """The release's newest values, or those that were known by the end of a day in New York; one line each.

    Raises what reading the release raises, and InputError for what is not a date.
    """
    from beatnaive.core.trust import allow
    from beatnaive.releases import ReleaseSpec, read_release
    from beatnaive.releases.publication import end_of_day
    from beatnaive.releases.spec import named

    ((name, spec),) = named([word]).items()
    allow(spec.kind)  # typed by the user, here and now
    if refresh:
        spec = ReleaseSpec(spec.kind, {**spec.options, "refresh": True}, spec.columns, spec.transform)
    table = read_release(name, spec, symbols)
    if known is not None:
        day = np.array([date_of(known, "--known")], "datetime64[D]")
        table = table.known_by(end_of_day(day)[0])
    rows = [
        {"symbol": str(s), "name": str(n), "period_end": str(p), "known_at": f"{k}Z", "value": float(v)}
        for s, n, p, k, v in zip(table.symbol, table.name, table.period_end, table.known_at, table.value, strict=True)
    ]
    if as_json:
        origin = table.provenance
        facts = {"source": origin.source, "sha256": origin.sha256, "note": origin.note, "assumed": table.assumed}
        print(json.dumps({**facts, "rows": rows}, indent=1))
        return
    when = f" known on {known}" if known else ""
    say(f"{name}: {len(rows):,} values{when} from {table.provenance.source}, sha256 {table.provenance.sha256[:12]}")
    if table.assumed:
        say(f"assumed: published {table.assumed}")
    if table.provenance.note:
        say(table.provenance.note)
    for row in sorted(rows, key=lambda row: str(row["known_at"]))[-SHOWN:]:
        whose = f"{row['symbol']} " if row["symbol"] else ""
        say(f"{whose}{row['name']}  period to {row['period_end']}  known at {row['known_at']}  {row['value']:g}")
    if len(rows) > SHOWN:
        say(f"and {len(rows) - SHOWN:,} earlier ones: --json lists them all")
