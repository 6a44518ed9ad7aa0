"""What a study says about its prices: plain options, read from TOML."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Literal

from beatnaive.core.limits import Positive, Seed, Sessions

FORBID: dict[str, Any] = {"extra": "forbid"}  # pydantic refuses unknown keys


@dataclass(frozen=True)
class Synthetic:
    """Options of the source `synthetic`: prices whose truth is known.

    model: random_walk, garch, ar1 or planted; n: sessions per symbol; seed; volatility: of a daily log return;
    strength: the AR(1) coefficient of `ar1`, or the share of the variance (R2) that the signal of `planted` explains.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID

    model: Literal["random_walk", "garch", "ar1", "planted", "memory", "seasonal"] = "random_walk"
    n: Sessions = 2520
    seed: Seed = 0
    volatility: Positive = 0.01
    strength: float = 0.1


@dataclass(frozen=True)
class Source:
    """Where prices come from, which part of them, and as of when they are adjusted.

    kind: a row of `SOURCES`, or module:Name; symbols: () = what the source offers by default, "*" = all it has;
    path: of the source `file`; start, end: first and last session wanted; years: the last years of what there is,
    where `start` is not given; as_of: the last date whose dividends and splits are applied (default: the last session
    loaded), and the default of `end`, since a later price is not known then; fill: what the study does about gaps;
    calendar: a code of `beatnaive.prices.calendars` (default: by the symbol); dates: the order of day, month and year
    in a file that does not show it; refresh: fetch again what the cache holds.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID

    kind: str = "sample"
    symbols: tuple[str, ...] = ()
    path: str | None = None
    start: date | None = None
    end: date | None = None
    as_of: date | None = None
    years: int | None = None
    fill: Literal["none", "forward", "interpolate"] = "none"
    calendar: str | None = None
    dates: Literal["DMY", "MDY", "YMD"] | None = None
    refresh: bool = False
    synthetic: Synthetic = field(default_factory=Synthetic)
