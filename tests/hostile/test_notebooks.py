"""Notebooks that are none, or too much; folders of notebooks that lead elsewhere."""

import json
import os

import pytest
from commands import one_line

pytest.importorskip("nbclient")

CONTENTS = {
    "nested": b'{"cells": ' + b"[" * 5000 + b"]" * 5000 + b', "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "nested metadata": b'{"cells": [], "metadata": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000
    + b', "nbformat": 4, "nbformat_minor": 5}',
    "cut": b'{"cells": [', "empty": b"", "binary": bytes(range(256)), "null": b"null", "a list": b"[]",
    "a number": b"3", "another format": b'{"nbformat": 99, "nbformat_minor": 0, "cells": [], "metadata": {}}',
    "an old format": b'{"nbformat": -1}',
    "text for cells": b'{"cells": "x", "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "numbers for cells": b'{"cells": [1, 2], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "no source": b'{"cells": [{"cell_type": "code"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "a number as source": b'{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, '
    b'"source": 5}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
}  # fmt: skip


@pytest.mark.parametrize("name", CONTENTS)
def test_what_is_not_a_notebook_is_one_line(command, tmp_path, name):
    (tmp_path / "n.ipynb").write_bytes(CONTENTS[name])
    one_line(command("audit", "n.ipynb", "--predictions", "p"))


def test_a_notebook_of_three_hundred_megabytes_is_refused_before_it_is_read(command, tmp_path):
    with (tmp_path / "n.ipynb").open("wb") as file:
        file.write(b'{"cells": [')
        file.truncate(300 << 20)
    assert "314,572,800 bytes" in one_line(command("audit", "n.ipynb", "--predictions", "p"))


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_a_notebook_that_is_not_a_file_is_not_waited_for(command, tmp_path, kind):
    path = tmp_path / "n.ipynb"
    {"pipe": os.mkfifo, "folder": os.mkdir}.get(kind, lambda p: p.symlink_to("/dev/zero"))(path)
    one_line(command("audit", "n.ipynb", "--predictions", "p"))


def test_what_leads_out_of_a_notebooks_folder_is_not_copied(tmp_path):
    from beatnaive.checks.auditing.notebooks.run import _copy

    folder, outside = tmp_path / "mine", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "secret").write_text("x")
    (folder / "prices.csv").write_text("a\n")
    (folder / "n.ipynb").write_text(json.dumps({}))
    (folder / "own").mkdir()
    (folder / "own" / "more.csv").write_text("b\n")
    (folder / "again.csv").symlink_to("prices.csv")
    os.mkfifo(folder / "pipe")
    for name, target in (
        ("zero", "/dev/zero"),
        ("loop", "loop"),
        ("self", "."),
        ("up", ".."),
        ("out", outside),
        ("gone", "x"),
    ):
        (folder / name).symlink_to(target)
    _copy(folder, tmp_path / "copy")
    found = {str(path.relative_to(tmp_path / "copy")) for path in (tmp_path / "copy").rglob("*")}
    assert found == {"prices.csv", "n.ipynb", "own", "own/more.csv", "again.csv"}
