"""The documentation is true: code runs, links resolve, command lines parse, nothing public is missing."""

import ast
import doctest
import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import beatnaive
from beatnaive.cli import COMMANDS, application, main
from beatnaive.core.registry import resolve

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
LINKED = [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def reference_pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_pages", DOCS / "reference_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(page: Path) -> list[tuple[str, str, str]]:
    return [match.groups() for match in BLOCK.finditer(page.read_text(encoding="utf-8"))]


def command_lines() -> list[str]:
    lines = []
    for page in [*PAGES, ROOT / "README.md"]:
        for kind, _, text in blocks(page):
            if kind in ("console", "sh", "bash", "shell"):
                found = (line.removeprefix("$ ").strip() for line in text.splitlines())
                lines += [line for line in found if line.startswith("beatnaive ")]
    return sorted(set(lines))


def run_doctest(text: str, name: str, names: dict[str, Any]) -> None:
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    test = doctest.DocTestParser().get_doctest(text, names, name, name, 0)
    runner = doctest.DocTestRunner(optionflags=flags)
    runner.run(test, clear_globs=False)
    names.update(test.globs)
    assert runner.failures == 0, f"{name}: see the output above"


def run_command(line: str) -> None:
    with pytest.raises(SystemExit) as done:
        main(shlex.split(line)[1:])
    assert done.value.code == 0, line


@pytest.mark.slow
def test_the_tutorial_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for number, (kind, extra, text) in enumerate(blocks(DOCS / "tutorial.md")):
        if "file=" in extra:
            Path(extra.split("file=")[1].strip()).write_text(text, encoding="utf-8")
        elif kind == "python":
            run_doctest(text, f"tutorial.md, block {number}", names)
        elif kind == "console":
            for line in text.splitlines():
                run_command(line.removeprefix("$ "))
    for made in ("runs/first/report.html", "runs/mine/report.html", "cell.html", "guide.html"):
        assert Path(made).is_file()


@pytest.mark.parametrize("page", [page for page in PAGES if page.stem != "tutorial"], ids=lambda page: page.stem)
def test_python_on_the_other_pages_runs(page: Path) -> None:
    names: dict[str, Any] = {}
    for number, (kind, _, text) in enumerate(blocks(page)):
        if kind == "python" and ">>>" in text:
            run_doctest(text, f"{page.name}, block {number}", names)


@pytest.mark.parametrize("line", command_lines())
def test_every_documented_command_line_parses(line: str) -> None:
    import typer

    words = shlex.split(line, comments=True)[1:]
    if words[0].startswith("-"):
        return
    assert words[0] in COMMANDS, f"{line}: no such command"
    group: Any = typer.main.get_command(application(words))
    context = group.make_context("beatnaive", list(words))
    while hasattr(group, "commands"):  # the program, and a group such as `explain`, hold commands of their own
        name, group, words = group.resolve_command(context, words)
        context = group.make_context(name, list(words), parent=context)


def test_every_command_is_shown_in_the_handwritten_pages() -> None:
    shown = {line.split()[1] for line in command_lines()}
    assert set(COMMANDS) - shown == set()


@pytest.mark.parametrize("name", sorted(beatnaive.__all__))
def test_every_public_name_is_in_the_how_to(name: str) -> None:
    assert f"bn.{name}" in (DOCS / "how-to.md").read_text(encoding="utf-8")


def test_every_link_between_the_pages_resolves() -> None:
    """Links of the Markdown files themselves, as GitHub shows them; what is built is tested below."""
    headings = {page: {slug(line) for line in _headings(page)} for page in LINKED}
    for page in LINKED:
        text = BLOCK.sub("", page.read_text(encoding="utf-8"))
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, anchor = target.partition("#")
            if re.match(r"[a-z]+:", target) or path.startswith("reference/"):
                continue  # the reference is written when the pages are built
            goal = (page.parent / path).resolve() if path else page
            assert goal.exists(), f"{page.name} links to {target}"
            assert not anchor or anchor in headings[goal], f"{page.name} links to {target}: no such heading"


def _headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)


def slug(heading: str) -> str:
    """The anchor that GitHub and MyST give a heading."""
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def test_the_reference_has_every_command_with_its_help() -> None:
    pages = reference_pages()
    text = pages.commands()
    for name in COMMANDS:
        for words, command in pages.subcommands(name):
            assert f"\n## {words}\n" in text
            assert (command.help or "").strip(), f"{words} has no help"
    assert "\n## explain guide\n" in text
    assert "`--units`" in text


@pytest.mark.parametrize("table", ["SOURCES", "FEATURES", "MODELS", "TESTS", "CHARTS"])
def test_the_reference_has_every_row_of_every_table(table: str) -> None:
    pages = reference_pages()
    for name, row in resolve(f"beatnaive.{pages.TABLES[table]}:{table}").items():
        assert f"`{name} <beatnaive." in pages.tables()
        assert pages.row_sentence(*row.split(":")), f"{table} row {name} has no docstring"


def test_every_public_name_has_a_docstring() -> None:
    for name in beatnaive.__all__:
        assert (getattr(beatnaive, name).__doc__ or "").strip(), name
        assert f"`bn.{name} <beatnaive." in reference_pages().public()


def test_docstrings_become_what_sphinx_reads() -> None:
    lines = ["One `word`s and h_t * 2.", "", "    a *= b", "", ">>> f(1)", "2"]
    reference_pages().to_rst(None, "function", "f", None, None, lines)
    assert lines == ["One ``word``\\ s and h\\_t \\* 2.", "", "::", "", "    a *= b", "", ">>> f(1)", "2", ""]


def test_contributing_lists_the_tests_that_need_data() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    listed = {path: int(n) for n, path in re.findall(r"^\| (\d+) \| `(tests/[\w/]+\.py)` \|", table, re.MULTILINE)}
    needing = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
        wanted, before = {"shared_data"}, set[str]()
        while wanted != before:  # fixtures of the data, and fixtures of these
            before = set(wanted)
            wanted |= {one.name for one in functions if not one.name.startswith("test_") and _asks(one, before)}
        if count := sum(one.name.startswith("test_") and _asks(one, wanted) for one in functions):
            needing[str(path.relative_to(ROOT))] = count
    assert listed == needing


def _asks(function: ast.FunctionDef, names: set[str]) -> bool:
    return bool(names & {one.arg for one in function.args.args})
