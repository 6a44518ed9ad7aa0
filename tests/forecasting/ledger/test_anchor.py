"""Anchors: stamped by `openssl ts`, checked by it too; a chain cut off or made anew after one is found."""

import shutil
import subprocess
from pathlib import Path

import pytest
from planted_ledger import append, forecasts, plant, sessions
from time_stamps import Authority, served

from beatnaive.core.errors import DataRefused, InputError, SourceUnreachable
from beatnaive.forecasting.ledger import chain
from beatnaive.forecasting.ledger.anchor import anchor, apart
from beatnaive.forecasting.ledger.ledger import init
from beatnaive.forecasting.ledger.verify import verify


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def url(authority):
    authority.answer = None
    with served(authority) as address:
        yield address


@pytest.fixture
def folder(tmp_path: Path, move) -> Path:
    move("2014-01-01T00:00:00")
    init(tmp_path / "ledger")
    plant(tmp_path / "ledger", 3)
    return tmp_path / "ledger"


def test_a_stamped_head_vouches_for_the_entries_before_it(folder, authority, url, command):
    done = anchor(folder, url, roots=[authority.root])
    number = verify(folder)["entries"]
    assert (done.number, done.signed) == (number, True)
    assert anchor(folder, url, roots=[authority.root]).at == done.at  # once is enough for one head
    import numpy as np

    append(folder, "forecasts", forecasts(np.random.default_rng(1), 8, sessions(12)))
    said = command("ledger", "verify", "--ledger", folder, "--root", authority.root)
    assert said.code == 0
    assert f"entries 1 to {number} are anchored" in said.out
    assert f"entries {number + 1} to {number + 1} are chained only" in said.out
    assert "signature checked" in said.out
    assert apart(done).startswith("the machine's clock is")  # the tests' clock stands in 2014


def test_openssl_itself_confirms_the_token(folder, authority, url):
    done = anchor(folder, url)
    token = Path(done.file)
    said = subprocess.run(
        ["openssl", "ts", "-verify", "-data", token.with_suffix(".json"), "-in", token, "-CAfile", authority.root],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    other = token.with_suffix(".json").read_bytes().replace(b'"number":', b'"numbe":')
    token.with_suffix(".json").write_bytes(other)
    with pytest.raises(DataRefused, match="one of them was changed"):
        verify(folder)


def test_a_chain_shorter_than_an_anchors_and_one_made_anew_are_found(folder, authority, url, tmp_path, move):
    anchor(folder, url)
    for name, days, expected in (("short", 2, "of another ledger"), ("long", 4, "of another ledger")):
        other = tmp_path / name
        init(other)
        plant(other, days)
        shutil.copytree(folder / "anchors", other / "anchors")
        with pytest.raises(DataRefused, match=expected):
            verify(other)
    # the same ledger, whose last entry was removed by somebody who dropped the triggers and the book
    import sqlite3

    with sqlite3.connect(chain.path_of(folder)) as plain:
        for trigger in ("entries_stay", "entries_remain", "entries_follow"):
            plain.execute(f"DROP TRIGGER {trigger}")
        plain.execute("DELETE FROM entries WHERE number = (SELECT MAX(number) FROM entries)")
    with chain.opened(folder, write=True) as connection, chain.writing(connection):
        from beatnaive.forecasting.ledger import book

        book.rebuild(connection)
    with pytest.raises(DataRefused, match="is missing: the chain was cut off since"):
        verify(folder)


def test_another_authority_a_wrong_answer_and_no_answer_are_refused(folder, authority, url, tmp_path, command):
    stranger = Authority(tmp_path / "stranger")
    with pytest.raises(DataRefused, match="not signed as it should be"):
        anchor(folder, url, roots=[stranger.root])
    assert not list((folder / "anchors").glob("*"))
    anchor(folder, url)
    with pytest.raises(DataRefused, match="not signed"):
        verify(folder, roots=[stranger.root])
    elsewhere = tmp_path / "elsewhere"
    init(elsewhere)
    authority.answer = b"hello"
    with pytest.raises(DataRefused, match="gives no time-stamp"):
        anchor(elsewhere, url)
    authority.answer = (folder / "anchors").glob("*.tsr").__next__().read_bytes()
    with pytest.raises(DataRefused, match="about something else"):
        anchor(elsewhere, url)
    with pytest.raises(InputError, match="not an address"):
        anchor(elsewhere, "file:///etc/passwd")
    with pytest.raises(InputError, match="no certificate"):
        anchor(elsewhere, url, roots=[chain.path_of(folder)])
    with pytest.raises(SourceUnreachable):
        anchor(elsewhere, "http://127.0.0.1:9/")
    assert command("ledger", "anchor", "--ledger", elsewhere, "--url", "http://127.0.0.1:9/").code == 4
    assert not (elsewhere / "anchors").exists()
