"""One run of a notebook in a fresh kernel, in a copy of its folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from beatnaive.core.documents import is_file, read_bytes
from beatnaive.core.errors import InputError, UserCodeFailed
from beatnaive.core.types import Floats

SKIPPED = re.compile(r"^(\s*)(!|%(?:pip|conda|matplotlib|config|load_ext|cd)\b|%%(?:time|timeit|capture)\b)")
NOT_PYTHON = re.compile(r"^\s*%%(?:bash|sh|script|html|javascript|writefile|markdown|latex|R)\b")
LARGEST = 512 * 2**20
"""Bytes of a notebook's folder that are copied."""
LARGEST_NOTEBOOK = 128 * 2**20
"""Bytes of a notebook: with its pictures, most have one or two million."""


@dataclass(frozen=True, eq=False)
class Ran:
    """values (m,) of the variable; dates of them, where it has any; sessions: the days of the prices it was served."""

    values: Floats
    dates: tuple[str, ...] | None
    sessions: tuple[str, ...]


def run(notebook: Path, predictions: str, settings: dict[str, Any], seconds: float) -> Ran:
    """Run it to its end and read the variable. Raises UserCodeFailed naming the cell that raised.

    settings: cut, future, epochs, flat, data: see `served.Server`.
    """
    import nbformat.v4
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    book, made = read(notebook), _untyped(nbformat.v4)
    with tempfile.TemporaryDirectory(prefix="beatnaive-") as place:
        folder = Path(place).resolve() / "notebook"
        _copy(notebook.parent, folder)
        report = Path(place) / "answer.json"
        sources = "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")
        mentions = [name for name in ("keras", "tensorflow", "torch") if re.search(rf"\b{name}\b", sources)]
        told = json.dumps({**settings, "folder": str(folder), "report": str(report)})
        first = (
            "import json as _json\nfrom beatnaive.checks.auditing.notebooks.served import install as _install\n"
            f"_served = _install(_json.loads({told!r}), {mentions!r})"
        )
        cells = [made.new_code_cell(first)]
        numbers = [0]
        for number, cell in enumerate(book.cells, start=1):
            if cell.cell_type == "code" and not NOT_PYTHON.match(cell.source):
                cells.append(made.new_code_cell(python_of(cell.source)))
                numbers.append(number)
        cells.append(made.new_code_cell(f"_served.answer({predictions!r}, globals())"))
        client = NotebookClient(
            made.new_notebook(cells=cells), timeout=max(int(seconds), 1), kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
        )  # fmt: skip
        environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
        try:
            client.execute(env=environment, stderr=subprocess.DEVNULL)
        except CellExecutionError as error:
            failed = next((k for k, cell in enumerate(client.nb.cells) if _raised(cell)), len(numbers))
            said = " ".join(re.sub(r"\x1b\[[0-9;]*m", "", str(error.evalue)).split())[:120]
            if failed >= len(numbers):
                raise InputError(f"{notebook.name}: {said}", option="predictions") from error
            raise UserCodeFailed(f"{notebook.name}, cell {numbers[failed]} raised {error.ename}: {said}") from error
        except CellTimeoutError as error:
            raise UserCodeFailed(
                f"{notebook.name} did not end within {seconds:.0f} seconds: train for fewer epochs, or allow it more",
                option="seconds",
            ) from error
        except DeadKernelError as error:
            raise UserCodeFailed(f"{notebook.name} ended its process, or crashed") from error
        answer = json.loads(report.read_text())
    dates = None if answer["dates"] is None else tuple(answer["dates"])
    return Ran(np.array(answer["values"], dtype=np.float64), dates, tuple(answer["sessions"]))


def read(notebook: Path) -> Any:
    """The notebook, brought to the newest format. Raises InputError for what is none, or where nbclient is missing."""
    try:
        import ipykernel  # noqa: F401 - it is looked for, and used in another process
        import nbclient  # noqa: F401
        import nbformat
    except ImportError as error:
        raise InputError('notebooks need nbclient and ipykernel: pip install "beatnaive[notebook]"') from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # cells of older notebooks have no ids
            book = _untyped(nbformat).reads(read_bytes(notebook, most=LARGEST_NOTEBOOK).decode(), as_version=4)
        if not all(isinstance(cell.source, str) and isinstance(cell.cell_type, str) for cell in book.cells):
            raise TypeError("cells without text")
        return book
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError, nbformat.ValidationError) as error:
        raise InputError(f"{notebook.name} is not a notebook") from error


def _untyped(module: Any) -> Any:
    """A library that ships no types."""
    return module


def python_of(source: str) -> str:
    r"""A cell without the lines that speak to the shell or to IPython.

    >>> print(python_of("!pip install x\ny = 1"))
    pass  # !pip install x
    y = 1
    """
    return "\n".join(
        SKIPPED.sub(r"\1pass  # \2", line) if SKIPPED.match(line) else line for line in source.splitlines()
    )


def _raised(cell: Any) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", ()))


def _copy(folder: Path, to: Path) -> None:
    """The notebook's folder, without what is hidden or is no data of its own: links to folders, pipes, devices."""
    size = sum(one.stat().st_size for one in folder.rglob("*") if is_file(one) and ".git" not in one.parts)
    if size > LARGEST:
        raise InputError(
            f"the notebook's folder {folder} holds {size / 2**20:.0f} MB, and is copied: put it into one of its own"
        )
    unwanted = shutil.ignore_patterns(".*", "__pycache__", "node_modules")

    def left_out(place: str, names: list[str]) -> set[str]:
        own = {name for name in names if is_file(Path(place, name))}
        own |= {name for name in names if Path(place, name).is_dir() and not Path(place, name).is_symlink()}
        return {*unwanted(place, names), *(set(names) - own)}

    shutil.copytree(folder, to, ignore=left_out, symlinks=False)
