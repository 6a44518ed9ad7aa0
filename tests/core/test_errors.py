"""Errors: one line, the option to change, and both still there on the other side of a process."""

import pickle

import pytest

from beatnaive.cli import main
from beatnaive.core.errors import CannotWrite, InputError, UnknownName


@pytest.mark.parametrize(
    "error",
    [
        InputError("horizon=0", option="horizon"),
        CannotWrite("the disk is full", option="out"),
        UnknownName("y", "prize", ["price", "return"], option="y"),
        InputError("no option mends it"),
    ],
)
def test_an_error_crosses_processes_with_its_option(error):
    other = pickle.loads(pickle.dumps(error))
    assert (type(other), str(other), other.option) == (type(error), str(error), error.option)


def test_the_command_line_adds_its_flag(capsys):
    with pytest.raises(SystemExit) as left:
        main(["judge", "none.csv", "--y", "prize"])
    assert left.value.code == 2
    assert capsys.readouterr().err.endswith("Known: price, return, variance (--y)\n")


def test_a_command_without_that_flag_does_not_speak_of_it(capsys, tmp_path):
    (tmp_path / "f.csv").write_text("Date,Close\n01/02/2024,1\n02/02/2024,2\n")
    for words, end in ((["explore", "--source"], '"MDY" (--dates)\n'), (["score"], "\n")):
        with pytest.raises(SystemExit):
            main([*words, str(tmp_path / "f.csv")])
        said = capsys.readouterr().err
        assert said.endswith(end)
        assert said.count("--dates") == end.count("--dates")
