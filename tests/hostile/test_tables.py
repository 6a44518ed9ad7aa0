"""Tables of others: columns whose names are no names, levels that are no levels, columns without end, formulas."""

import io
import os
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from commands import one_line

NAMES = {
    "markup": "[red]x[/red]", "half a markup": "[/]", "a link": "[link=https://a.example]x[/link]",
    "an escape": "\x1b[31mRED", "a title": "\x1b]0;owned\x07", "C1": "\x9b31m", "right to left": "\u202emodel",
    "a line": "a\nb", "NUL": "a\0b", "nothing": "", "a space": " ", "long": "m" * 5000,
    "a formula": "=cmd|' /C calc'!A0",
    "code": "__import__('os').system('true')", "percent": "%s%n{0}", "path": "../../x", "HTML": "<script>x</script>",
    "a level beyond all": "m-lo-150", "a level without end": f"m-lo-{'9' * 400}", "no model": "-lo-90",
    "a level of Darts": "m_q1.5", "no level": "m_q0.0", "a sample": "m_s0", "a quantile": "m_q025",
}  # fmt: skip
LAYOUTS = {
    "Nixtla": {"unique_id": "AAA", "cutoff": None}, "Darts": {"time": None}, "GluonTS": {"item_id": "AAA"},
    "plain": {},
}  # fmt: skip


def table(layout: str, name: str, n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2020-01-01", periods=n + 1)
    y = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, n)))
    frame = pd.DataFrame({"ds": days[1:], "y": y, "naive": np.r_[100, y[:-1]]})
    for column, value in LAYOUTS[layout].items():
        frame[column] = days[:-1] if value is None and column == "cutoff" else value
    if layout == "Darts":
        frame = frame.drop(columns="ds").assign(time=days[1:])
    return frame.assign(**{name: y * np.exp(rng.normal(0, 0.01, n))})


def shown(said) -> None:
    """A verdict, or one line; nothing that a terminal would obey, no name lost to markup."""
    if said.code:
        one_line(said, (2, 3))
    assert not set(said.out + said.err) & set("\x1b\0\a\x9b\u202e")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_forecast_table_with_an_odd_column_is_judged_or_refused(command, tmp_path, layout):
    for name, column in NAMES.items():
        table(layout, column).to_csv(tmp_path / "t.csv", index=False)
        if layout == "plain":
            table(layout, column).to_parquet(tmp_path / "t.parquet")
        for file in ("t.csv",) if layout != "plain" else ("t.csv", "t.parquet"):
            said = command("judge", file)
            shown(said)
            if said.code == 0 and name in ("markup", "half a markup", "a link", "a formula", "code", "percent"):
                assert column in " ".join(said.out.split()), name
            if "level" in name and name != "a level of Darts":
                assert "nan" not in said.out


@pytest.mark.parametrize(
    ("level", "layout"), [("m-lo-150", "Nixtla"), (f"m-lo-{'9' * 400}", "Nixtla"), ("m_q1.5", "Darts")]
)
def test_a_level_that_is_none_is_not_believed(command, tmp_path, level, layout):
    other = level.replace("lo", "hi").replace("1.5", "0.5")
    frame = table(layout, "m").assign(**{level: 1.0, other: 1000.0})
    frame.to_csv(tmp_path / "t.csv", index=False)
    said = command("judge", "t.csv")
    shown(said)
    assert said.code == 2
    assert "level" in said.err


CELLS = {
    "lists": [[1.0, 2.0]], "objects": [{"a": 1}], "bytes": [b"x"], "far dates": [date(9999, 1, 1)],
    "infinity": [np.inf], "nothing": [None], "text": ["=1+1"], "huge": [1e308],
}  # fmt: skip


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("column", ["ds", "y", "m", "unique_id", "cutoff"])
def test_cells_of_another_type_are_judged_or_refused(command, tmp_path, column, cell):
    frame = table("Nixtla", "m")
    frame[column] = pd.Series(CELLS[cell] * len(frame))
    frame.to_parquet(tmp_path / "t.parquet")
    shown(command("judge", "t.parquet"))


@pytest.mark.parametrize("words", [("judge", "t.csv"), ("fetch", "--release", "t.csv", "A")])
def test_columns_without_end_are_refused_in_a_line(command, tmp_path, words):
    with (tmp_path / "t.csv").open("w") as file:
        for row in range(3):
            file.write(
                ",".join(["ds" if not row else f"2020-01-0{row}", *(f"m{k}" if not row else "1" for k in range(10**6))])
            )
            file.write("\n")
    said = command(*words)
    shown(said)
    assert said.code == 2
    assert "columns" in said.err


RELEASES = {
    "no instant": "period_end,known_at,value\n2020-01-31,NaN,1\n",
    "an instant that is none": "period_end,known_at,value\n2020-01-31,2020-02-30,1\n",
    "an instant beyond all": "period_end,known_at,value\n2020-01-31,99999-01-01,1\n",
    "an instant before time": "period_end,known_at,value\n2020-01-31,0001-01-01,1\n",
    "an escape": "period_end,known_at,value\n2020-01-31,\x1b[31m,1\n",
    "an odd period": "period_end,known_at,value\n\u202e,2020-02-01,1\n",
    "a zone": "period_end,known_at,value\n2020-01-31,2020-02-01T25:61+99:99,1\n",
    "a formula": "period_end,known_at,value\n2020-01-31,2020-02-10,=1+1\n",
    "a formula as a name": "period_end,known_at,name,value\n2020-01-31,2020-02-10,=cmd|' /C calc'!A0,1\n",
    "markup as a name": "period_end,known_at,name,value\n2020-01-31,2020-02-10,[red]x[/],1\n",
    "escapes as a name": "period_end,known_at,name,value\n2020-01-31,2020-02-10,\x1b]0;x\x07,1\n",
    "infinity": "period_end,known_at,value\n2020-01-31,2020-02-10,inf\n",
    "no values": "period_end,known_at,value\n2020-01-31,2020-02-10,\n",
    "no columns": "\n\n", "a quote": 'period_end,known_at,value\n"2020-01-31,2020-02-10,1\n', "binary": "\0\1\2",
    "twice": "period_end,period_end,known_at,value\n2020-01-31,2020-01-31,2020-02-10,1\n",
    "other columns": "a,b\n1,2\n", "headlines": "published,headline\nNaN,\x1b[31mx\n",
}  # fmt: skip


@pytest.mark.parametrize("name", RELEASES)
def test_a_release_of_odd_content_is_read_or_refused(command, tmp_path, name):
    (tmp_path / "r.csv").write_text(RELEASES[name])
    shown(command("fetch", "--release", "r.csv", "^GSPC"))
    study = (
        'source = { kind = "sample", years = 2 }\nfeatures = ["close"]\nmodels.naive = {}\nmodels.m.kind = "linear"\n'
    )
    (tmp_path / "s.toml").write_text(study + 'releases.r = { kind = "file", path = "r.csv" }\n')
    said = command("forecast", "--study", "s.toml", "--quiet")
    shown(said)


@pytest.mark.parametrize("kind", ["pipe", "device", "loop", "folder"])
def test_a_release_that_is_not_a_file_is_not_waited_for(command, tmp_path, kind):
    path = tmp_path / "r.csv"
    {"pipe": os.mkfifo, "folder": os.mkdir}.get(
        kind, lambda p: p.symlink_to("/dev/zero" if kind == "device" else p.name)
    )(path)
    for words in (("fetch", "--release", "r.csv", "A"), ("audit", "technical", "--data", "r.csv")):
        said = command(*words)
        shown(said)
        assert said.code == 2


def test_a_release_of_parquet_with_odd_types_is_one_line(command, tmp_path):
    n = 3
    for value in (pa.array([[1.0]] * n), pa.array([{"a": 1}] * n), pa.array([b"x"] * n), pa.array([None] * n)):
        for column in ("period_end", "known_at", "value", "name"):
            plain = {"period_end": ["2020-01-31"] * n, "known_at": ["2020-02-10"] * n, "value": [1.0] * n}
            buffer = io.BytesIO()
            pq.write_table(pa.table({**plain, column: value}), buffer)
            (tmp_path / "r.parquet").write_bytes(buffer.getvalue())
            said = command("fetch", "--release", "r.parquet", "^GSPC")
            shown(said)
