"""Every parser, driven with arbitrary bytes, TOML and JSON: an answer, or an error of ours in one line."""

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rights import nobody

from beatnaive.core.documents import json_of, read_bytes, toml_of
from beatnaive.core.errors import BeatNaiveError
from beatnaive.core.names import file_name, symbol_of
from beatnaive.forecasting import file
from beatnaive.runs.folder import read_record, sealed
from beatnaive.study.spec import code_in, parse

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["source", "target", "features", "exclude", "split", "intervals", "seed", "seeds", "models", "loss"]
)
STUDY = st.dictionaries(KEYS | st.text(max_size=5), PLAIN, max_size=6)
MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def in_one_line(error: BeatNaiveError) -> None:
    assert error.exit_code in (2, 3, 4, 5)
    assert str(error).strip()


@MANY
@given(st.binary(max_size=200))
def test_bytes_as_toml_and_json(content: bytes) -> None:
    for read in (toml_of, json_of):
        try:
            read(content, "a file")
        except BeatNaiveError as error:
            in_one_line(error)


@MANY
@given(STUDY)
def test_plain_data_as_a_study(data: dict) -> None:
    code_in(data)
    try:
        parse(data, "s")
    except BeatNaiveError as error:
        in_one_line(error)


@MANY
@given(PLAIN)
def test_json_as_a_record_and_a_forecast_file(tmp_path: Path, data: object) -> None:
    text = json.dumps(data)
    (tmp_path / "run.json").write_text(text)
    for read, path in ((read_record, tmp_path), (file.read, tmp_path / "run.json")):
        try:
            read(path)
        except BeatNaiveError as error:
            in_one_line(error)


@MANY
@given(st.dictionaries(st.sampled_from(["state", "trials", "files", "models", "features", "study"]), PLAIN))
def test_sealed_records_of_odd_content(tmp_path: Path, data: dict) -> None:
    (tmp_path / "run.json").write_text(sealed({"state": "complete", **data}))
    try:
        read_record(tmp_path)
    except BeatNaiveError as error:
        in_one_line(error)


@MANY
@given(st.text(min_size=1, max_size=20))
def test_symbols_are_read_back(symbol: str) -> None:
    try:
        name = file_name(symbol)
    except BeatNaiveError as error:
        in_one_line(error)
        return
    assert symbol_of(name) == symbol
    assert "/" not in name
    assert name not in (".", "..")


@MANY
@given(STUDY)
def test_toml_that_a_study_cannot_be(data: dict) -> None:
    try:
        content = tomli_w.dumps(data).encode()
    except (TypeError, ValueError):  # TOML has no null
        return
    try:
        parse(toml_of(content, "s.toml"), "s")
    except BeatNaiveError as error:
        in_one_line(error)


@pytest.mark.parametrize("depth", [5_000, 100_000])
def test_deep_nesting_is_one_line(depth: int) -> None:
    for content, read in ((b"a = " + b"[" * depth, toml_of), (b"[" * depth, json_of), (b'{"a":' * depth, json_of)):
        with pytest.raises(BeatNaiveError, match="not valid"):
            read(content, "a file")


RIGHTS = {
    "run --study secret.toml": (2, "cannot read"),
    "score secret.json": (2, "cannot read"),
    "judge secret.csv": (2, "cannot read"),
    "report secret": (2, "secret"),
    "run --source synthetic --models drift --features close --quiet --out closed/run": (5, "cannot write"),
}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, to be nobody")
@pytest.mark.parametrize("words", RIGHTS)
def test_a_user_without_rights_gets_the_same_lines(command, monkeypatch, words: str) -> None:
    """As `su nobody` would, once the process has imported what the command needs."""
    code, line = RIGHTS[words]
    with TemporaryDirectory() as name:  # pytest's own folders are closed to others
        folder = Path(name)
        folder.chmod(0o755)
        monkeypatch.chdir(folder)
        for file in ("secret.toml", "secret.json", "secret.csv"):
            (folder / file).write_text("models.naive = {}\n")
            (folder / file).chmod(0)
        for place, mode in (("secret", 0o700), ("closed", 0o755)):
            (folder / place).mkdir(mode=mode)
        command(*words.split()[:-1], "warm-up")
        with nobody():
            with pytest.raises(PermissionError):
                (folder / "mine").write_text("")
            said = command(*words.split())
        monkeypatch.undo()
    assert said.code == code, said
    assert line in said.err
    assert "Traceback" not in said.err


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BeatNaiveError, match="pipe or device"):
        read_bytes(tmp_path / "pipe")
