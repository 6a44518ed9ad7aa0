"""The reference: commands, tables and objects, written by asking the code itself, so that it cannot be out of date."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import typer

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "beatnaive"
TABLES = {
    "SOURCES": "prices",
    "FEATURES": "features",
    "MODELS": "models",
    "TESTS": "judging.significance",
    "CHARTS": "report.charts",
}


def write(folder: Path) -> list[Path]:
    """Write the pages of the reference into a folder: an index, commands, tables, and a page per room of the code."""
    folder.mkdir(exist_ok=True)
    pages = {"commands": commands(), "tables": tables(), "python": public()} | {
        room: "\n\n".join(objects(room)) for room in rooms()
    }
    names = "\n".join(pages)
    pages["index"] = (
        "# Reference\n\nMade from the code: what each command takes, what a study may name, and every public object "
        f"with its source.\n\n```{{toctree}}\n:maxdepth: 1\n\n{names}\n```\n"
    )
    paths = []
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:  # what is unchanged is not built again
            path.write_text(text, encoding="utf-8")
        paths.append(path)
    for stale in set(folder.glob("*.md")) - set(paths):
        stale.unlink()
    return paths


def rooms() -> list[str]:
    """The folders of the code, lowest first, as docs/architecture.md has them."""
    page = (PACKAGE.parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    return [name for name in named if (PACKAGE / name).is_dir()]


def commands() -> str:
    """Every command with its arguments and options, asked of the command line itself."""
    from beatnaive.cli import COMMANDS

    parts = ["# Commands", "Every command calls the Python API and prints; `beatnaive COMMAND --help` says the same."]
    for name in COMMANDS:
        for words, command in subcommands(name):
            parts += [f"## {words}", command.help or ""]
            rows = [
                f"| {_names(one)} | {_cell(getattr(one, 'help', None) or '')} |"
                for one in command.params
                if one.name not in ("help", "install_completion", "show_completion")
            ]
            if rows:
                parts.append("| argument or option | meaning |\n|---|---|\n" + "\n".join(rows))
    return "\n\n".join(parts) + "\n"


def subcommands(name: str) -> Iterator[tuple[str, Any]]:
    """A command as the command line parses it, and after it the commands inside it, each with its words."""
    from beatnaive.cli import application

    group: Any = typer.main.get_command(application([name]))
    command = group.commands[name]
    yield name, command
    for inner, one in getattr(command, "commands", {}).items():
        yield f"{name} {inner}", one


def _names(one: Any) -> str:
    words = one.opts if one.param_type_name == "option" else [one.name.upper()]
    return ", ".join(f"`{word}`" for word in words)


def _cell(text: str) -> str:
    """Text in a cell of a Markdown table.

    >>> _cell("a|b <c>")
    'a\\\\|b \\\\<c>'
    """
    return " ".join(text.split()).replace("|", r"\|").replace("<", r"\<")


def tables() -> str:
    """Every row of the five tables, with the first sentence of what it names."""
    from beatnaive.core.registry import resolve

    parts = [
        "# Tables",
        "What a study may name. A row is a name and an import string; your own `module:Name` works too.",
    ]
    for table, stage in TABLES.items():
        rows = resolve(f"beatnaive.{stage}:{table}")
        parts.append(f"## {table}\n\n| name | what it is |\n|---|---|")
        parts[-1] += "".join(f"\n| {_row(name, row)} |" for name, row in rows.items())
    return "\n\n".join(parts) + "\n"


def _row(name: str, row: str) -> str:
    module, _, symbol = row.partition(":")
    node = _named(module, symbol)
    described = node is not None and not symbol.startswith("_") and bool(ast.get_docstring(node))
    return f"{link(name, module, symbol if described else '')} | {_cell(row_sentence(module, symbol))}"


def link(name: str, module: str, symbol: str) -> str:
    """A link to an object's description, or to its module's.

    >>> link("lstm", "beatnaive.models.lstm", "LSTM")
    '{py:obj}`lstm <beatnaive.models.lstm.LSTM>`'
    """
    return f"{{py:obj}}`{name} <{module}.{symbol}>`" if symbol else f"{{py:mod}}`{name} <{module}>`"


@cache
def _tree(module: str) -> ast.Module:
    path = PACKAGE.parent / Path(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))


def _named(module: str, symbol: str) -> ast.ClassDef | ast.FunctionDef | None:
    found = (n for n in _tree(module).body if isinstance(n, ast.ClassDef | ast.FunctionDef) and n.name == symbol)
    return next(found, None)


def row_sentence(module: str, symbol: str) -> str:
    """The first sentence of a row's class or function, else of its module."""
    node = _named(module, symbol)
    return (_first(node) if node is not None else "") or _first(_tree(module))


def _first(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> str:
    return " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())


def public() -> str:
    """The names that `import beatnaive as bn` gives, each with a link to where it is described."""
    import beatnaive

    parts = [
        "# Python",
        "What `import beatnaive as bn` gives. Each name leads to its description, and that to its source.",
    ]
    rows = []
    for name in sorted(beatnaive.__all__):
        one = getattr(beatnaive, name)
        where = (one.__name__, "") if isinstance(one, ModuleType) else (one.__module__, one.__name__)
        sentence = " ".join((one.__doc__ or "").split("\n\n")[0].split())
        rows.append(f"| {link(f'bn.{name}', *where)} | {_cell(sentence)} |")
    parts.append("| name | what it is |\n|---|---|\n" + "\n".join(rows))
    return "\n\n".join(parts) + "\n"


def objects(room: str) -> Iterator[str]:
    """A room's page: its modules, each with its public functions and classes."""
    yield f"# {room}"
    for path in sorted((PACKAGE / room).rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        module = ".".join(part for part in parts if part != "__init__")
        if any(part.startswith("_") and part != "__init__" for part in parts):
            continue
        if ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))):
            yield f"## {module.removeprefix('beatnaive.')}\n\n```{{eval-rst}}\n.. automodule:: {module}\n```"
    yield ""


def to_rst(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """A docstring as reStructuredText: words in backticks are code, indented blocks and examples stand as written."""
    blocks = re.split(r"\n\s*\n", "\n".join(lines).strip("\n"))
    lines[:] = [*"\n\n".join(_block(block) for block in blocks if block.strip()).split("\n"), ""]


def _block(block: str) -> str:
    if block.lstrip().startswith(">>>"):
        return block
    if block.startswith("    "):
        lines = (line if line.startswith("    ") else f"    {line}" for line in block.splitlines())
        return "::\n\n" + "\n".join(lines)
    words = re.split(r"(`[^`]+`)", block)
    for k, one in enumerate(words):
        if k % 2:  # code
            # an escaped space is none: a letter may follow, as in `label`s
            words[k] = f"`{one}`" + ("\\ " if words[k + 1][:1].isalnum() else "")
        else:
            words[k] = re.sub(r"([\\*_|`])", r"\\\1", one)
    text = "".join(words)
    return text if text.startswith("- ") else " ".join(text.split())
