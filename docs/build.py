"""Build the documentation as offline HTML: python docs/build.py [OUT]   (default: docs/_build)

Pages are the Markdown files of this folder; the reference is made from the docstrings, the tables and the commands of
the code itself, so it cannot be out of date. Nothing is fetched.
"""

from __future__ import annotations

import ast
import html
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from jinja2 import Environment, FileSystemLoader
from markdown_it import MarkdownIt
from markdown_it.token import Token

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "src" / "beatnaive"
TABLES = {
    "SOURCES": "prices",
    "FEATURES": "features",
    "MODELS": "models",
    "TESTS": "judging.significance",
    "CHARTS": "report.charts",
}
FIRST = ("index", "tutorial", "how-to", "why", "explain")


@dataclass(frozen=True)
class Page:
    """path below the output folder, without suffix; Markdown text."""

    path: str
    text: str

    @property
    def title(self) -> str:
        """The first heading."""
        return re.sub(r"[`*]", "", self.text.lstrip().splitlines()[0].lstrip("# "))

    @property
    def label(self) -> str:
        """What the menu says."""
        return "Start" if self.path == "index" else self.title


def build(out: Path) -> list[Path]:
    """Write every page; returns the files."""
    pages = [*written(), *reference()]
    template = Environment(loader=FileSystemLoader(HERE), autoescape=True).get_template("page.html")
    files = []
    for page in pages:
        target = out / f"{page.path}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * page.path.count("/")
        body = render(page.text)
        menu = [(one.label, f"{up}{one.path}.html", one.path == page.path) for one in pages if in_menu(one)]
        target.write_text(template.render(title=page.title, body=body, menu=menu), encoding="utf-8")
        files.append(target)
    return files


def in_menu(page: Page) -> bool:
    """Modules are reached from the reference's index."""
    return "/" not in page.path or page.path in ("reference/index", "reference/commands", "reference/tables")


def written() -> list[Page]:
    """The Markdown files of this folder, the well-known ones first."""
    names = sorted((path.stem for path in HERE.glob("*.md")), key=lambda s: (FIRST.index(s) if s in FIRST else 99, s))
    return [Page(name, (HERE / f"{name}.md").read_text(encoding="utf-8")) for name in names]


def render(text: str) -> str:
    """Markdown to HTML, with an id on every heading and links to .md files turned to .html."""
    parser = MarkdownIt("commonmark").enable("table")
    tokens = parser.parse(text)
    for k, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slug(tokens[k + 1].content))
        for child in token.children or ():
            _relink(child)
    return str(parser.renderer.render(tokens, parser.options, {}))


def _relink(token: Token) -> None:
    target = str(token.attrGet("href") or "")
    if token.type == "link_open" and "://" not in target:
        token.attrSet("href", re.sub(r"\.md(?=#|$)", ".html", target))


def slug(text: str) -> str:
    """The anchor of a heading.

    >>> slug("How `judge` works")
    'how-judge-works'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def reference() -> list[Page]:
    """Commands, tables and one page per module."""
    modules = list(_modules())
    index = "# Reference\n\n- [Commands](commands.md)\n- [Tables](tables.md)\n\n## Modules\n\n"
    index += "".join(f"- [`{name}`]({name}.md): {_first(tree)}\n" for name, tree in modules)
    pages = [Page("reference/index", index), Page("reference/commands", commands()), Page("reference/tables", tables())]
    return pages + [Page(f"reference/{name}", module_text(name, tree)) for name, tree in modules]


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if ast.get_docstring(tree) and "._" not in name:
            yield name, tree


Documented = ast.Module | ast.ClassDef | ast.FunctionDef


def _first(node: Documented) -> str:
    """The first sentence, or paragraph, of a docstring."""
    return " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())


def module_text(name: str, tree: ast.Module) -> str:
    """A module's page: its docstring, then each public class and function with signature and docstring."""
    parts = [f"# {name}", docstring(tree)]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            parts += [f"## {node.name}", _code(signature(node)), docstring(node)]
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            parts += list(_class_text(node))
    return "\n\n".join(part for part in parts if part) + "\n"


def _class_text(node: ast.ClassDef) -> Iterator[str]:
    bases = ", ".join(ast.unparse(base) for base in node.bases)
    fields = [f"    {ast.unparse(one)}" for one in node.body if isinstance(one, ast.AnnAssign)]
    yield f"## {node.name}"
    yield _code("\n".join([f"class {node.name}" + (f"({bases})" if bases else ""), *fields]))
    yield docstring(node)
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and not one.name.startswith("_"):
            yield f"### {node.name}.{one.name}"
            yield _code(signature(one))
            yield docstring(one)


def signature(node: ast.FunctionDef) -> str:
    """name(arguments) -> result, as written but for self; long ones an argument per line."""
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    if any("property" in ast.unparse(one) for one in node.decorator_list):
        return f"{node.name}{returns}"
    arguments = re.sub(r"^(self|cls)(, |$)", "", ast.unparse(node.args))
    line = f"{node.name}({arguments}){returns}"
    if len(line) <= 96:
        return line
    return f"{node.name}(\n    " + re.sub(r", (?=\w+[:=]|\*)", ",\n    ", arguments) + f",\n){returns}"


def docstring(node: Documented) -> str:
    """A docstring as Markdown: indented blocks and examples are already what Markdown calls code."""
    blocks = re.split(r"\n\s*\n", ast.get_docstring(node) or "")
    return "\n\n".join(_block(block) for block in blocks if block.strip())


def _block(block: str) -> str:
    if block.lstrip().startswith(">>>"):
        return _code(block)
    if block.startswith("    "):
        return block
    return re.sub(r"([_*<\[])", r"\\\1", block) if "`" not in block else block.replace("<", "&lt;")


def _code(text: str) -> str:
    return f"```python\n{text}\n```"


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


def _row(name: str, reference: str) -> str:
    module, _, symbol = reference.partition(":")
    sentence = row_sentence(module, symbol).replace("|", "\\|")
    return f"[`{name}`]({module}.md#{slug(symbol)}) | {html.escape(sentence, quote=False)}"


def row_sentence(module: str, symbol: str) -> str:
    """The first sentence of a row's class or function, else of its module."""
    path = PACKAGE.parent / Path(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [n for n in tree.body if isinstance(n, (ast.ClassDef, ast.FunctionDef)) and n.name == symbol]
    return (_first(found[0]) if found else "") or _first(tree)


def commands() -> str:
    """Every command with its arguments and options, asked of the command line itself."""
    from beatnaive.cli import COMMANDS

    parts = ["# Commands", "Every command calls the Python API and prints; `beatnaive COMMAND --help` says the same."]
    for name in COMMANDS:
        parts += [part for words, command in subcommands(name) for part in _command(words, command)]
    return "\n\n".join(parts) + "\n"


def subcommands(name: str) -> Iterator[tuple[str, Any]]:
    """A command as the command line parses it, and after it the commands inside it, each with its words."""
    from beatnaive.cli import application

    group: Any = typer.main.get_command(application([name]))
    command = group.commands[name]
    yield name, command
    for inner, one in getattr(command, "commands", {}).items():
        yield f"{name} {inner}", one


def _command(words: str, command: Any) -> Iterator[str]:
    yield f"## {words}"
    yield html.escape(command.help or "", quote=False)
    rows = [
        f"| {', '.join(f'`{word}`' for word in (one.opts if one.param_type_name == 'option' else [one.name.upper()]))} "
        f"| {html.escape(getattr(one, 'help', None) or '', quote=False)} |"
        for one in command.params
        if one.name not in ("help", "install_completion", "show_completion")
    ]
    if rows:
        yield "| argument or option | meaning |\n|---|---|\n" + "\n".join(rows).replace("\\|", "|")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "_build"
    print(f"{len(build(target))} pages in {target}; start at {target / 'index.html'}")  # noqa: T201
