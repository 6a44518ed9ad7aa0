"""Tables: our own rows, users' import strings, and the nearest name for a wrong one."""

import sys

import pytest

from beatnaive.core import trust
from beatnaive.core.errors import InputError, NotTrusted, UnknownName
from beatnaive.core.registry import foreign, pick, resolve
from beatnaive.core.types import CLOSE

TABLE = {"close": "beatnaive.core.types:CLOSE"}


def test_a_row_is_resolved():
    assert resolve(TABLE["close"]) == pick(TABLE, "column", "close") == CLOSE


def test_a_row_of_anybody_else_is_refused():
    with pytest.raises(ValueError, match="not one of our own rows"):
        resolve("math:sqrt")


def test_a_wrong_name_offers_the_nearest():
    with pytest.raises(UnknownName, match="unknown column 'clsoe': did you mean 'close'"):
        pick(TABLE, "column", "clsoe")


def test_a_users_file_is_imported_when_it_is_allowed_and_not_before(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    file = tmp_path / "seen_by_registry.py"
    file.write_text("import sys\nsys.seen_by_registry = True\nANSWER = 42\n")
    monkeypatch.setattr(sys, "seen_by_registry", False, raising=False)
    with pytest.raises(NotTrusted, match="code that nobody allowed"):
        pick(TABLE, "column", f"{file}:ANSWER")
    assert not sys.seen_by_registry
    trust.allow(f"{file}:ANSWER", f"{file}:ANSWR")
    assert pick(TABLE, "column", f"{file}:ANSWER") == 42
    with pytest.raises(UnknownName, match="did you mean 'ANSWER'"):
        foreign(f"{file}:ANSWR")


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("nothing", "is not an import string"),
        ("no_such_module_here:f", "no module 'no_such_module_here'"),
        ("none.py:f", "no such file"),
        ("a-b:f", "is not the name of a module"),
    ],
)
def test_what_cannot_be_imported_is_one_line(reference, said):
    trust.allow(reference)
    with pytest.raises(InputError, match=said):
        foreign(reference)
