"""Ledgers that somebody else made: what would run by itself, what is not an entry, what is too much."""

import json
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import numpy as np
import planted_ledger as planted
import pytest
from commands import one_line

from beatnaive.core.errors import DataRefused
from beatnaive.forecasting.ledger import chain, clock
from beatnaive.forecasting.ledger.ledger import init

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT"
COLUMNS = (
    "1 contest, 'A' symbol, x origin, '' session, '' closes_at, 1 entry, 0 place, 'waiting' state, 0 bet, 0 value, "
    "0 moved, 0 origin_moved, '' reason"
)
SCHEMAS = {
    "a view in the place of calls": f"DROP TABLE calls; CREATE VIEW calls AS {ENDLESS} {COLUMNS} FROM n",
    "a view in the place of contests": f"DROP TABLE contests; "
    f"CREATE VIEW contests AS {ENDLESS} x id, 'a' name, '' state FROM n",
    "a view beside them": f"CREATE VIEW more AS {ENDLESS} x FROM n",
    "a trigger on the book": "CREATE TRIGGER more AFTER UPDATE ON book BEGIN DELETE FROM calls; END",
    "a trigger without end": "CREATE TRIGGER more AFTER INSERT ON entries BEGIN "
    f"INSERT INTO calls {ENDLESS} {COLUMNS} FROM n; END",
    "another trigger of a known name": "DROP TRIGGER entries_stay; "
    "CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN DELETE FROM calls; END",
    "a column that computes": "DROP TABLE book; CREATE TABLE book "
    "(format INTEGER, number INTEGER, last_at TEXT, more AS (hex(zeroblob(100000000))))",
    "an index that computes": "CREATE INDEX more ON calls (abs(value))",
    "a check that computes": "DROP TABLE contests; "
    "CREATE TABLE contests "
    "(id INTEGER PRIMARY KEY, name TEXT UNIQUE, state TEXT, CHECK (length(hex(zeroblob(1000000)))))",
    "a virtual table": "DROP TABLE contests; CREATE VIRTUAL TABLE contests USING rtree(id, a, b)",
    "a table more": "CREATE TABLE more (a)",
}  # fmt: skip
VERBS = ("show", "show --json", "verify", "settle", "export --out out")


@pytest.fixture(autouse=True)
def today(monkeypatch) -> None:
    """The ledgers began on the first day of 2014, a month ago."""
    monkeypatch.setattr(clock, "now", lambda: np.datetime64("2014-02-01T00:00:00", "s"))


def fresh(name: str) -> Path:
    """A ledger without forecasts, in the folder one stands in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: np.datetime64("2014-01-01T00:00:00", "s"))
        init(Path(name))
    return Path(name)


@pytest.fixture
def folder(command) -> Path:
    """A ledger with six days of forecasts."""
    folder = fresh("ledger")
    planted.plant(folder, 6)
    return folder


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_would_run_by_itself_in_a_ledger_is_refused(command, folder, name):
    with closing(sqlite3.connect(chain.path_of(folder))) as connection:
        try:
            connection.executescript(SCHEMAS[name])
        except sqlite3.OperationalError as error:
            pytest.skip(f"this SQLite has none: {error}")
    before = chain.path_of(folder).read_bytes()
    for verb in VERBS:
        assert "that is not a ledger's" in one_line(command("ledger", *verb.split()), 3)
    one_line(command("ledger", "init"), 3)
    assert chain.path_of(folder).read_bytes() == before


def test_a_file_of_this_program_holds_nothing_that_is_refused(folder):
    with chain.opened(folder) as connection:
        assert connection.execute("SELECT COUNT(*) FROM entries").fetchone()[0] > 6


def test_a_blob_beyond_all_measure_is_refused_before_it_is_read(command, folder):
    bomb = zlib.compress(bytes(chain.LARGEST + 1))
    with closing(sqlite3.connect(chain.path_of(folder))) as connection:
        connection.execute("DROP TRIGGER entries_stay")
        connection.execute("UPDATE entries SET body = ?, crc = ? WHERE number = 3", (bomb, zlib.crc32(bomb)))
        connection.commit()
    assert "entry 3" in one_line(command("ledger", "verify"), 3)
    with closing(sqlite3.connect(chain.path_of(folder))) as connection:
        connection.execute("UPDATE entries SET body = zeroblob(?) WHERE number = 3", (chain.LARGEST + 1,))
        connection.commit()
    assert "too big" in one_line(command("ledger", "verify"), 3)


ODD = [None, 0, -1, 1.5, True, "x", "", [], {}, [None], ["x"], [[]], {"a": 1}, 10**12, "\x1b[31m", "9" * 400]
KEYS = (
    "contest", "horizon", "made_at", "source", "models", "symbols", "origin", "session", "closes_at", "close",
    "last_return", "volatility", "forecasts",
)  # fmt: skip


def raw(folder: Path, kind: str, text: str) -> None:
    """An entry of any text, chained as it should be, and no book of it."""
    with closing(sqlite3.connect(chain.path_of(folder), isolation_level=None)) as connection:
        number, previous = chain.head(connection)
        body = zlib.compress(text.encode())
        own = chain.digest(previous, number + 1, kind, text)
        connection.execute(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", (number + 1, kind, body, zlib.crc32(body), previous, own)
        )


@pytest.mark.parametrize("key", KEYS)
def test_an_entry_of_other_types_is_one_line(command, tmp_path, key):
    """Hashes and chain are right: whoever makes up a ledger can make them fit."""
    data = planted.forecasts(np.random.default_rng(0), 0, planted.sessions(5))
    some = ODD[KEYS.index(key) % 4 :: 4]  # each value with every fourth key
    for number, value in enumerate([*some, KeyError]):
        folder = fresh(f"ledger{number}")
        text = chain.canonical(
            {k: v for k, v in data.items() if k != key} if value is KeyError else {**data, key: value}
        )
        raw(folder, "forecasts", text)
        for verb in ("verify", "settle", "show"):
            said = command("ledger", verb, "--ledger", str(folder))
            if said.code:
                one_line(said, (2, 3, 4))
            assert "\x1b" not in said.out + said.err


@pytest.mark.parametrize(
    ("kind", "text"),
    [("forecasts", "[]"), ("forecasts", "null"), ("forecasts", "[" * 5000), ("forecasts", "{}"), ("outcomes", "{}"),
     ("outcomes", '{"made_at": "2014-01-02T00:00:00Z", "contests": ["a"], "symbols": [1], "origins": [[]]}'),
     ("start", "{}"), ("other", "{}"), ("forecasts", '{"made_at": NaN}'), ("forecasts", '"' + "x" * 100_000 + '"')],
)  # fmt: skip
def test_a_text_that_is_not_an_entry_is_one_line(command, tmp_path, kind, text):
    folder = fresh("ledger")
    raw(folder, kind, text)
    for verb in ("verify", "settle", "show", "export --out out"):
        said = command("ledger", *verb.split(), "--ledger", str(folder))
        if said.code or (kind == "forecasts" and verb != "show"):
            one_line(said, (2, 3))


@pytest.mark.parametrize("state", ["", "{}", "[]", "[" * 5000, '{"models": 3}', "null", "x"])
def test_kept_scores_of_other_content_are_one_line(command, folder, state):
    with closing(sqlite3.connect(chain.path_of(folder))) as connection:
        connection.execute("UPDATE contests SET state = ?", (state,))
        connection.commit()
    for verb in ("show", "verify"):
        one_line(command("ledger", verb), 3)


@pytest.mark.parametrize("key", ["models", "standing", "sums", "last", "sessions"])
def test_kept_scores_with_one_odd_part_are_one_line(command, folder, key):
    with closing(sqlite3.connect(chain.path_of(folder))) as connection:
        state = json.loads(connection.execute("SELECT state FROM contests").fetchone()[0])
        for value in ODD:
            connection.execute("UPDATE contests SET state = ?", (json.dumps({**state, key: value}),))
            connection.commit()
            for verb in ("show", "verify"):
                said = command("ledger", verb)
                if said.code:
                    one_line(said, (2, 3))
                assert "\x1b" not in said.out


def test_the_source_of_an_entry_is_data(command, tmp_path):
    (tmp_path / "evil.py").write_text("open('ran', 'w')\ndef f(*a, **k): pass\n")
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    for number, source in enumerate(
        [{"kind": "evil.py:f"}, {"kind": "file", "path": "/dev/zero"}, {"kind": "file", "path": "../" * 3000},
         {"kind": "file", "path": "secret.csv"}, {"kind": "synthetic", "synthetic": {"n": 10**9}}]
    ):  # fmt: skip
        folder = fresh(f"ledger{number}")
        planted.append(
            folder, "forecasts", planted.forecasts(np.random.default_rng(0), 0, planted.sessions(5), source=source)
        )
        said = command("ledger", "settle", "--ledger", str(folder))
        assert said.code in (0, 2, 3, 4), said
        assert "waits" in said.out or said.code
        assert len(said.out.splitlines()) < 10
    assert not (tmp_path / "ran").exists()


def test_more_models_or_sessions_ahead_than_there_can_be_are_refused(tmp_path):
    from beatnaive.forecasting.ledger.tally import MOST, Tally

    Tally(["naive", "a"], MOST)
    for models, horizon in ((["naive", "a"], MOST + 1), (["a"] * (MOST + 1), 1), (["naive"], 0)):
        with pytest.raises((DataRefused, ValueError)):
            Tally(models, horizon)
