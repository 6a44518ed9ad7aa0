"""The folder tree teaches the subject: no stage imports another; a few modules, named here, join them."""

import ast
from pathlib import Path

import pytest

import beatnaive

ROOT = Path(beatnaive.__file__).parent
STAGES = {
    "prices", "quality", "features", "samples", "splits", "models", "walk", "intervals", "losses", "metrics",
    "significance", "verdict", "diagnose", "explore", "explain", "figures", "report",
}  # fmt: skip
ALLOWED = {
    ("walk", "models"),  # the walk fits models on folds, and hands earlier trials on
    ("walk", "splits"),
    ("walk", "significance"),
    ("losses", "splits"),  # both leave the warm-up fold out
    ("metrics", "splits"),
    ("verdict", "significance"),  # the ruling reads the evidence
    ("report", "figures"),  # pages show charts
    ("explain", "figures"),
}


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py"))


def stage_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """The parts of beatnaive that a module imports, at any level but under TYPE_CHECKING."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("beatnaive"):
            parts = (node.module or "").split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_stage_imports_another(path):
    stage = stage_of(path)
    if stage in STAGES:
        others = {other for other in imports(path) & STAGES if other != stage and (stage, other) not in ALLOWED}
        assert not others, f"{path.name} of {stage} imports {others}: join them in study, or move what both need"


def test_only_the_command_line_prints():
    for path in modules():
        if stage_of(path) != "cli":
            calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
            printed = [node.lineno for node in calls if isinstance(node.func, ast.Name) and node.func.id == "print"]
            assert not printed, f"{path} prints in line {printed}"
