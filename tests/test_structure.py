"""The house: docs/architecture.md says which folders there are and who may import whom; the code is held to it."""

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import beatnaive

ROOT = Path(beatnaive.__file__).parent
PAGE = Path(__file__).parents[1] / "docs" / "architecture.md"
FLAG = re.compile(r"(?<![\w-])--[a-z]+")
AT_THE_DOOR = {"", "errors", "types"}
"""What lies beside the folders: the public names, and two old addresses."""


def table() -> dict[str, tuple[str, set[str]]]:
    """Per folder, lowest first: its sentence, and the folders that it may import."""
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| ?(.*?) ?\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    folders = [folder for folder, _, _ in rows]
    return {
        folder: (sentence, set(folders) if may == "all" else {one for one in re.split(r",\s*", may) if one})
        for folder, sentence, may in rows
    }


def modules(root: Path) -> dict[str, Path]:
    """Every module by its dotted name below the package; a folder's `__init__` by the folder's."""
    return {
        ".".join(part for part in path.relative_to(root).with_suffix("").parts if part != "__init__"): path
        for path in sorted(root.rglob("*.py"))
    }


def imports(path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """The package's own modules that a module imports, at any level, inside functions and under TYPE_CHECKING."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield "." * node.level + (node.module or "")  # in no row of the table: a relative import is a fault
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "beatnaive":
            base = (node.module or "").partition(".")[2]
            for alias in node.names:
                inner = f"{base}.{alias.name}".lstrip(".")
                yield inner if inner in known else base
        elif isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[2] for alias in node.names if alias.name.split(".")[0] == "beatnaive")


def faults(root: Path) -> list[str]:
    """What breaks the rules of the house, a line each."""
    rooms, known = table(), modules(root)
    found = [
        f"{name}: in no folder of the table" for name in known if name.split(".")[0] not in rooms.keys() | AT_THE_DOOR
    ]
    arrows: dict[str, set[str]] = {}
    for name, path in known.items():
        folder = name.split(".")[0]
        if folder not in rooms:
            continue
        arrows[name] = {other for other in imports(path, known) if other != name}
        _, may = rooms[folder]
        found += [
            f"{name} imports {other or 'the package itself'}: {folder} may not"
            for other in sorted(arrows[name])
            if other.split(".")[0] not in may | {folder}
        ]
    try:
        TopologicalSorter({name: sorted(others) for name, others in arrows.items()}).prepare()
    except CycleError as error:
        found.append(f"circle: {' -> '.join(error.args[1])}")
    return found


def test_a_module_imports_only_what_its_row_allows_and_no_circle_is_closed():
    assert faults(ROOT) == []


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"loose.py": ""}, "loose: in no folder of the table"),
        ({"attic/__init__.py": ""}, "attic: in no folder of the table"),
        ({"core/a.py": "from beatnaive.cli import main"}, "core.a imports cli: core may not"),
        (
            {"judging/a.py": "if TYPE_CHECKING:\n    from beatnaive.models.base import Recipe"},
            "judging.a imports models.base: judging may not",
        ),
        ({"core/a.py": "def f():\n    import beatnaive.cli.run"}, "core.a imports cli.run: core may not"),
        ({"core/a.py": "from ..cli import main"}, "core.a imports ..cli: core may not"),
        ({"core/a.py": "from beatnaive import run"}, "core.a imports the package itself: core may not"),
        (
            {"core/a.py": "from beatnaive.core import b", "core/b.py": "def f():\n    from beatnaive.core.a import x"},
            "circle: core.a -> core.b -> core.a",
        ),
    ],
)
def test_what_breaks_the_rules_is_named(tmp_path, files, fault):
    for name in (
        "__init__.py",
        "core/__init__.py",
        "cli/__init__.py",
        "cli/run.py",
        "models/base.py",
        "judging/__init__.py",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert faults(tmp_path) == [fault]


def test_every_folder_says_in_one_sentence_what_lives_there():
    for folder, (sentence, _) in table().items():
        if (ROOT / folder).is_dir():
            said = ast.get_docstring(ast.parse((ROOT / folder / "__init__.py").read_text(encoding="utf-8"))) or ""
            assert said.splitlines()[0] == sentence, f"{folder}/__init__.py"


def named_on_the_page() -> list[tuple[str, str]]:
    """(file, function) of every line of the page's two trips."""
    trips = re.findall(r"```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [(file, name) for trip in trips for file, name in re.findall(r"^(\S+\.py) +(\S+)$", trip, re.MULTILINE)]


@pytest.mark.parametrize(("file", "name"), named_on_the_page())
def test_every_stop_of_the_two_trips_is_there(file, name):
    tree: ast.AST = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    for part in name.split("."):
        tree = next(
            node
            for node in getattr(tree, "body", [])
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == part
        )


def test_what_has_more_than_six_parts_is_built_by_keyword():
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in modules(ROOT).values()}
    nodes = [(path, node) for path, tree in trees.items() for node in ast.walk(tree)]
    records = {
        node.name
        for _, node in nodes
        if isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(one) for one in node.decorator_list)
    }
    assert len(records) > 50
    for path, node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in records:
            assert len(node.args) <= 6, f"{path}:{node.lineno} builds {node.func.id} of {len(node.args)} parts in a row"


def test_only_the_command_line_speaks_of_flags():
    found = []
    for name, path in modules(ROOT).items():
        # one is a part of pytest's command line, the other types our own commands
        if name.split(".")[0] != "cli" and name not in ("checks.pytest_plugin", "app.commands"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    text = re.sub(r"beatnaive [a-z]+ --[a-z]+", "", node.value)  # a whole command is one to type
                    flags = [flag for flag in FLAG.findall(text) if not flag.startswith("--xla")]
                    found += [f"{name}, line {node.lineno}: {flag}" for flag in flags]
    assert found == []


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("take --loss squared (--y)", ["--loss", "--y"]),
        ("--out must end in .csv", ["--out"]),
        ("a well--known dash -- alone", []),
    ],
)
def test_what_a_flag_is(text, flags):
    assert FLAG.findall(text) == flags


def test_only_the_command_line_prints():
    for name, path in modules(ROOT).items():
        if name.split(".")[0] != "cli":
            calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
            printed = [node.lineno for node in calls if isinstance(node.func, ast.Name) and node.func.id == "print"]
            assert not printed, f"{path} prints in line {printed}"
