"""The table of all runs: read from the small files of each folder once, and again only where one of them changed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from beatnaive.app.home import Home
from beatnaive.core.documents import is_file, read_json, read_toml
from beatnaive.core.errors import BeatNaiveError, CannotWrite, InputError
from beatnaive.core.files import to_json, write_atomically
from beatnaive.runs.folder import read_record
from beatnaive.runs.progress import state_of

FORMAT = 1
FILES = ("run.json", "verdict.json")
"""What a row is made of; study.toml does not change."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A run as the table shows it.

    path: below the app's folder; state: running, interrupted, killed, complete or damaged; best: the model that the
    verdict puts first, with its ruling, skill in % and adjusted p; networks: models whose inside can be shown.
    """

    path: str
    state: str
    study: str = ""
    symbols: tuple[str, ...] = ()
    n: int | None = None
    best: str = ""
    ruling: str = ""
    skill: float | None = None
    p: float | None = None
    when: str = ""
    models: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    why: str = ""

    @property
    def subject(self) -> str:
        """The symbol, or how many there are."""
        return self.symbols[0] if len(self.symbols) == 1 else f"{len(self.symbols)} symbols" if self.symbols else ""


@dataclass(eq=False)
class Index:
    """The rows of a folder; `rows` is cheap to call: a look at two dates per run."""

    home: Home
    _known: dict[str, tuple[list[int], Row]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _at: float = -1.0
    _rows: tuple[Row, ...] = ()

    def rows(self, *, age: float = 0.0) -> tuple[Row, ...]:
        """All runs, the newest first; what was found less than `age` seconds ago is good enough."""
        with self._lock:
            if time.monotonic() - self._at > age or self._at < 0:
                self._rows = self._found()
                self._at = time.monotonic()
            return self._rows

    def row(self, path: str) -> Row:
        """One run. Raises InputError where there is none."""
        folder = self.home.inside(path)
        if not is_file(folder / "run.json"):
            raise InputError(f"{path} is not a run folder: it has no run.json")
        return self._row(folder)

    def _found(self) -> tuple[Row, ...]:
        if not self._known:
            self._known = self._kept()
        before = dict(self._known)
        rows = [self._row(folder) for folder in self.home.run_folders()]
        self._known = {row.path: self._known[row.path] for row in rows}
        if self._known != before:
            with suppress(CannotWrite):  # it is read again the next time, nothing worse
                content = {path: [stamp, asdict(row)] for path, (stamp, row) in self._known.items()}
                write_atomically(self.home.own / "index.json", to_json({"format": FORMAT, "rows": content}))
        return tuple(sorted(rows, key=lambda row: row.when, reverse=True))

    def _row(self, folder: Path) -> Row:
        path, stamp = self.home.name_of(folder), _stamp(folder)
        known = self._known.get(path)
        row = known[1] if known is not None and known[0] == stamp else row_of(path, folder)
        self._known[path] = (stamp, row)
        if row.state not in ("running", "interrupted"):
            return row
        state = state_of(folder, row.state)
        return row if state == row.state else replace(row, state=state)

    def _kept(self) -> dict[str, tuple[list[int], Row]]:
        try:
            data = read_json(self.home.own / "index.json")
            if data["format"] != FORMAT:
                return {}
            return {path: (stamp, _row_again(row)) for path, (stamp, row) in data["rows"].items()}
        except (BeatNaiveError, KeyError, TypeError, ValueError, AttributeError):
            return {}


def row_of(path: str, folder: Path) -> Row:
    """A run's row, from run.json, study.toml and verdict.json; a damaged one says what is wrong with it."""
    try:
        record = read_record(folder)
        study = read_toml(folder / "study.toml")
        row: dict[str, Any] = {
            "path": path, "state": record["state"], "study": str(record.get("study", "")),
            "when": str(record.get("started", "")), "symbols": _symbols(study), "models": _models(study, ()),
            "networks": _models(study, ("lstm",)),
        }  # fmt: skip
        if record["state"] == "complete":
            row |= _verdict(read_json(folder / "verdict.json"))
    except BeatNaiveError as error:
        return Row(path=path, state="damaged", why=str(error))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Row(path=path, state="damaged", why=f"its files are those of another program: {error}"[:200])
    return Row(**row)


def _verdict(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """n, and the model that the verdict puts first: a better one before all others, then by skill."""
    models = {name: one for name, one in verdict["models"].items() if one.get("skill_pct") is not None}
    found: dict[str, Any] = {"n": int(verdict["n"])}
    if models:
        best = max(models, key=lambda name: (models[name]["ruling"] == "better", float(models[name]["skill_pct"])))
        one = models[best]
        p = one.get("p_adjusted")
        found |= {"best": str(best), "ruling": str(one["ruling"]), "skill": float(one["skill_pct"])}
        found |= {"p": None if p is None else float(p)}
    return found


def _symbols(study: Mapping[str, Any]) -> tuple[str, ...]:
    source = study.get("source") or {}
    return tuple(map(str, source.get("symbols") or ())) or (str(source.get("path") or source.get("kind") or ""),)


def _models(study: Mapping[str, Any], kinds: tuple[str, ...]) -> tuple[str, ...]:
    found = {str(name): str(one.get("kind", name)) for name, one in study["models"].items()}
    return tuple(name for name, kind in found.items() if not kinds or kind in kinds)


def _stamp(folder: Path) -> list[int]:
    """When each of `FILES` was written, and its size; another one means that the row is read again."""
    found: list[int] = []
    for name in FILES:
        try:
            facts = os.stat(f"{folder}/{name}", follow_symlinks=False)  # noqa: PTH116 - twice for each of a thousand
            found += [facts.st_mtime_ns, facts.st_size]
        except OSError:
            found += [0, 0]
    return found


def _row_again(data: Mapping[str, Any]) -> Row:
    tuples = {name: tuple(data[name]) for name in ("symbols", "models", "networks")}
    return Row(**{**data, **tuples})
