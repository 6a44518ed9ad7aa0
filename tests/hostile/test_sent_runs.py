"""Run folders that somebody made up, every hash fitting: bombs, pickles, links, names that lead out, other content."""

import io
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attacks import resealed
from commands import one_line

from beatnaive.core import containers
from beatnaive.core.containers import admit_parquet, read_npz
from beatnaive.core.errors import CannotWrite, InputError
from beatnaive.core.files import write_atomically
from beatnaive.forecasting.ledger.ledger import init
from beatnaive.runs.folder import sha256

UNIT = Path("units/drift/0/-1/0.npz")


class Evil:
    """Unpickled, it leaves a file."""

    def __reduce__(self):
        return open, ("ran", "w")


def stored(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def npy(values: object) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(values), allow_pickle=True)
    return buffer.getvalue()


def header(shape: str, kind: str = "<f8") -> bytes:
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def units(folder: Path) -> dict[str, bytes]:
    """Units that this program never wrote."""
    with np.load(folder / UNIT) as data:
        own = {name: npy(data[name]) for name in data.files}
        rows, facts = data["rows"], json.loads(str(data["facts"]))
    evil = np.empty(1, object)
    evil[0] = Evil()
    return {
        "a pickle": pickle.dumps(Evil()),
        "an array of pickles": stored(own | {"mean": npy(evil)}),
        "facts of pickles": stored(own | {"facts": npy(evil)}),
        "a bomb": stored(own | {"mean": header(f"({64 << 20},)") + bytes(64 << 20)}, zipfile.ZIP_DEFLATED),
        "more than it holds": stored(own | {"mean": header("(1000000000000,)")}),
        "a shape without end": stored(own | {"mean": header("(9223372036854775807, 9223372036854775807)")}),
        "deep": stored(own | {"mean": header("(" * 50 + ")" * 50)}),
        "other rows": stored(own | {"rows": npy(rows + 10**6)}),
        "negative rows": stored(own | {"rows": npy(-rows)}),
        "fewer rows": stored(own | {"rows": npy(rows[1:]), "mean": npy(np.zeros(len(rows) - 1))}),
        "text for numbers": stored(own | {"mean": npy(np.full(len(rows), "x"))}),
        "a table for numbers": stored(own | {"mean": npy(np.zeros((len(rows), 2)))}),
        "facts that are none": stored(own | {"facts": npy("[]")}),
        "facts of another type": stored(own | {"facts": npy(json.dumps({**facts, "fit": {"parameters": "x"}}))}),
        "a failure that is none": stored(own | {"facts": npy(json.dumps({**facts, "failure": [1]}))}),
        "facts that are deep": stored(own | {"facts": npy("[" * 5000)}),
        "a model file outside": stored(own | {"file:../../../../../victim": npy(np.frombuffer(b"x", np.uint8))}),
        "a model file at the root": stored(own | {"file:/tmp/beatnaive-victim": npy(np.frombuffer(b"x", np.uint8))}),
        "nothing": b"",
    }


NAMES = (
    "a pickle", "an array of pickles", "facts of pickles", "a bomb", "more than it holds", "a shape without end",
    "deep", "other rows", "negative rows", "fewer rows", "text for numbers", "a table for numbers",
    "facts that are none", "facts of another type", "a failure that is none", "facts that are deep",
    "a model file outside", "a model file at the root", "nothing",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_unit_that_this_program_never_wrote_is_fitted_again(command, finished, run_folder, tmp_path, name):
    made = units(finished)
    assert set(made) == set(NAMES)
    (run_folder / UNIT).write_bytes(made[name])
    resealed(run_folder, state="interrupted")
    before = {path for path in tmp_path.rglob("*") if run_folder not in path.parents}
    said = command("run", "--resume", "run", "--quiet")
    assert said.code == 0, said.err
    assert {path for path in tmp_path.rglob("*") if run_folder not in path.parents} == before
    assert not Path("/tmp/beatnaive-victim").exists()
    assert (run_folder / "scores.csv").read_bytes() == (finished / "scores.csv").read_bytes()


def test_arrays_are_read_back_as_numpy_reads_them(tmp_path):
    rng = np.random.default_rng(0)
    own = {
        "a": rng.normal(size=(3, 4)), "by column": np.asfortranarray(rng.normal(size=(3, 4))),
        "text": np.array("facts é"), "one": np.array(3), "none": np.empty((0, 2), np.int64),
        "truth": np.array([True, False]),
    }  # fmt: skip
    np.savez(tmp_path / "a.npz", **own)
    found = read_npz(tmp_path / "a.npz")
    assert found.keys() == own.keys()
    for name, values in own.items():
        assert found[name].dtype == values.dtype
        np.testing.assert_array_equal(found[name], values)


def test_a_table_that_memory_cannot_hold_is_refused_before_it_is_read(tmp_path, monkeypatch):
    """Eight bytes a cell; of texts their own: a megabyte that stands in each of a thousand rows is a gigabyte."""
    n = 200_000
    same = pa.DictionaryArray.from_arrays(np.zeros(n, np.int32), ["x" * 50_000])
    tables = {
        "numbers": (pa.table({"a": np.zeros(n), "b": np.zeros(n)}), 2 * 8 * n),
        "texts": (pa.table({"a": same}), (8 + 50_000) * n),
    }
    for name, (table, size) in tables.items():
        path = tmp_path / f"{name}.parquet"
        pq.write_table(table, path)
        assert path.stat().st_size < 100_000
        monkeypatch.setattr(containers, "memory", lambda size=size: 2 * size)
        admit_parquet(path, name)
        monkeypatch.setattr(containers, "memory", lambda size=size: 2 * size - 2)
        with pytest.raises(InputError, match=f"{name} would take .* GB of memory or more") as told:
            admit_parquet(path, name)
        assert len(str(told.value)) < 200


@pytest.mark.parametrize(
    ("words", "file"),
    [("report run", "forecasts.parquet"), ("worth run", "forecasts.parquet"), ("worth run", "bars.parquet"),
     ("judge run/forecasts.parquet", "forecasts.parquet"), ("explore --source run/bars.parquet", "bars.parquet")],
)  # fmt: skip
def test_a_table_of_a_run_that_memory_cannot_hold_is_one_line(command, run_folder, monkeypatch, words, file):
    table = pq.read_table(run_folder / file)
    pq.write_table(pa.concat_tables([table] * 100), run_folder / file)
    resealed(run_folder)
    monkeypatch.setattr(containers, "memory", lambda: 8 * 16 * 100 * table.num_rows)
    one_line(command(*words.split()), 2, file, "GB of memory")


@pytest.mark.parametrize("verb", ["report run", "worth run"])
def test_a_link_in_a_finished_run_is_not_written_through(command, run_folder, tmp_path, verb):
    """A page and worth.json take the place of a link, and leave alone what it leads to."""
    names = ("report.html", "worth.json", "run.json", ".interrupted.json", "scores.csv")
    for name in names:
        path = run_folder / name
        content = path.read_bytes() if path.exists() else b"theirs"
        path.unlink(missing_ok=True)
        (tmp_path / f"victim {name}").write_bytes(content)
        path.symlink_to(tmp_path / f"victim {name}")
    before = {name: (tmp_path / f"victim {name}").read_bytes() for name in names}
    said = command(*verb.split())
    assert said.code in (0, 2, 5), said
    assert {name: (tmp_path / f"victim {name}").read_bytes() for name in names} == before


OTHERS = {
    "worth.json": ("{}", "[]", '{"asked": 5, "models": 3, "words": []}', '{"asked": [{"rule": []}, 3, {"short": {}}]}'),
    "verdict.json": ("[]", '{"models": {"drift": 3}}', '{"models": {"drift": {"ruling": []}}, "any_better": []}'),
    "fits.json": ("{}", "[{}]", '[{"model": 3, "fold": {}, "seed": [], "history": {"loss": 5, "val_loss": "x"}}]'),
    "findings.json": ("{}", "[{}]", '[{"severity": "x", "kind": 1, "symbol": [], "message": {}, "dates": 5}]'),
    "scores.csv": ("", "symbol,model,n,rmse\n", "symbol,model,n,rmse\nA,drift,x,y\n"),
    "timings.csv": ("", "model,seconds\n", "model,seconds\n[/],x\n"),
}  # fmt: skip


@pytest.mark.parametrize("file", OTHERS)
def test_a_file_of_other_content_is_one_line_though_its_hash_fits(command, run_folder, file):
    for content in OTHERS[file]:
        (run_folder / file).write_text(content)
        resealed(run_folder)
        for verb in ("report run", "worth run") if file in ("worth.json", "verdict.json") else ("report run",):
            said = command(*verb.split())
            if said.code:
                one_line(said)
            assert "Traceback" not in said.err


MODELS = ("", "{}", "[]", "null", *(json.dumps({"values": one}) for one in ("x", [1e308], [[]], {}, [])))


@pytest.mark.parametrize("content", MODELS)
def test_a_saved_model_of_other_content_is_one_line(command, run_folder, content):
    """It forecasts nothing, and its symbol waits with the reason."""
    init(Path("ledger"))
    name = "models/drift/-1/0/model.json"
    own = json.loads((run_folder / name).read_text())
    changed = json.dumps({**own, **json.loads(content)}) if "values" in content else content
    (run_folder / name).write_text(changed)
    record = json.loads((run_folder / "run.json").read_text())
    resealed(run_folder, models={**record["models"], name: sha256(changed.encode())})
    said = command("ledger", "add", "--run", "run")
    assert said.code in (0, 2), said
    line = (said.out + said.err).splitlines()[0]
    assert "run/models/drift holds what this program does not write" in line
    assert len(line) < 300


def test_a_file_without_a_name_is_not_written():
    with pytest.raises(CannotWrite, match="name a file"):
        write_atomically(Path(), "x")
