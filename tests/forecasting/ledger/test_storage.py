"""What may happen to a ledger's file: kills, two writers, a full disk, read-only, flipped bytes, other chains."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import ledger_writers
import pytest
from planted_ledger import plant

from beatnaive.core.errors import DataRefused
from beatnaive.forecasting.ledger import book, chain
from beatnaive.forecasting.ledger.ledger import init
from beatnaive.forecasting.ledger.standing import standing
from beatnaive.forecasting.ledger.verify import verify


@pytest.fixture
def folder(move) -> Iterator[Path]:
    """An empty ledger where other users can look, too."""
    move("2014-01-01T00:00:00")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        init(Path(name) / "ledger")
        yield Path(name) / "ledger"


def written(what: str, *folders: Path) -> dict:
    """What the writers of `ledger_writers` say."""
    script = Path(ledger_writers.__file__)
    said = subprocess.run(
        [sys.executable, script, what, *folders], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(script.parent)},
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def test_fifty_kills_lose_nothing_that_was_acknowledged(folder):
    found = written("killed", folder)
    assert found["lost"] == 0
    assert found["acknowledged"] > 20
    assert found["entries"] > found["acknowledged"]


def test_fifty_kills_during_settle_and_add_leave_the_entries_of_an_undisturbed_ledger(folder, run):
    found = written("evenings", folder, run)
    assert found == {"said": 12, "lost": 0, "same": True, "entries": 24}


def test_two_writers_take_turns(folder):
    assert written("together", folder) == {"codes": [0, 0], "acknowledged": 40, "entries": 41}


def test_a_full_disk_is_one_line_and_loses_nothing(folder):
    found = written("full", folder)
    assert found["lost"] == 0
    assert found["said"].startswith("!5 cannot use")
    assert (found["after"], found["entries"]) == (6, found["kept"] + 6)


def test_a_file_that_may_only_be_read_is_read_and_not_written(folder):
    plant(folder, 3)
    number, said = written("unwritable", folder)["said"]
    assert number == "6"
    assert said.startswith("!5 cannot use")


def changed(folder: Path, copy: Path, offset: int) -> Path:
    shutil.copytree(folder, copy)
    path = chain.path_of(copy)
    content = bytearray(path.read_bytes())
    content[offset] ^= 1 << (offset % 8)
    path.write_bytes(content)
    return copy


def test_a_flipped_bit_in_an_entry_is_found_and_the_entry_named(folder, tmp_path):
    plant(folder, 6)
    content = chain.path_of(folder).read_bytes()
    with chain.opened(folder) as connection:
        rows = connection.execute("SELECT number, body FROM entries ORDER BY number").fetchall()
    chance = random.Random(1)
    for k, (number, body) in enumerate(rows):
        at = content.find(body)
        assert at > 0
        copy = changed(folder, tmp_path / f"copy{k}", at + chance.randrange(len(body)))
        with pytest.raises(DataRefused, match=f"entry {number} "):
            verify(copy)


def test_a_flipped_bit_anywhere_is_found_or_changes_nothing(folder, tmp_path, command):
    plant(folder, 6)
    head, size = standing(folder)["head"], chain.path_of(folder).stat().st_size
    chance, found = random.Random(2), 0
    for k in range(60):
        copy = changed(folder, tmp_path / f"copy{k}", chance.randrange(size))
        said = command("ledger", "verify", "--json", "--ledger", copy)
        if said.code == 0:
            assert json.loads(said.out)["head"] == head
        else:
            found += 1
            assert (said.code in (2, 3, 5), said.err.count("\n")) == (True, 1), said.err
    assert found > 10


def without_triggers(folder: Path) -> sqlite3.Connection:
    plain = sqlite3.connect(chain.path_of(folder), isolation_level=None)
    for trigger in ("entries_stay", "entries_remain", "entries_follow"):
        plain.execute(f"DROP TRIGGER {trigger}")
    return plain


def test_an_entry_that_was_changed_with_its_hash_breaks_the_chain_behind_it(folder):
    plant(folder, 4)
    plain = without_triggers(folder)
    data = chain.get(plain, 3).data
    data["made_at"] = "2013-01-01T00:00:00Z"
    import zlib

    text = chain.canonical(data)
    body = zlib.compress(text.encode())
    previous = plain.execute("SELECT previous, kind FROM entries WHERE number = 3").fetchone()
    own = chain.digest(previous[0], 3, previous[1], text)
    plain.execute("UPDATE entries SET body = ?, crc = ?, hash = ? WHERE number = 3", (body, zlib.crc32(body), own))
    plain.close()
    with pytest.raises(DataRefused, match="entry 4 does not follow entry 3"):
        verify(folder)


def test_a_cut_off_chain_and_one_made_anew_are_found_by_a_head_kept_elsewhere(folder, tmp_path):
    plant(folder, 4)
    kept = standing(folder)["head"]
    plain = without_triggers(folder)
    plain.execute("DELETE FROM entries WHERE number = 8")
    plain.close()
    with chain.opened(folder, write=True) as connection, chain.writing(connection):
        book.sync(connection)  # the book reaches beyond the chain: it is made anew
    assert verify(folder)["entries"] == 7  # by itself a shorter chain is a chain
    with pytest.raises(DataRefused, match="was cut off or made anew"):
        verify(folder, head=kept)
    init(tmp_path / "anew")
    plant(tmp_path / "anew", 4)
    assert verify(tmp_path / "anew")["entries"] == 8  # and so is one made anew: the page says so
    with pytest.raises(DataRefused, match="made anew"):
        verify(tmp_path / "anew", head=kept)


def test_a_copied_file_verifies(folder, tmp_path):
    plant(folder, 4)
    (tmp_path / "copy").mkdir()
    shutil.copy(chain.path_of(folder), tmp_path / "copy")
    assert verify(tmp_path / "copy")["head"] == standing(folder)["head"]


def test_what_is_no_ledger_is_one_line(tmp_path, command):
    (tmp_path / "ledger").mkdir()
    for content in (b"", b"hello" * 1000, b"SQLite format 3\x00" + b"\x00" * 84):
        (tmp_path / "ledger" / chain.FILE).write_bytes(content)
        said = command("ledger", "verify")
        assert said.code in (2, 3)
        assert said.err.count("\n") == 1
