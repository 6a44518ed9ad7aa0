"""What a study says about a release, and reading it: `[releases.NAME]`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, cast

from beatnaive.core import config
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.registry import pick
from beatnaive.core.trust import names_code
from beatnaive.core.user_code import guarded
from beatnaive.releases.join import PARTS, Transform
from beatnaive.releases.rows import RELEASES
from beatnaive.releases.table import Releases, checked


@dataclass(frozen=True)
class ReleaseSpec:
    """One row of a study's [releases]: a kind of the table (or an import string), its options, and what is joined.

    columns: names of columns that enter, () = the kind's own choice; transform: of the values, None = the kind's own.
    """

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    transform: Transform | None = None


class Kind(Protocol):
    """A kind of release: a frozen dataclass of options. parts: which of `PARTS` enter unless the study names columns.

    `read` returns the whole table for these symbols; it needs no network where the values are embedded or cached.
    """

    parts: ClassVar[tuple[str, ...]]
    transform: ClassVar[Transform]

    def read(self, symbols: Sequence[str]) -> Releases:
        """All rows that concern these symbols."""
        ...


def make(name: str, spec: ReleaseSpec) -> Kind:
    """The kind with its options. Raises UnknownName for a kind or option that does not exist, InputError otherwise."""
    found = pick(RELEASES, "release", spec.kind)
    if not (isinstance(found, type) and is_dataclass(found) and hasattr(found, "read")):
        raise InputError(f"releases.{name}: {spec.kind} is not a release: give a dataclass with read(symbols)")
    return cast("Kind", config.build(found, spec.options, f"releases.{name}"))


def read_release(name: str, spec: ReleaseSpec, symbols: Sequence[str]) -> Releases:
    """The release's table, checked. Raises InputError for one that cannot be joined.

    >>> table = read_release("vix", ReleaseSpec("vix"), ["^GSPC"])
    >>> table.names, table.period_end[0]
    (('vix',), np.datetime64('1990-01-02'))
    """
    kind = make(name, spec)
    if spec.kind in RELEASES:
        table = kind.read(symbols)
    else:
        with guarded(f"{spec.kind}.read(symbols)"):
            table = kind.read(symbols)
        if not isinstance(table, Releases):
            raise InputError(f"{spec.kind} is not a release: its read(symbols) must return Releases")
    return checked(table, f"releases.{name}", forecasts=bool(spec.options.get("forecasts", False)))


def transform_of(name: str, spec: ReleaseSpec) -> Transform:
    """What is done to the values before they are joined."""
    if spec.transform is not None:
        return spec.transform
    own: Transform = getattr(make(name, spec), "transform", "level")
    return own


def stem(release: str, series: str, many: bool) -> str:
    """What a series' columns are called: by the release, and by the series too where the release has several."""
    return f"{release}_{series}" if many else release


def columns_of(name: str, spec: ReleaseSpec, table: Releases) -> tuple[str, ...]:
    """The columns that enter: those that the study names, else the kind's own parts of every series.

    Raises UnknownName for a column that the release does not have.
    """
    stems = [stem(name, series, len(table.names) > 1) for series in table.names]
    every = [one + part for one in stems for part in PARTS]
    for column in spec.columns:
        if column not in every:
            raise UnknownName(f"column in releases.{name}", column, every)
    if spec.columns:
        return spec.columns
    parts: tuple[str, ...] = getattr(make(name, spec), "parts", PARTS[:1])
    return tuple(one + part for one in stems for part in parts)


def has_headlines(path: str) -> bool:
    """Whether a file is one of headlines: its columns say so. A file that cannot be read is not."""
    from beatnaive.releases.file import read_frame
    from beatnaive.releases.news import HEADLINE

    try:
        return any(name in read_frame(path)[0] for name in HEADLINE)
    except InputError:  # told when the release is read
        return False


def named(words: Sequence[str]) -> dict[str, ReleaseSpec]:
    """The releases that were named on a command line: a kind, a kind with a series, or a file.

    >>> named(["vix", "fred:CPIAUCSL", "/data/my news.csv"])["my_news"].options
    {'path': '/data/my news.csv'}

    Raises UnknownName for what is neither, InputError for two that would bear one name.
    """
    found: dict[str, ReleaseSpec] = {}
    for word in words:
        kind, _, series = word.partition(":")
        if Path(word).suffix.lower() in (".csv", ".parquet"):
            name = re.sub(r"\W+", "_", Path(word).stem) or "file"
            path = os.path.abspath(os.path.expanduser(word))  # noqa: PTH100, PTH111 - a run is read from anywhere
            spec = ReleaseSpec("news" if has_headlines(path) else "file", {"path": path})
        elif kind in RELEASES and series:
            name, spec = re.sub(r"\W+", "_", series), ReleaseSpec(kind, {"series": series})
        elif word in RELEASES or names_code(word):
            name, spec = re.sub(r"\W+", "_", word.rpartition(":")[2]), ReleaseSpec(word)
        else:
            raise UnknownName("release", word, RELEASES)
        if name in found:
            raise InputError(f"two releases would be called {name}: put them into a study, [releases.NAME]")
        found[name] = spec
    return found
