"""All checks over all symbols. Findings, never repairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from beatnaive.core.errors import DataRefused
from beatnaive.core.types import Finding, Prices
from beatnaive.prices.quality import bars, dividends, fill, jumps, panel, sessions

Check: TypeAlias = Callable[[Prices, str], list[Finding]]
CHECKS: tuple[Check, ...] = (
    bars.length, bars.duplicates, bars.disorder, bars.missing_values, bars.non_positive, bars.ranges, bars.stale,
    bars.zero_volume, sessions.calendar, sessions.unrecorded, jumps.moves, dividends.amounts,
    dividends.adjusted_close, fill.foresight,
)  # fmt: skip
ALONE = ("no_close", "too_short")  # after these no other check means anything


def examine_quality(
    prices: Sequence[Prices], fill: str = "none", progress: Callable[[int, int, str], None] | None = None
) -> tuple[Finding, ...]:
    """What a user should know about these prices, the fatal first, then in the order of symbols.

    Arguments: fill, what the study declares about gaps: a gap that will be filled is a doubt, not fatal.

    >>> from beatnaive.prices import Source, load
    >>> [finding.kind for finding in examine_quality(load(Source(symbols=("^GSPC",))))]
    []
    """
    found: list[Finding] = []
    for k, each in enumerate(prices):
        found += of_symbol(each, fill)
        if progress:
            progress(k + 1, len(prices), each.symbol)
    found += panel.survivorship(prices)
    return tuple(sorted(found, key=lambda finding: ("fatal", "doubt", "note").index(finding.severity)))


def of_symbol(prices: Prices, fill: str = "none") -> list[Finding]:
    """The findings of one symbol."""
    first = CHECKS[0](prices, fill)
    if any(finding.kind in ALONE for finding in first):
        return first
    found = [finding for check in CHECKS[1:] for finding in check(prices, fill)]
    return found + source_note(prices)


def source_note(prices: Prices) -> list[Finding]:
    """What the source itself says about these prices."""
    note = prices.provenance.note
    return (
        [Finding(severity="note", kind="source", symbol=prices.symbol, message=note, mend="nothing needs mending")]
        if note
        else []
    )


def refuse_fatal(findings: Sequence[Finding], fill: str = "none") -> None:
    """Raise DataRefused when a finding is fatal, in one line: the first of them, its mend, and how many more.

    >>> words = {"message": "1 row has a later session before", "mend": "sort the file"}
    >>> refuse_fatal([Finding(severity="fatal", kind="disorder", symbol="A", **words)])
    Traceback (most recent call last):
        ...
    beatnaive.core.errors.DataRefused: A: 1 row has a later session before; sort the file
    """
    fatal = [finding for finding in findings if finding.severity == "fatal"]
    if not fatal:
        return
    first = fatal[0]
    more = f" (and {len(fatal) - 1} more fatal findings)" if len(fatal) > 1 else ""
    raise DataRefused(f"{first.symbol}: {first.message}; {first.mend}{more}")
