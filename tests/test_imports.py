"""Looking costs nothing: help, listings and `import beatnaive` load none of the heavy libraries."""

import subprocess
import sys
from pathlib import Path

import pytest

import beatnaive
from beatnaive.cli import COMMANDS

HEAVY = (
    "pandas",
    "scipy",
    "sklearn",
    "jax",
    "keras",
    "statsforecast",
    "statsmodels",
    "arch",
    "altair",
    "pyarrow",
    "yfinance",
)


def loaded(code: str) -> set[str]:
    """The heavy libraries that a fresh interpreter has loaded after `code`."""
    show = f"\nimport sys; print(' '.join(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code + show], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def command(*words: str) -> str:
    return (
        f"from beatnaive.cli import main\ntry: main({list(words)!r})\nexcept SystemExit as stop: assert not stop.code"
    )


@pytest.mark.parametrize(
    "words",
    [("--help",), *(("list", what) for what in ("sources", "features", "models", "tests", "charts", "studies"))],
)
def test_help_and_listings_load_nothing_heavy(words):
    assert loaded(command(*words)) == set()


def test_importing_beatnaive_and_every_folder_loads_nothing_heavy():
    folders = [path.parent.name for path in Path(beatnaive.__file__).parent.glob("*/__init__.py")]
    names = ", ".join(f"beatnaive.{folder}" for folder in sorted(folders))
    assert loaded(f"import beatnaive, {names}, beatnaive.study.pipeline") == set()


def test_every_command_is_in_the_help(capsys):
    from beatnaive.cli import main

    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    assert all(name in text for name in COMMANDS)


@pytest.mark.parametrize("name", list(beatnaive.__all__))
def test_public_names_are_what_they_say(name):
    assert getattr(beatnaive, name) is not None
    assert name in dir(beatnaive)


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        beatnaive.nonsense  # noqa: B018
