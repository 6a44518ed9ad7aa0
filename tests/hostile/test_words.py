"""Words of others are shown, never obeyed: by terminals, by tables, by the renderer of charts."""

import json
from pathlib import Path

import numpy as np
import planted_ledger as planted
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beatnaive.cli.show import console_of, say, say_json
from beatnaive.core.phrases import printable
from beatnaive.forecasting.ledger import clock, ledger
from beatnaive.report import charts
from beatnaive.report.charts import drawable, to_png
from beatnaive.runs.folder import sealed, sha256

ODD = {
    "a colour": "\x1b[31mRED\x1b[0m", "from right to left": "\u202eLIVE", "a new line": "A\nB", "NUL": "A\0B",
    "a bell": "A\a", "a window's title": "\x1b]0;x\a", "no width": "A\u200b", "a separator": "A\u2028B",
}  # fmt: skip
SHOWN = {
    "a formula": "=cmd|' /C calc'!A0", "HTML": "<script>alert(1)</script>", "rich's markup": "[red]x[/red]",
    "half a markup": "[/]", "quotes and a comma": "a'b,\"c\"", "a percent sign": "%d%s{}", "Greek": "ΑΒΓ",
}  # fmt: skip


def write(path, symbol):
    close = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 300)))
    days = np.busday_offset("2020-01-01", np.arange(300), roll="forward")
    quoted = symbol.replace('"', '""')
    rows = [f'{days[k]},"{quoted}",{close[k]:.4f}' for k in range(300)]
    path.write_text("\n".join(["Date,Symbol,Close", *rows]) + "\n")


@pytest.mark.parametrize("name", ODD)
def test_a_symbol_that_a_terminal_would_obey_is_refused(command, tmp_path, name):
    """One of them ended the whole process: the renderer of charts panics at what XML cannot hold."""
    write(tmp_path / "p.csv", ODD[name])
    for words in (("run", "--models", "drift", "--features", "close"), ("explore",)):
        said = command(*words, "--source", "p.csv", "--out", "o")
        assert said.code == 2, said
        assert len(said.err.splitlines()[-1]) < 300
        assert not set(said.out + said.err) & set("\x1b\0\a\u202e\u200b\u2028")


@pytest.mark.parametrize("name", SHOWN)
def test_a_symbol_that_is_only_odd_is_shown_as_it_is(command, tmp_path, monkeypatch, name):
    write(tmp_path / "p.csv", SHOWN[name])
    if name not in ("HTML", "half a markup"):  # the renderer of pictures has a test of every character
        monkeypatch.setattr(charts, "save_png", lambda chart, path: path)
    said = command("run", "--source", "p.csv", "--models", "drift", "--features", "close", "--out", "o")
    assert said.code == 0, said.err
    assert SHOWN[name] in " ".join(said.out.split())
    for words in (("explore", "--source", "p.csv", "--out", "e"), ("forecast", "--run", "o"), ("report", "o")):
        said = command(*words)
        assert said.code == 0, said.err


def test_the_renderer_survives_every_character():
    every = "".join(map(chr, range(0xD800))) + "\ufffe\uffff" + "\\u001b \\\\\x1b"
    title = json.loads(drawable({"title": every}))["title"]
    assert len(title) == len(every)
    assert title.endswith("\\u001b \\\\\ufffd")
    spec = {"title": title[:60] + "\x1b\x0c\x08\ufffe", "data": {"values": [{"a": 1}]}, "mark": "bar"}
    assert to_png(spec).startswith(b"\x89PNG")


OBEYED = {**ODD, "C1": "\x9b31m", "a line anew": "x\rnaive better"}
MARKUP = ("[red]x[/red]", "[/]", "[link=https://a.example]x[/link]", "[bold", "\\[red]")


def harmless(said, word: str, *, kept: bool = True) -> None:
    """Said as it is written, but for what a terminal would obey."""
    assert said.code == 0, said.err
    assert not set(said.out + said.err) & set("\x1b\0\a\x9b\r\u202e\u200b\u2028")
    if kept and not set(word) & set("\n\a\r"):  # which Rich leaves out
        assert printable(word) in " ".join(said.out.split()), said.out


@pytest.mark.parametrize("word", [*OBEYED.values(), *MARKUP])
def test_words_of_a_forecast_file_are_shown_and_not_obeyed(command, tmp_path, word):
    data = json.loads((Path(__file__).parents[1] / "runs" / "old" / "forecast.json").read_text())
    data |= {"source": {"kind": "sample", "symbols": ["^GSPC"]}, "symbol": "^GSPC", "model": word, "why": word}
    data["steps"] = [{**step, "model": word} for step in data["steps"]]
    (tmp_path / "f.json").write_text(json.dumps(data))
    harmless(command("score", "f.json"), word)
    said = command("score", "f.json", "--json")
    assert said.code == 0
    assert json.loads(said.out)["forecasts"][0]["model"] == word


@pytest.mark.parametrize("word", [*OBEYED.values(), *MARKUP])
def test_words_of_a_ledger_are_shown_and_not_obeyed(command, monkeypatch, word):
    monkeypatch.setattr(clock, "now", lambda: np.datetime64("2014-01-01T00:00:00", "s"))
    ledger.init(Path("ledger"))
    monkeypatch.setattr(clock, "now", lambda: np.datetime64("2014-02-01T00:00:00", "s"))
    data = planted.forecasts(np.random.default_rng(0), 0, planted.sessions(5))
    made = dict(zip(("naive", word), list(data["forecasts"].values()), strict=False))
    data |= {"contest": word, "models": list(made), "forecasts": made, "symbols": [word, "B"]}
    planted.append(Path("ledger"), "forecasts", data)
    came = planted.outcomes(data, np.zeros(2), "2014-01-07T00:00:00Z")
    planted.append(Path("ledger"), "outcomes", came)
    harmless(command("ledger", "show"), word)
    said = command("ledger", "show", "--json")
    harmless(said, word, kept=False)
    assert json.loads(said.out)["contests"][0]["name"] == word
    for verb in ("verify", "settle"):
        harmless(command("ledger", verb), word, kept=False)


def test_words_of_a_run_are_shown_and_not_obeyed(command, run_folder):
    """Names in tables that somebody made up, the hashes fitting."""
    path = run_folder / "forecasts.parquet"
    table = pq.read_table(path)
    for word in (OBEYED["a window's title"], OBEYED["C1"], "[/]", "[link=https://a.example]x[/link]"):
        names = [word if name == "drift" else name for name in table["model"].to_pylist()]
        pq.write_table(table.set_column(table.column_names.index("model"), "model", pa.array(names)), path)
        record = json.loads((run_folder / "run.json").read_text())
        record["files"]["forecasts.parquet"] = sha256(path.read_bytes())
        (run_folder / "run.json").write_text(sealed(record))
        harmless(command("worth", "run"), word, kept=len(word) < 30)
        said = command("worth", "run", "--json")
        harmless(said, word, kept=False)
        assert word in json.loads(said.out)["models"]
        for verb in ("report", "explain run"):
            said = command(*verb.split(), "run")
            assert said.code in (0, 2)
            assert not set(said.out + said.err) & set("\x1b\0\a\x9b\u202e")


def test_words_of_a_study_are_shown_and_not_obeyed(command, tmp_path):
    write(tmp_path / "p.csv", "A")
    for word in MARKUP:
        (tmp_path / "s.toml").write_text(
            f"source = {{ kind = 'file', path = 'p.csv', symbols = [{json.dumps(word)}] }}\nmodels.naive = {{}}\n"
        )
        said = command("run", "--study", "s.toml", "--out", "o")
        assert said.code == 2, said
        assert word in said.err


def test_a_path_is_shown_and_not_obeyed(command, tmp_path, run_folder):
    odd = tmp_path / "a\x1b[31m\u202e"
    run_folder.rename(odd)
    harmless(command("report", str(odd)), "a")


def test_a_console_and_a_line_escape_what_a_terminal_would_obey(capsys):
    for word in OBEYED.values():
        console_of().print(word, markup=False)
        say(word)
        said = capsys.readouterr().out
        assert not set(said) & set("\x1b\0\a\x9b\r\u202e\u200b\u2028")
    say_json(json.dumps({"a": "\x9b\u202e\U000e0001"}, ensure_ascii=False))
    said = capsys.readouterr().out
    assert said.isascii()
    assert json.loads(said) == {"a": "\x9b\u202e\U000e0001"}
