"""Processes that write ledgers and are killed, run out of disk, or write at once.

    python ledger_writers.py WHAT FOLDER [RUN]

One process imports everything and forks the writers, so that fifty kills cost one start. It prints a line of JSON.
"""

import json
import os
import random
import resource
import signal
import sys
import time
from pathlib import Path

import numpy as np
from planted_ledger import append, forecasts, outcomes, sessions

from beatnaive.core.errors import BeatNaiveError
from beatnaive.forecasting.ledger import chain, clock
from beatnaive.forecasting.ledger.ledger import add, init
from beatnaive.forecasting.ledger.settle import settle
from beatnaive.forecasting.ledger.verify import verify
from beatnaive.prices.calendars import sessions_between

CALENDAR = sessions(800)


def write(folder: Path, contest: str, told: int, most: int) -> None:
    """Add and settle in turns, from where the ledger stands; every acknowledged head goes into the pipe."""
    with chain.opened(folder) as connection:
        own = [
            one.data for one in chain.check(connection) if one.kind == "forecasts" and one.data["contest"] == contest
        ]
    for day in range(len(own), len(own) + most):
        data = forecasts(np.random.default_rng(day), day, CALENDAR, contest=contest)
        os.write(told, f"{append(folder, 'forecasts', data)}\n".encode())
        closed = f"{data['closes_at'][0][:-1]}Z"
        came = outcomes(data, 0.01 * np.random.default_rng(day).standard_normal(2), closed)
        os.write(told, f"{append(folder, 'outcomes', came)}\n".encode())


def forked(work) -> tuple[int, int]:
    """A child that does `work(pipe)` and ends; its number, and the other end of the pipe."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        code = 1
        try:
            work(writes)
            code = 0
        except BeatNaiveError as error:
            os.write(writes, f"!{error.exit_code} {error}\n".encode())
        finally:
            os._exit(code)
    os.close(writes)
    return child, reads


def lines(reads: int) -> list[str]:
    with os.fdopen(reads) as file:
        return file.read().splitlines()


def killed(folder: Path) -> dict:
    """Fifty kills at random moments; nothing that was acknowledged may be lost."""
    chance, lost, acknowledged = random.Random(3), 0, 0
    for _ in range(50):
        child, reads = forked(lambda told: write(folder, "planted XNYS", told, 10_000))
        with os.fdopen(reads) as file:
            # a random number of acknowledgements, and a random while after the last of them
            heads = [file.readline().strip() for _ in range(chance.randrange(4))]
            time.sleep(chance.uniform(0.0, 0.02))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            heads = [line for line in [*heads, *file.read().splitlines()] if len(line) == 64]
        acknowledged += len(heads)
        with chain.opened(folder) as connection:
            there = {row[0] for row in connection.execute("SELECT hash FROM entries")}
        lost += sum(head not in there for head in heads)
    return {"lost": lost, "acknowledged": acknowledged, "entries": verify(folder)["entries"]}


def evenings(folder: Path, run: Path) -> dict:
    """`settle` and `add` of a run, whole, on twelve evenings: without a kill, and with fifty."""
    days = sessions_between("XNYS", np.datetime64("2017-12-29"), np.datetime64("2018-01-17"))

    def work(ledger: Path) -> None:
        kept = ledger.parent / f"{ledger.name} said"
        done = len(kept.read_text().split()) if kept.exists() else 0
        for day in days[done:]:
            clock.now = lambda day=day: np.datetime64(f"{day}T22:30:00")
            settle(ledger)
            head = add(ledger, run=run).head
            with kept.open("a") as file:  # what an evening's user has read
                file.write(f"{head}\n")

    undisturbed = folder.parent / "undisturbed"
    clock.now = lambda: np.datetime64("2014-01-01T00:00:00")
    init(undisturbed)
    start = time.perf_counter()
    work(undisturbed)
    evening = (time.perf_counter() - start) / len(days)
    chance = random.Random(5)
    for _ in range(50):
        child, reads = forked(lambda told: work(folder))
        os.close(reads)
        time.sleep(chance.uniform(0.0, evening))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    work(folder)
    said = (folder.parent / f"{folder.name} said").read_text().split()
    with chain.opened(folder) as one, chain.opened(undisturbed) as other:
        entries, expected = ([*chain.check(connection)] for connection in (one, other))
    return {
        "said": len(said), "lost": len(set(said) - {entry.hash for entry in entries}),
        "same": [e.data for e in entries[1:]] == [e.data for e in expected[1:]],  # the first is the ledger's own name
        "entries": verify(folder)["entries"],
    }  # fmt: skip


def together(folder: Path) -> dict:
    """Two writers at once."""
    children = [forked(lambda told, name=name: write(folder, name, told, 10)) for name in ("one XNYS", "two XNYS")]
    heads = [lines(reads) for _, reads in children]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child, _ in children]
    return {"codes": codes, "acknowledged": sum(map(len, heads)), "entries": verify(folder)["entries"]}


def full(folder: Path) -> dict:
    """A disk with room for a little more, and then again with room enough."""

    def work(told: int) -> None:
        size = max(path.stat().st_size for path in folder.iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40_000, size + 40_000))
        write(folder, "planted XNYS", told, 10_000)

    child, reads = forked(work)
    said = lines(reads)
    os.waitpid(child, 0)
    kept = verify(folder)["entries"]
    with chain.opened(folder) as connection:
        there = {row[0] for row in connection.execute("SELECT hash FROM entries")}
    child, reads = forked(lambda told: write(folder, "planted XNYS", told, 3))
    after = lines(reads)
    os.waitpid(child, 0)
    return {
        "lost": sum(head not in there for head in said[:-1]), "said": said[-1], "kept": kept, "after": len(after),
        "entries": verify(folder)["entries"],
    }  # fmt: skip


def unwritable(folder: Path) -> dict:
    """A file and a folder that this user may only read."""

    def work(told: int) -> None:
        if os.getuid() == 0:
            os.setuid(65534)
        os.write(told, f"{verify(folder)['entries']}\n".encode())
        write(folder, "planted XNYS", told, 1)

    (folder / chain.FILE).chmod(0o444)
    folder.chmod(0o555)
    child, reads = forked(work)
    said = lines(reads)
    os.waitpid(child, 0)
    folder.chmod(0o755)
    return {"said": said}


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*map(Path, sys.argv[2:]))))
