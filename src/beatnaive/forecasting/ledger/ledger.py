"""The verbs of a ledger: begin, add what is forecast, settle what has come."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from beatnaive.core.errors import DataRefused, InputError, SourceUnreachable, UnknownName
from beatnaive.forecasting.ledger import book, calls, chain, clock
from beatnaive.forecasting.ledger.calls import Call
from beatnaive.runs.saved_models import SavedRun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beatnaive.core.types import Progress
    from beatnaive.study.spec import Study


@dataclass(frozen=True, kw_only=True)
class Added:
    """What `add` did: symbols written, those that were there already, those that wait and why; late ones among the
    written; number and hash of the last entry now."""

    written: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    waiting: Mapping[str, str] = field(default_factory=dict)
    late: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    number: int
    head: str


def init(folder: Path) -> tuple[int, str]:
    """A new ledger in a folder; number and hash of its first entry. One that is there already stays as it is.

    Raises CannotWrite.
    """
    from beatnaive.core.version import __version__

    with chain.told(path := chain.path_of(folder)):
        there = path.exists()
    if not there:
        chain.create(folder)
    with chain.opened(folder, write=True) as connection, chain.writing(connection):
        if chain.head(connection)[0] == 0:
            start = {
                "format": chain.FORMAT, "ledger": uuid.uuid4().hex, "made_at": clock.written(clock.now()),
                "beatnaive": __version__,
            }  # fmt: skip
            chain.append(connection, "start", start)
        book.sync(connection)
        return chain.head(connection)


def add(
    folder: Path, symbols: Sequence[str] = (), *, run: str | Path | None = None, study: Study | None = None,
    progress: Progress | None = None,
) -> Added:  # fmt: skip
    """Write down what every model of a run says about the next session of each symbol.

    symbols: some of the run's, default all; run: a folder, whose saved models forecast; else `study`, which is run
    first, on what is known now. A symbol whose origin is in the ledger already is left alone; one whose source is in
    trouble waits. Raises what kept the symbols from being written where that is true of all of them.
    """
    with chain.opened(folder, write=True):
        pass  # what is wrong with the ledger is said before minutes are spent on models
    with _run_of(run, study, progress) as saved:
        if saved.study.target.kind != "return":
            raise InputError("a ledger holds forecasts of the close: take a run whose target is the return")
        for symbol in symbols:
            if symbol not in saved.symbols:
                raise UnknownName(f"symbol in {saved.folder}", symbol, saved.symbols)
        wanted = tuple(dict.fromkeys(symbols)) or saved.symbols
        made: dict[str, list[Call]] = {}
        known, troubles = [], {}
        for symbol in wanted:
            try:
                prices = calls.known_prices(saved.study.source, symbol, clock.now())
                contest = calls.contest_of(saved, prices.calendar)
                if _is_known(folder, contest, symbol, str(prices.sessions[-1])):
                    known.append(symbol)
                else:
                    made.setdefault(contest, []).append(calls.call_of(saved, prices))
            except (SourceUnreachable, DataRefused, InputError) as error:
                troubles[symbol] = error
        if troubles and not made and not known:
            raise next(iter(troubles.values()))
        waiting = {symbol: calls.reason(error) for symbol, error in troubles.items()}
        return _written(folder, saved, made, known=known, waiting=waiting)


def _written(
    folder: Path, saved: SavedRun, made: Mapping[str, list[Call]], *, known: list[str], waiting: Mapping[str, str]
) -> Added:
    """One entry per contest, of the calls that nobody wrote in the meantime."""
    written, late, sessions = [], [], []
    with chain.opened(folder, write=True) as connection:
        for contest, own in made.items():
            with chain.writing(connection):
                book.sync(connection)
                new = [one for one in own if not book.holds(connection, contest, one.symbol, one.origin)]
                known += [one.symbol for one in own if one not in new]
                if not new:
                    continue
                now = clock.now()
                book.apply(connection, chain.append(connection, "forecasts", calls.to_json(contest, saved, new, now)))
                late += book.late(connection, contest, [one.symbol for one in new], [one.origin for one in new])
            written += [one.symbol for one in new]
            sessions += [one.session for one in new]
        number, head = chain.head(connection)
    return Added(
        written=tuple(written), known=tuple(known), waiting=waiting, late=tuple(late),
        sessions=tuple(sorted(set(sessions))), number=number, head=head,
    )  # fmt: skip


@contextmanager
def _run_of(run: str | Path | None, study: Study | None, progress: Progress | None) -> Iterator[SavedRun]:
    """A run folder opened, or a study run into a folder that is gone afterwards."""
    if (run is None) == (study is None):
        raise InputError("name a run folder or a study, one of the two", option="run")
    if run is not None:
        yield SavedRun.open(Path(run))
        return
    from tempfile import TemporaryDirectory

    from beatnaive.runs.record import Recorder
    from beatnaive.runs.store import RunStore

    assert study is not None
    with TemporaryDirectory() as name:
        Recorder(RunStore(Path(name))).run(study, progress=progress, pages=False)
        yield SavedRun.open(Path(name))


def _is_known(folder: Path, contest: str, symbol: str, origin: str) -> bool:
    with chain.opened(folder) as connection:
        return book.holds(connection, contest, symbol, origin)
