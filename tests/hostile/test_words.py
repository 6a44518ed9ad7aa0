"""Words of others are shown, never obeyed: by terminals, by tables, by the renderer of charts."""

import json

import numpy as np
import pytest

from beatnaive.report.charts import drawable, to_png

ODD = {
    "a colour": "\x1b[31mRED\x1b[0m", "from right to left": "\u202eLIVE", "a new line": "A\nB", "NUL": "A\0B",
    "a bell": "A\a", "a window's title": "\x1b]0;x\a", "no width": "A\u200b", "a separator": "A\u2028B",
}  # fmt: skip
SHOWN = {
    "a formula": "=cmd|' /C calc'!A0", "HTML": "<script>alert(1)</script>", "rich's markup": "[red]x[/red]",
    "half a markup": "[/]", "a quote": "a'b", "a percent sign": "%d%s{}", "Greek": "ΑΒΓ",
}  # fmt: skip


def write(path, symbol):
    close = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 300)))
    days = np.busday_offset("2020-01-01", np.arange(300), roll="forward")
    rows = [f'{days[k]},"{symbol}",{close[k]:.4f}' for k in range(300)]
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
def test_a_symbol_that_is_only_odd_is_shown_as_it_is(command, tmp_path, name):
    write(tmp_path / "p.csv", SHOWN[name])
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
