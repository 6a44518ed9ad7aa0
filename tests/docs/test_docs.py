"""The documentation is true: code runs, links resolve, command lines parse, nothing public is missing."""

import doctest
import importlib.util
import re
import shlex
import sys
from html.parser import HTMLParser
from itertools import pairwise
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
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_build", DOCS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every page of the built documentation, by its path below the output folder."""
    out = tmp_path_factory.mktemp("docs")
    files = builder().build(out)
    return {str(path.relative_to(out)): path.read_text(encoding="utf-8") for path in files}


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


def test_the_reference_has_every_command_with_its_help(built: dict[str, str]) -> None:
    page = built["reference/commands.html"]
    make = builder()
    for name in COMMANDS:
        for words, command in make.subcommands(name):
            assert f'<h2 id="{make.slug(words)}">' in page
            assert (command.help or "").strip(), f"{words} has no help"
    assert '<h2 id="explain-guide">' in page
    assert "--units" in page


@pytest.mark.parametrize("table", ["SOURCES", "FEATURES", "MODELS", "TESTS", "CHARTS"])
def test_the_reference_has_every_row_of_every_table(table: str, built: dict[str, str]) -> None:
    make = builder()
    rows = resolve(f"beatnaive.{make.TABLES[table]}:{table}")
    for name, reference in rows.items():
        module, _, symbol = reference.partition(":")
        assert f"<code>{name}</code>" in built["reference/tables.html"]
        assert make.row_sentence(module, symbol), f"{table} row {name} has no docstring"


def test_the_reference_has_every_public_name(built: dict[str, str]) -> None:
    anchor = builder().slug
    for name in set(beatnaive.__all__) - {"checks"}:
        where = [page for page, text in built.items() if f'<h2 id="{anchor(name)}">' in text and "reference/b" in page]
        assert where, f"{name} is on no page of the reference"
        assert (getattr(beatnaive, name).__doc__ or "").strip(), f"{name} has no docstring"
    assert "reference/beatnaive.checks.html" in built


class Links(HTMLParser):
    """Targets, ids and headings of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.ids: set[str] = set()
        self.levels: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "a":
            self.targets.append(found["href"] or "")
        if found.get("id"):
            self.ids.add(str(found["id"]))
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))


def test_every_link_resolves(built: dict[str, str]) -> None:
    pages = {name: Links(text) for name, text in built.items()}
    for name, page in pages.items():
        for target in page.targets:
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            goal = str((Path("/") / Path(name).parent / path).resolve().relative_to("/")) if path else name
            assert goal in pages, f"{name} links to {target}"
            assert not anchor or anchor in pages[goal].ids, f"{name} links to {target}: no such heading"


def test_pages_have_one_title_and_no_skipped_heading(built: dict[str, str]) -> None:
    for name, text in built.items():
        levels = Links(text).levels
        assert levels.count(1) == 1, name
        assert all(after - before <= 1 for before, after in pairwise(levels)), name


def test_pages_ask_nothing_of_a_network(built: dict[str, str]) -> None:
    for name, text in built.items():
        assert not re.search(r'(?:src|href)="(?:https?:)?//[^"]+\.(?:js|css|woff2?|png|svg)"', text), name
        assert "<script" not in text, name
