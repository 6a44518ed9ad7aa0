"""What `make run` installs is what was reviewed: every file by its hash, the build's own included."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _locked(name: str) -> dict[str, int]:
    """Requirement -> number of hashes; anything else in the file would be a requirement that pip does not check."""
    found: dict[str, int] = {}
    requirement = ""
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if pinned := re.fullmatch(r"([a-z0-9][a-z0-9.-]*==[\w.]+)( ; [^\\]+)? \\", line):
            requirement = f"{pinned[1]}{pinned[2] or ''}"
            found[requirement] = 0
        elif re.fullmatch(r" {4}--hash=sha256:[0-9a-f]{64}( \\)?", line):
            found[requirement] += 1
        else:
            raise AssertionError(f"{name}: neither a pin nor a hash: {line!r}")
    return found


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_requirement_carries_hashes(name: str) -> None:
    locked = _locked(name)
    assert len(locked) > 80
    assert all(locked.values()), [one for one, hashes in locked.items() if not hashes]


def test_locks_hold_what_the_project_declares() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    included = {one["include-group"] for one in groups["dev"] if isinstance(one, dict)}
    dev = [one for one in groups["dev"] if isinstance(one, str)] + [one for name in included for one in groups[name]]
    wanted = {
        "requirements.lock": project["project"]["dependencies"] + groups["build"] + project["build-system"]["requires"],
        "requirements-dev.lock": project["project"]["dependencies"] + dev,
    }
    for name, requirements in wanted.items():
        pinned = {one.partition("==")[0] for one in _locked(name)}
        assert {re.split(r"[<>=; \[]", one.lower())[0] for one in requirements} <= pinned


def test_make_installs_nothing_without_a_hash() -> None:
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    installs = [line for line in lines if "pip --python" in line]
    assert len(installs) == 3
    for line in installs:
        assert "--require-hashes -r requirements" in line or "--no-deps --no-build-isolation -e ." in line
