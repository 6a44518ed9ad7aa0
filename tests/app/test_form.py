"""From a filled-in form to the words of an ordinary command: what passes, and what does not."""

import pytest

from beatnaive.app.commands import line_of
from beatnaive.app.form import choices, number, whole, words_of
from beatnaive.app.home import Home, file_of
from beatnaive.cli import application
from beatnaive.core.errors import BeatNaiveError, InputError
from beatnaive.features import FEATURES
from beatnaive.models import MODELS
from beatnaive.study.spec import presets


@pytest.fixture
def home(tmp_path):
    return Home.at(tmp_path)


def parsed(words):
    """What the command line itself reads out of the words."""
    import typer

    group = typer.main.get_command(application(words))
    name, command, rest = group.resolve_command(group.make_context("beatnaive", list(words)), list(words))
    return command.make_context(name, list(rest)).params


def test_every_field_reaches_the_command(home):
    (home.root / "uploads").mkdir()
    (home.root / "uploads" / "mine.csv").write_text("Date,Close\n")
    given = {
        "study": "default", "source": "file", "file": "mine.csv", "symbols": "A, ^GSPC;BTC-USD", "horizon": "5",
        "models": ["linear", "lstm"], "features": ["returns"], "with": ["vix"], "seeds": "3", "jobs": "2",
        "cost": "2,5", "start": "2020-01-02", "end": "2021-01-04", "dates": "DMY",
    }  # fmt: skip
    words, path = words_of(given, home)
    found = parsed(words)
    assert found["symbols"] == ["A", "^GSPC", "BTC-USD"]
    assert found["source"] == str(home.root / "uploads" / "mine.csv")
    assert found["out"] == str(home.root / path)
    assert path.startswith("runs/default-")
    expected = {
        "study": "default", "horizon": 5, "models": "linear,lstm", "features": "returns", "releases": "vix",
        "seeds": 3, "jobs": 2, "cost": 2.5, "start": "2020-01-02", "end": "2021-01-04", "dates": "DMY", "trust": False,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected
    assert "trust" not in line_of(words)


def test_an_empty_form_about_embedded_prices_is_the_study_itself(home):
    words, path = words_of({"source": "sample"}, home)
    assert words == ["run", "--study", "default", "--source", "sample", "--out", str(home.root / path)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"models": ["evil.py:Model"]}, {"features": ["evil:f"]}, {"with": ["file"]}, {"study": "evil.toml"},
        {"study": "../x"}, {"source": "evil.py:read"}, {"source": "/etc/passwd"}, {"symbols": "--trust"},
        {"symbols": "-x"}, {"symbols": "A\x1b[2J"}, {"source": "file", "file": "../../etc/passwd"},
        {"source": "file", "file": "nothing.csv"}, {"source": "file"}, {"horizon": "0"}, {"horizon": "1,5"},
        {"seeds": "1.000"}, {"seeds": "ten"}, {"cost": "1e3"}, {"cost": "nan"}, {"start": "01.02.2020"},
        {"dates": "YDM"}, {"symbols": ["A"]}, {"models": [["linear"]]}, {"symbols": "A " * 3000},
    ],
)  # fmt: skip
def test_what_no_study_can_have_is_refused_in_one_line(home, wrong):
    with pytest.raises(BeatNaiveError) as refused:
        words_of({"source": "sample", **wrong}, home)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 600


@pytest.mark.parametrize(("text", "value"), [("2,5", 2.5), ("2.5", 2.5), (" 7 ", 7.0), ("0,5", 0.5), ("-1", -1.0)])
def test_decimal_commas_and_points_are_the_same(text, value):
    assert number(text, "cost") == value


@pytest.mark.parametrize("text", ["1.000", "1,000", "12 000", "1.000.000,5", "½", "٣", "1_0", "--1", "0x10"])
def test_what_may_mean_two_things_or_nothing_is_not_guessed(text):
    with pytest.raises(InputError):
        number(text, "cost")


def test_a_whole_number_may_have_a_zero_behind_the_comma():
    assert whole("3,0", "seeds", 5) == 3


@pytest.mark.parametrize(
    "name", ["evil.py", "evil.pyc", "x.csv.so", "a.toml", "csv", "", "run.json", "x.html", "a.pth"]
)
def test_nothing_that_could_be_imported_is_taken_in(name):
    with pytest.raises(InputError):
        file_of(name)


@pytest.mark.parametrize(
    "name", ["../../a.csv", "..\\..\\a.csv", "/etc/a.csv", "C:\\a.csv", "a\0b.csv", ".hidden.csv", "-.csv"]
)
def test_a_file_keeps_no_more_of_its_name_than_a_name(name):
    kept = file_of(name)
    assert "/" not in kept
    assert "\\" not in kept
    assert kept.isprintable()
    assert kept[0].isalnum()


def test_the_form_offers_every_row_of_the_tables_with_its_line():
    offered = choices()
    models = [one.name for one in (*offered["models"], *offered["variance models"])]
    assert set(models) == {*MODELS, "combination"}
    assert {one.name for one in offered["features"]} == set(FEATURES)
    assert {one.name for one in offered["studies"]} == set(presets())
    assert all(len(one.line) > 20 for table in offered.values() for one in table)
