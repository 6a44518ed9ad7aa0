"""`beatnaive ledger`: forecasts written down before the fact, settled and ruled on, day after day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beatnaive.cli.options import Debug, Json, Quiet
from beatnaive.cli.show import say, say_json
from beatnaive.core.errors import InputError

if TYPE_CHECKING:
    from beatnaive.forecasting.ledger.settle import Settled

ledger = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")

Folder = Annotated[Path, typer.Option("--ledger", help="Folder of the ledger.")]
HERE = Path("ledger")
Root = Annotated[
    list[Path] | None, typer.Option("--root", help="Certificate (PEM) that an anchor's signature must lead to.")
]


@ledger.callback()
def about() -> None:
    """Forecasts in public: written down and chained before the fact, settled after it, ruled on any day."""


@ledger.command()
def init(folder: Folder = HERE, quiet: Quiet = False, debug: Debug = False) -> None:
    """Begin a ledger; one that is there already stays as it is."""
    from beatnaive.forecasting.ledger.ledger import init as begin

    number, head = begin(folder)
    if not quiet:
        say(_head(number, head))


@ledger.command()
def add(
    symbols: Annotated[list[str] | None, typer.Argument(help="Symbols of the run; default all of them.")] = None,
    run: Annotated[str | None, typer.Option("--run", help="Run folder whose saved models forecast.")] = None,
    study: Annotated[
        str | None, typer.Option("--study", help="A study that is run first, on what is known now.")
    ] = None,
    folder: Folder = HERE,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write down what every model of a run says about the next session, naive among them."""
    from beatnaive.cli.options import Overrides, study_of
    from beatnaive.cli.show import progress_to
    from beatnaive.forecasting.ledger.ledger import add as write

    if (run is None) == (study is None):
        raise InputError("name a run folder (--run) or a study (--study), one of the two")
    asked = None if study is None else study_of(Overrides(symbols=tuple(symbols or ()), study=study))
    with progress_to(quiet) as progress:
        done = write(folder, symbols or (), run=run, study=asked, progress=progress)
    if quiet:
        return
    if done.written:
        say(f"written: {_listed(done.written)}, for {_listed(done.sessions)}")
    if done.known:
        say(f"in the ledger already: {_listed(done.known)}")
    if done.late:
        say(f"late: {_listed(done.late)}: made after the close they are about, never scored as forecasts")
    for symbol, why in done.waiting.items():
        say(f"{symbol} waits: {why}")
    say(_head(done.number, done.head))


@ledger.command()
def settle(folder: Folder = HERE, quiet: Quiet = False, debug: Debug = False) -> None:
    """Compare forecasts whose session has closed with the prices that came."""
    from beatnaive.forecasting.ledger.settle import settle as score

    done = score(folder)
    if not quiet:
        _tell(done)


def _tell(done: Settled) -> None:
    say(f"settled: {done.settled}")
    for (symbol, session), why in done.waiting.items():
        say(f"{symbol} {session} waits: {why}")
    for one in done.revised:
        say(
            f"{one['symbol']} {one['session']} was revised by its source: a return of {100 * one['was']:+.3f} %, now "
            f"{100 * one['now']:+.3f} %; its score stays with the first"
        )
    say(_head(done.number, done.head))


@ledger.command()
def show(folder: Folder = HERE, as_json: Json = False, debug: Debug = False) -> None:
    """Say what the ledger says today: errors beside naive's, the odds, and what waits."""
    from beatnaive.forecasting.ledger.standing import standing

    found = standing(folder)
    if as_json:
        import json

        say_json(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        from beatnaive.cli.ledger_text import show_standing

        show_standing(found)


@ledger.command()
def verify(
    folder: Folder = HERE,
    head: Annotated[str | None, typer.Option("--head", help="A head that was kept elsewhere.")] = None,
    root: Root = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Check every entry, the chain, and that the scores follow from it."""
    from beatnaive.forecasting.ledger.verify import verify as check

    found: dict[str, Any] = check(folder, head=head, roots=root or ())
    if as_json:
        import json

        say_json(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        from beatnaive.cli.ledger_text import show_verified

        show_verified(found)


@ledger.command()
def anchor(
    url: Annotated[str, typer.Option("--url", help="An RFC 3161 time-stamp service.")],
    root: Root = None,
    folder: Folder = HERE,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Have a time-stamp service sign the last head: nobody can make the chain anew after that unseen."""
    from beatnaive.forecasting.ledger import anchor as stamps

    done = stamps.anchor(folder, url, roots=root or ())
    if not quiet:
        signed = "signature checked" if done.signed else "signature not checked: give --root"
        say(f"entry {done.number} stamped at {done.at} ({signed}): {done.file}")
        if (warning := stamps.apart(done)) is not None:
            say(warning)


@ledger.command()
def export(
    out: Annotated[Path, typer.Option("--out", help="Folder for entries.jsonl and forecasts.parquet.")],
    folder: Folder = HERE,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write every entry as JSON lines, and every forecast with its outcome as Parquet."""
    from beatnaive.forecasting.ledger.export import export as write

    done = write(folder, out)
    if not quiet:
        say(f"{done['entries']:,} entries, {done['forecasts']:,} forecasts: {out}")
        say(_head(done["entries"], done["head"]))


def _head(number: int, head: str) -> str:
    return f"entry {number}, head {head}"


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(names[:10]) + more
